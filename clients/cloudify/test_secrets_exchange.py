"""Secrets taken from one tenant to another."""

import logging

from support import ClientTest, connect

PASSPHRASE = "a long passphrase"


class Exchange(ClientTest):
    def setUp(self):
        self.tenant_name, self.other_name = self.tenant(), self.tenant()
        self.secrets = connect(tenant=self.tenant_name).secrets
        self.other = connect(tenant=self.other_name).secrets
        self.secrets.create("one", "first value")
        self.secrets.create("two", "second value", is_hidden_value=True, visibility="private")
        self.map = {self.tenant_name: self.other_name}

    def test_secrets_are_exported_plain_and_imported(self):
        exported = self.secrets.export()
        self.assertEqual([secret["key"] for secret in exported], ["one", "two"])
        first = exported[0]
        self.assertEqual((first["value"], first["encrypted"]), ("first value", False))
        self.assertEqual((first["tenant_name"], first["visibility"]), (self.tenant_name, "tenant"))
        self.assertEqual((exported[1]["value"], exported[1]["is_hidden_value"]), ("second value", True))

        done = self.other.import_secrets(exported, tenant_map=self.map)
        self.assertEqual((done["colliding_secrets"], done["secrets_errors"]), ({}, {}))
        self.assertEqual(self.other.get("one").value, "first value")
        two = self.other.get("two")
        self.assertEqual((two.value, two.visibility, two.is_hidden_value), ("second value", "private", True))

    def test_a_passphrase_hides_them_on_the_way(self):
        exported = self.secrets.export(_passphrase=PASSPHRASE)
        self.assertNotIn("first value", str(exported))
        self.assertTrue(all(secret["encrypted"] for secret in exported))
        done = self.other.import_secrets(exported, tenant_map=self.map, passphrase=PASSPHRASE)
        self.assertEqual((done["colliding_secrets"], done["secrets_errors"]), ({}, {}))
        self.assertEqual(self.other.get("one").value, "first value")

        self.other.delete("one")
        self.other.delete("two")
        unread = self.other.import_secrets(exported, tenant_map=self.map)
        self.assertEqual(set(unread["secrets_errors"]), {"0", "1"})
        self.assertIn("No passphrase", unread["secrets_errors"]["0"])
        self.assertEqual(len(self.other.list()), 0)
        unread = self.other.import_secrets(exported, tenant_map=self.map, passphrase="not the passphrase")
        self.assertEqual({place: list(faults) for place, faults in unread["secrets_errors"].items()},
                         {"0": ["value"], "1": ["value"]})
        self.assertEqual(len(self.other.list()), 0)
        with self.refused(400, "bad_parameters_error"):
            self.secrets.export(_passphrase="short")

    def test_existing_secrets_are_told_and_replaced_only_when_that_is_wanted(self):
        exported = self.secrets.export()
        self.other.create("one", "kept")
        done = self.other.import_secrets(exported, tenant_map=self.map)
        self.assertEqual(done["colliding_secrets"], {self.other_name: ["one"]})
        self.assertEqual(self.other.get("one").value, "kept")
        self.assertEqual(self.other.get("two").value, "second value")
        done = self.other.import_secrets(exported, tenant_map=self.map, override_collisions=True)
        self.assertEqual({name: sorted(keys) for name, keys in done["colliding_secrets"].items()},
                         {self.other_name: ["one", "two"]})
        self.assertEqual(self.other.get("one").value, "first value")

    def test_wrong_entries_are_skipped_and_told(self):
        good, wrong = self.secrets.export()
        entries = [
            {**good, "key": "good"},
            {**wrong, "key": "bad", "visibility": "nobody"},
            {"key": "less"},
            {**wrong, "key": "lost", "tenant_name": "no-such-tenant"},
        ]
        done = self.other.import_secrets(entries, tenant_map=self.map)
        errors = done["secrets_errors"]
        self.assertEqual(set(errors), {"1", "2", "3"})
        self.assertEqual(list(errors["1"]), ["visibility"])
        self.assertIn("value", errors["2"]["missing secret fields"])
        self.assertEqual(list(errors["3"]), ["tenant_name"])
        self.assertEqual([secret.key for secret in self.other.list()], ["good"])
        for wrong in ["text", {"a": 1}, None]:
            with self.subTest(wrong), self.refused(400, "bad_parameters_error"):
                self.other.import_secrets(wrong, tenant_map=self.map)

    def test_an_export_is_narrowed(self):
        self.assertEqual([secret["key"] for secret in self.secrets.export(visibility="private")], ["two"])
        self.assertEqual([secret["key"] for secret in self.secrets.export(_search="ON")], ["one"])
        member = self.member(self.tenant_name, "user")
        # Neither what is private nor what is hidden leaves with somebody else.
        self.assertEqual([secret["key"] for secret in member.secrets.export()], ["one"])
        everywhere = member.secrets.export(_all_tenants=True)
        self.assertEqual([secret["key"] for secret in everywhere], ["one"])

    def test_all_are_dumped_with_their_history_and_restored(self):
        dumped = self.secrets.dump()
        self.assertEqual([secret["key"] for secret in dumped], ["one", "two"])
        self.assertEqual([secret["creator"] for secret in dumped], ["admin", "admin"])
        made = self.secrets.get("one").created_at
        self.assertEqual(dumped[0]["created_at"], made)
        for key in ["one", "two"]:
            self.secrets.delete(key)
        self.assertEqual(list(self.secrets.restore(dumped, None)), [])
        restored = self.secrets.get("one")
        self.assertEqual((restored.value, restored.created_at), ("first value", made))
        # A second time each of them is there already, which the client writes down.
        with self.assertLogs("restore", "WARNING") as heard:
            list(self.secrets.restore(dumped, logging.getLogger("restore")))
        self.assertIn("one", heard.output[0])
