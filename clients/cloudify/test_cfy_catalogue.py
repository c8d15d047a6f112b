"""`cfy sites`, `secrets` and their providers, and filters."""

import json
import os

from support import CommandTest, connect


class InTenant(CommandTest):
    def setUp(self):
        super().setUp()
        self.tenant_name = self.tenant()
        self.inside = connect(tenant=self.tenant_name)
        self.cfy("profiles", "set", "-t", self.tenant_name)


class Sites(InTenant):
    def test_a_site_is_made_shown_changed_and_removed(self):
        self.assertIn("Site `berlin` created", self.cfy("sites", "create", "berlin", "--location", "52.5,13.4").text)
        shown = self.cfy_json("sites", "get", "berlin")
        self.assertEqual((shown["name"], shown["location"], shown["visibility"]), ("berlin", "52.5,13.4", "tenant"))
        self.assertEqual((shown["tenant_name"], shown["created_by"]), (self.tenant_name, "admin"))
        said = self.cfy("sites", "update", "berlin", "--new-name", "bonn", "--location", "50.7,7.1").text
        self.assertIn("Site `berlin` updated", said)
        self.assertEqual(self.inside.sites.get("bonn").location, "50.7,7.1")
        self.assertIn("was not found in this tenant", self.cfy("sites", "get", "berlin").text)
        self.assertIn("409: ", self.cfy_fails("sites", "create", "bonn"))
        self.assertIn("400: ", self.cfy_fails("sites", "create", "far", "--location", "100,0"))
        self.assertIn("Site deleted", self.cfy("sites", "delete", "bonn").text)
        self.assertIn("was not found", self.cfy("sites", "delete", "bonn").text)
        self.assertEqual(len(self.inside.sites.list()), 0)

    def test_sites_are_listed_sorted_searched_and_cut(self):
        for name in ["aachen", "bonn", "berlin"]:
            self.inside.sites.create(name)

        def names(*arguments):
            return [site["name"] for site in self.cfy_json("sites", "list", *arguments)]

        self.assertEqual(names(), ["aachen", "berlin", "bonn"])
        self.assertEqual(names("--descending"), ["bonn", "berlin", "aachen"])
        self.assertEqual(names("--search", "B"), ["berlin", "bonn"])
        self.assertEqual(names("-o", "1", "-s", "1"), ["berlin"])
        self.assertIn("Showing 1 of 3 sites", self.cfy("sites", "list", "-s", "1").text)
        other = self.tenant()
        connect(tenant=other).sites.create("elsewhere")
        self.assertEqual(names("-t", other), ["elsewhere"])
        self.assertLess({"aachen", "elsewhere"}, set(names("--all-tenants")))
        self.assertIn("400: ", self.cfy_fails("sites", "list", "--sort-by", "nothing"))


class Secrets(InTenant):
    def test_a_secret_is_made_shown_changed_and_removed(self):
        self.assertIn("Secret `token` created", self.cfy("secrets", "create", "token", "-s", "first value").text)
        self.assertEqual(self.cfy_json("secrets", "get", "token")["value"], "first value")
        self.assertIn("409: ", self.cfy_fails("secrets", "create", "token", "-s", "second value"))
        self.cfy("secrets", "create", "token", "-f", self.file("second value"), "-u")
        self.assertEqual(self.inside.secrets.get("token").value, "second value")
        self.cfy("secrets", "update", "token", "-s", "third value", "--hidden-value")
        changed = self.inside.secrets.get("token")
        self.assertEqual((changed.value, changed.is_hidden_value), ("third value", True))
        listed = self.cfy("secrets", "list").text
        self.assertIn("token", listed)
        self.assertIn("Showing 1 of 1 secrets", listed)
        self.assertNotIn("third value", listed)
        self.assertIn("Secret removed", self.cfy("secrets", "delete", "token").text)
        self.assertIn("was not found", self.cfy("secrets", "get", "token").text)
        self.assertIn("was not found", self.cfy("secrets", "delete", "token").text)

    def test_a_value_has_a_schema(self):
        schema = '{"type": "object", "required": ["port"]}'
        self.cfy("secrets", "create", "server", "-s", '{"port": 80}', "--schema", schema)
        self.assertEqual(self.cfy_json("secrets", "get", "server")["value"], {"port": 80})
        self.assertIn("409: ", self.cfy_fails("secrets", "update", "server", "-s", "{}"))
        self.cfy("secrets", "create", "names", "-s", '["a", "b"]', "--list")
        self.assertEqual(self.inside.secrets.get("names").value, ["a", "b"])

    def test_a_secret_is_made_wider_and_given_away(self):
        owner = self.user(**{self.tenant_name: "user"})
        self.cfy("secrets", "create", "token", "-s", "x", "-l", "private")
        self.assertIn("was set to tenant", self.cfy("secrets", "set-visibility", "token", "-l", "tenant").text)
        said = self.cfy("secrets", "set-owner", "token", "-s", owner).text
        self.assertIn(f"Secret `token` is now owned by user `{owner}`.", said)
        self.assertEqual(self.inside.secrets.get("token")["created_by"], owner)
        self.assertIn("was set to global", self.cfy("secrets", "set-visibility", "token", "-l", "global").text)
        # The client tells this one and goes on.
        self.assertIn("Error: 400: ", self.cfy("secrets", "set-visibility", "token", "-l", "tenant").text)
        self.assertEqual(self.inside.secrets.get("token").visibility, "global")

    def test_secrets_are_taken_to_another_tenant(self):
        self.inside.secrets.create("one", "first value")
        self.inside.secrets.create("two", "second value")
        target = self.tenant()
        path = os.path.join(self.home, "exported.json")
        self.cfy("secrets", "export", "-p", "a long passphrase", "-o", path)
        with open(path) as file:
            exported = file.read()
        self.assertNotIn("first value", exported)
        self.assertEqual([secret["key"] for secret in json.loads(exported)], ["one", "two"])
        mapped = self.file(json.dumps({self.tenant_name: target}))
        import_it = ["secrets", "import", "-i", path, "-p", "a long passphrase", "-m", mapped]
        self.assertIn("Secrets imported", self.cfy(*import_it).text)
        there = connect(tenant=target).secrets
        self.assertEqual(there.get("one").value, "first value")
        there.update("one", "changed")
        said = self.cfy(*import_it).text
        self.assertIn("collided with existing secrets", said)
        self.assertEqual(there.get("one").value, "changed")
        self.assertIn("were overridden", self.cfy(*import_it, "--override-collisions").text)
        self.assertEqual(there.get("one").value, "first value")

        self.cfy("secrets", "export", "--non-encrypted", "--filter-by", "tw")
        with open(os.path.join(self.home, "secrets.json")) as file:
            self.assertEqual([secret["value"] for secret in json.load(file)], ["second value"])

    def test_secrets_are_kept_by_a_provider(self):
        said = self.cfy("secrets", "providers", "create", "here", "--type", "local").text
        self.assertIn("Secrets Provider `here` created", said)
        self.assertIn("Connected to the Secrets Provider successfully", said)
        self.assertIn("successfully", self.cfy("secrets", "providers", "test", "here").text)
        self.assertEqual(self.cfy_json("secrets", "providers", "get", "here")["type"], "local")
        self.assertEqual([row["name"] for row in self.cfy_json("secrets", "providers", "list")], ["here"])
        self.cfy("secrets", "create", "token", "-s", "kept", "--provider", "here")
        self.inside.secrets.create("plain", "x")
        listed = self.cfy_json("secrets", "list", "--provider", "here")
        self.assertEqual([secret["key"] for secret in listed], ["token"])
        self.cfy("secrets", "delete", "token")
        self.assertIn("Secrets Provider removed", self.cfy("secrets", "providers", "delete", "here").text)
        self.assertIn("was not found", self.cfy("secrets", "providers", "get", "here").text)


class Filters(InTenant):
    def test_filters_of_either_kind_are_made_shown_changed_and_removed(self):
        for kind, filters in [
            ("blueprints", self.inside.blueprints_filters),
            ("deployments", self.inside.deployments_filters),
        ]:
            with self.subTest(kind):
                command = [kind, "filters"]
                self.cfy(*command, "create", "mine", "-lr", "env=[prod,test]", "-ar", "created_by starts-with ad")
                made = filters.get("mine")
                self.assertEqual(
                    made.value,
                    [
                        {"key": "env", "values": ["prod", "test"], "operator": "any_of", "type": "label"},
                        {"key": "created_by", "values": ["ad"], "operator": "starts_with", "type": "attribute"},
                    ],
                )
                self.assertIn("mine", self.cfy(*command, "get", "mine").text)
                self.assertIn("mine", self.cfy(*command, "list", "-t", self.tenant_name).text)
                self.cfy(*command, "update", "mine", "-lr", "env is not null")
                self.assertEqual(filters.get("mine").labels_filter_rules[0]["operator"], "is_not_null")
                done = self.run_cfy(*command, "create", "wrong", "-ar", "colour=red")
                self.assertEqual(done.code, 1)
                self.assertIn("colour", done.text)
                self.cfy(*command, "delete", "mine")
                with self.unknown():
                    filters.get("mine")
