"""Tokens: shown once, used instead of a password, and over when they end."""

import datetime

from cloudify_rest_client.exceptions import UserUnauthorizedError

from support import THEIR_PASSWORD, ClientTest, connect, connect_with, plain, unique


class Tokens(ClientTest):
    def setUp(self):
        self.tenant_name = self.tenant()
        self.owner = self.user(**{self.tenant_name: "user"})
        self.theirs = connect(self.owner, THEIR_PASSWORD, self.tenant_name)
        self.tokens = self.theirs.tokens

    def made(self, *arguments, **more):
        token = self.tokens.create(*arguments, **more)
        self.afterwards(self.admin.tokens.delete, token.id)
        return token

    def test_a_token_is_made_used_and_removed(self):
        token = self.made("for the night job")
        self.assertRegex(token.value, r"^ctok-[A-Za-z0-9]{10}-[A-Za-z0-9]{40}$")
        self.assertEqual(token.value.split("-")[1], token.id)
        self.assertEqual((token.username, token.description), (self.owner, "for the night job"))
        self.assertEqual((token.role, token.expiration_date, token.last_used), ("default", None, None))

        client = connect_with(token.value, self.tenant_name)
        self.assertEqual(client.users.get_self().username, self.owner)
        self.assertEqual(client.sites.create("by-token")["created_by"], self.owner)
        read = self.tokens.get(token.id)
        self.assertEqual(read.value, f"ctok-{token.id}-********")
        self.assertIsNotNone(read.last_used)
        self.assertIn(token.id, [listed.id for listed in self.tokens.list()])
        self.assertNotIn(token.value, str(self.tokens.list().items))
        headers = {"Authentication-Token": token.value, "Tenant": self.tenant_name}
        answer = plain("GET", "sites", auth=None, headers=headers)
        self.assertEqual(answer.headers["X-Cloudify-Audit-Auth-Method"], "token")

        self.assertIsNone(self.tokens.delete(token.id))
        with self.assertRaises(UserUnauthorizedError):
            client.sites.list()
        with self.unknown():
            self.tokens.get(token.id)
        with self.unknown():
            self.tokens.delete(token.id)

    def test_a_token_ends(self):
        now = datetime.datetime.utcnow()
        for expression, hours in [("+10h", 10), ("+30 minutes", 0.5), ("+1day+2hours", 26)]:
            with self.subTest(expression):
                token = self.made(expiration=expression)
                ends = datetime.datetime.strptime(token.expiration_date, "%Y-%m-%dT%H:%M:%S.%fZ")
                off = ends - now - datetime.timedelta(hours=hours)
                self.assertLess(abs(off.total_seconds()), 120)
        absolute = self.made(expiration="2121-03-09 14:52")
        self.assertEqual(absolute.expiration_date, "2121-03-09T14:52:00.000Z")
        with self.refused(400, "bad_parameters_error"):
            self.tokens.create(expiration="2020-01-01 00:00")
        for wrong in ["tomorrow", "", 7]:
            given = {"expiration_date": wrong}
            answer = plain("POST", "tokens", (self.owner, THEIR_PASSWORD), self.tenant_name, json=given)
            with self.subTest(wrong):
                self.assertEqual((answer.status_code, answer.json()["error_code"]), (400, "bad_parameters_error"))

    def test_wrong_tokens_are_refused(self):
        token = self.made()
        other = token.value[:-1] + ("a" if token.value[-1] != "a" else "b")
        for wrong in ["nonsense", "ctok-", f"ctok-{token.id}", other, f"ctok-{'x' * 10}-{'y' * 40}"]:
            with self.subTest(wrong), self.assertRaises(UserUnauthorizedError) as caught:
                connect_with(wrong, self.tenant_name).sites.list()
            self.assertEqual(caught.exception.status_code, 401)
        self.assertEqual(len(connect_with(token.value, self.tenant_name).sites.list()), 0)

    def test_a_token_is_no_better_than_its_owner(self):
        token = self.made()
        client = connect_with(token.value, self.tenant_name)
        client.sites.create("here")
        self.admin.tenants.update_user(self.owner, self.tenant_name, "viewer")
        with self.refused(403, "forbidden_error"):
            client.sites.delete("here")
        self.admin.users.deactivate(self.owner)
        with self.assertRaises(UserUnauthorizedError):
            client.sites.list()
        self.admin.users.activate(self.owner)
        self.assertEqual(len(client.sites.list()), 1)

    def test_one_sees_ones_own_and_administrators_see_all(self):
        mine = self.admin.tokens.create("the administrator's")
        self.afterwards(self.admin.tokens.delete, mine.id)
        token = self.made("theirs")
        self.assertEqual([listed.id for listed in self.tokens.list()], [token.id])
        self.assertEqual(self.tokens.list().metadata.pagination.total, 1)
        with self.unknown():
            self.tokens.get(mine.id)
        with self.unknown():
            self.tokens.delete(mine.id)
        every = [listed.id for listed in self.admin.tokens.list()]
        self.assertIn(mine.id, every)
        self.assertIn(token.id, every)
        self.assertEqual(self.admin.tokens.get(token.id).username, self.owner)
        self.admin.tokens.delete(token.id)
        self.assertEqual(len(self.tokens.list()), 0)

    def test_tokens_are_listed_sorted_and_cut(self):
        made = [self.made(f"number {number}").id for number in range(3)]
        listed = self.tokens.list(_sort="-description", _size=2)
        self.assertEqual([token.id for token in listed], [made[2], made[1]])
        self.assertEqual(listed.metadata.pagination.total, 3)
        cut = self.tokens.list(_include="id,description", id=made[1])
        self.assertEqual(cut.one(), {"id": made[1], "description": "number 1"})
        with self.unknown():
            self.tokens.get(unique("x")[:10])
