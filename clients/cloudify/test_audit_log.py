"""The audit log: who changed what, listed, shortened, brought in, and live."""

import asyncio
import datetime
import json

from cloudify_rest_client.exceptions import ForbiddenError

from support import THEIR_PASSWORD, ClientTest, connect, unique

# What a test waits for in vain after this has gone wrong.
PATIENCE = 60


def entry(creator, at="2020-02-03T04:05:06.789"):
    return {
        "ref_table": "sites",
        "ref_id": 7,
        "ref_identifier": {"id": "old", "tenant_name": "default_tenant"},
        "operation": "create",
        "creator_name": creator,
        "execution_id": None,
        "created_at": at,
    }


class AuditLog(ClientTest):
    def setUp(self):
        self.log = self.admin.auditlog

    def author(self):
        """A user whose changes stand alone in the log, and their client."""
        tenant = self.tenant()
        name = self.user(**{tenant: "user"})
        return name, connect(name, THEIR_PASSWORD, tenant)

    def inject(self, *entries):
        # The client hands what it is given on as it is.
        self.log.inject(json.dumps(entries))

    def test_every_change_has_an_entry(self):
        name, theirs = self.author()
        theirs.sites.create("here")
        theirs.sites.update("here", location="1,2")
        theirs.sites.delete("here")
        theirs.sites.list()
        listed = self.log.list(creator_name=name)
        self.assertEqual([found.operation for found in listed], ["create", "update", "delete"])
        self.assertEqual({found.ref_table for found in listed}, {"sites"})
        self.assertEqual(len({found.ref_id for found in listed}), 1)
        self.assertEqual({found.creator_name for found in listed}, {name})
        self.assertEqual({found.execution_id for found in listed}, {None})
        identifier = listed[0].ref_identifier
        self.assertEqual((identifier["name"], identifier["tenant_name"]), ("here", theirs._client.tenant_name))
        self.assertRegex(listed[0].created_at, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$")
        self.assertEqual(listed.metadata.pagination.total, 3)

    def test_no_secret_is_in_the_log(self):
        name, theirs = self.author()
        theirs.secrets.create("token", "first unseen value")
        theirs.secrets.update("token", "second unseen value")
        theirs.users.set_password(name, "a third unseen value")
        self.admin.secrets.list()
        listed = self.log.list(creator_name=name)
        self.assertEqual({found.ref_table for found in listed}, {"secrets", "users"})
        self.assertNotIn("unseen", str(listed.items))

    def test_the_log_is_sorted_and_cut(self):
        name, theirs = self.author()
        for site in ["a", "b", "c"]:
            theirs.sites.create(site)

        def sites(**query):
            return [found.ref_identifier["name"] for found in self.log.list(creator_name=name, **query)]

        self.assertEqual(sites(), ["a", "b", "c"])
        self.assertEqual(sites(order_by="created_at", desc=True), ["c", "b", "a"])
        self.assertEqual(sites(size=1, offset=1), ["b"])
        self.assertEqual(sites(get_all=True, size=1), ["a", "b", "c"])
        middle = self.log.list(creator_name=name)[1].created_at
        later = datetime.datetime.utcnow() + datetime.timedelta(hours=1)
        self.assertIn("c", sites(since=middle))
        self.assertEqual(sites(since=later), [])
        self.assertEqual(sites(before=later), ["a", "b", "c"])
        self.assertEqual(sites(execution_id="none"), [])
        for wrong in [{"since": middle, "before": later}, {"order_by": "nothing"}, {"size": -1}, {"since": "then"}]:
            with self.subTest(wrong), self.assertRaises(Exception) as caught:
                self.log.list(**wrong)
            self.assertIn(caught.exception.status_code, (400, 422))

    def test_entries_are_brought_in_and_removed(self):
        creator = unique("past")
        self.inject(entry(creator), entry(creator, "2021-02-03T04:05:06.789"), entry(unique("other")))
        listed = self.log.list(creator_name=creator)
        self.assertEqual([found.created_at for found in listed], ["2020-02-03T04:05:06.789", "2021-02-03T04:05:06.789"])
        self.assertEqual(listed[0].ref_identifier, {"id": "old", "tenant_name": "default_tenant"})
        self.assertEqual(self.log.delete(before="2020-06-01 00:00", creator_name=creator).deleted, 1)
        self.assertEqual([found.created_at[:4] for found in self.log.list(creator_name=creator)], ["2021"])
        self.assertEqual(self.log.delete(before=datetime.datetime.utcnow(), creator_name=creator).deleted, 1)
        self.assertEqual(len(self.log.list(creator_name=creator)), 0)
        with self.assertRaises(Exception) as caught:
            self.log.delete(creator_name=creator)
        self.assertEqual(caught.exception.status_code, 422)
        with self.assertRaises(Exception) as caught:
            self.inject(entry(creator), {"operation": "create"})
        self.assertIn(caught.exception.status_code, (400, 422))
        self.assertEqual(len(self.log.list(creator_name=creator)), 0)

    def test_the_log_is_for_those_who_may_see_it(self):
        _, theirs = self.author()
        for ask in [
            lambda: theirs.auditlog.list(),
            lambda: theirs.auditlog.delete(before="2020-01-01 00:00"),
            lambda: theirs.auditlog.inject(json.dumps([entry("admin")])),
        ]:
            with self.assertRaises(ForbiddenError):
                ask()

    def test_entries_are_told_as_they_come(self):
        name, theirs = self.author()
        theirs.sites.create("before")
        heard = asyncio.run(self.listen(name, theirs))
        self.assertEqual([found["ref_identifier"]["name"] for found in heard], ["here", "there"])
        self.assertEqual({found["creator_name"] for found in heard}, {name})

    async def listen(self, name, theirs):
        heard = []
        async with self.log as log:
            response = await log.stream(timeout=PATIENCE, creator_name=name)
            self.assertEqual(response.status, 200)
            for site in ["here", "there"]:
                await asyncio.to_thread(theirs.sites.create, site)
                # Somebody else's changes are not asked for.
                await asyncio.to_thread(connect(tenant=theirs._client.tenant_name).sites.create, f"{site}-too")
            async for line in response.content:
                if line.strip():
                    heard.append(json.loads(line))
                if len(heard) == 2:
                    return heard
        return heard
