"""Activities: found, cancelled, in their order."""

import getpass
from datetime import datetime, timedelta, timezone

from landscape_api.base import errors

from support import ClientTest


class Activities(ClientTest):
    def later(self, title):
        """An activity that waits for tomorrow."""
        made = self.script(title, username=getpass.getuser())
        tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
        return self.api.execute_script(
            query=f"id:{self.computer['id']}",
            script_id=made["id"],
            deliver_after=tomorrow.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def ids(self, query):
        return [activity["id"] for activity in self.api.get_activities(query=query)]

    def test_an_activity_waits_is_found_and_cancelled(self):
        group = self.later("Tomorrow")
        self.assertEqual(group["activity_status"], "scheduled")
        self.assertTrue(group["actions"]["cancelable"])
        self.assertEqual(self.ids(f"id:{group['id']}"), [group["id"]])
        (child,) = self.ids(f"parent-id:{group['id']}")
        self.assertIn(child, self.ids(f"computer:id:{self.computer['id']}"))
        self.assertIn(child, self.ids("status:scheduled OR status:canceled type:ExecuteScriptRequest"))
        self.assertIn(group["id"], self.ids("creator:admin@localhost created-after:2011-01"))
        self.assertNotIn(group["id"], self.ids("created-before:2011-01-01T10:30"))
        self.assertEqual(self.api.cancel_activities(query=f"id:{group['id']}"), [group["id"]])
        (after,) = self.api.get_activities(query=f"id:{child}")
        self.assertEqual(after["activity_status"], "canceled")
        with self.assertRaises(errors.InvalidActivityStatusChangeError) as raised:
            self.api.cancel_activities(query=f"id:{group['id']}")
        self.assertTrue(raised.exception.error_message.startswith(f"activity {group['id']} =>"))

    def test_only_what_waits_for_a_person_is_approved(self):
        group = self.later("Not to approve")
        self.addCleanup(self.api.cancel_activities, query=f"id:{group['id']}")
        with self.assertRaises(errors.InvalidActivityStatusChangeError):
            self.api.approve_activities(query=f"id:{group['id']}")
        with self.assertRaises(errors.InvalidQueryError):
            self.api.approve_activities(query="status:done")
        self.assertEqual(self.api.approve_activities(query="status:unapproved"), [])

    def test_they_come_in_the_order_in_which_they_were_made(self):
        first, second = self.later("First"), self.later("Second")
        self.addCleanup(self.api.cancel_activities, query=f"id:{first['id']} OR id:{second['id']}")
        listed = self.ids("type:ActivityGroup")
        self.assertLess(listed.index(first["id"]), listed.index(second["id"]))
        self.assertEqual(self.api.get_activities(limit=1)[0]["id"], self.api.get_activities()[0]["id"])
        self.assertEqual(len(self.api.get_activities(limit=1, offset=1)), 1)

    def test_the_types_are_named(self):
        types = self.api.get_activity_types()
        self.assertTrue({"ActivityGroup", "ExecuteScriptRequest", "RestartRequest"} <= set(types))
