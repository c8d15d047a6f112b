"""Providers of secrets, as far as they need no server beside this one."""

from cloudify_rest_client.exceptions import ForbiddenError

from support import ClientTest, connect

VAULT = {"url": "http://127.0.0.1:9", "token": "a token of the vault", "path": "secret"}


class SecretsProviders(ClientTest):
    def setUp(self):
        self.tenant_name = self.tenant()
        self.inside = connect(tenant=self.tenant_name)
        self.providers = self.inside.secrets_providers

    def test_a_provider_is_made_read_changed_and_removed(self):
        made = self.providers.create("here", "local")
        self.assertEqual((made.name, made.type, made.visibility), ("here", "local", "tenant"))
        self.assertEqual((made.tenant_name, made["created_by"]), (self.tenant_name, "admin"))
        self.assertEqual(self.providers.get("here").name, "here")
        changed = self.providers.update("here", "vault", VAULT)
        self.assertEqual((changed.type, changed.connection_parameters), ("vault", VAULT))
        # Credentials are for those who may see them, and in no list.
        viewer = self.member(self.tenant_name, "viewer")
        for shown in [viewer.secrets_providers.get("here"), *self.providers.list()]:
            self.assertEqual(shown.type, "vault")
            self.assertNotIn(VAULT["token"], str(shown))
        self.assertIsNone(self.providers.delete("here"))
        for ask in [
            lambda: self.providers.get("here"),
            lambda: self.providers.delete("here"),
            lambda: self.providers.update("here", "local", None),
        ]:
            with self.unknown():
                ask()

    def test_wrong_providers_are_refused(self):
        self.providers.create("taken", "local")
        with self.refused(409, "conflict_error"):
            self.providers.create("taken", "local")
        for arguments in [("1st", "local"), ("other", "nothing"), ("other", "vault"), ("other", "vault", {"url": 7})]:
            with self.subTest(arguments), self.refused(400, "bad_parameters_error"):
                self.providers.create(*arguments)
        viewer = self.member(self.tenant_name, "viewer")
        with self.assertRaises(ForbiddenError):
            viewer.secrets_providers.create("theirs", "local")
        self.assertEqual([provider.name for provider in self.providers.list()], ["taken"])

    def test_a_provider_is_tried_out(self):
        self.providers.create("here", "local")
        self.assertIsNone(self.providers.check("here"))
        self.assertIsNone(self.providers.check(_type="local"))
        # Nothing listens at this port.
        with self.assertRaises(Exception) as caught:
            self.providers.check("far", "vault", VAULT)
        self.assertEqual((caught.exception.status_code, caught.exception.error_code), (400, "failed_dependency"))
        self.assertNotIn(VAULT["token"], str(caught.exception))
        self.assertEqual([provider.name for provider in self.providers.list()], ["here"])
        with self.unknown():
            self.providers.check("nowhere")

    def test_a_secret_is_kept_by_a_provider(self):
        self.providers.create("here", "local")
        made = self.inside.secrets.create("token", "kept here", provider_name="here")
        self.assertEqual(made.provider_name, "here")
        self.assertEqual(self.inside.secrets.get("token").value, "kept here")
        with self.unknown():
            self.inside.secrets.create("other", "x", provider_name="nowhere")
        rule = {"type": "attribute", "key": "provider_name", "operator": "starts_with", "values": ["he"]}
        self.inside.secrets.create("plain", "x")
        found = self.inside.secrets.list(filter_rules=[rule])
        self.assertEqual([secret.key for secret in found], ["token"])

    def test_a_value_that_cannot_be_fetched_is_said_so(self):
        self.providers.create("far", "vault", VAULT)
        self.inside.secrets.create("token", None, provider_name="far", provider_options={"path": "app"})
        self.assertEqual([secret.provider_name for secret in self.inside.secrets.list()], ["far"])
        with self.refused(400, "failed_dependency"):
            self.inside.secrets.get("token")

    def test_providers_are_listed_cut_dumped_and_restored(self):
        for name in ["one", "two"]:
            self.providers.create(name, "local")
        self.assertEqual([provider.name for provider in self.providers.list(_sort="-name")], ["two", "one"])
        cut = self.providers.list(_include=["name", "type"], name="two")
        self.assertEqual(cut.one(), {"name": "two", "type": "local"})
        dumped = list(self.providers.dump())
        self.assertEqual([provider["name"] for provider in dumped], ["one", "two"])
        other = connect(tenant=self.tenant()).secrets_providers
        other.restore([dict(provider) for provider in dumped], None)
        self.assertEqual([provider.name for provider in other.list()], ["one", "two"])
        self.assertEqual(other.get("one").created_at, dumped[0]["created_at"])
