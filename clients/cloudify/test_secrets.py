"""Secrets: kept, hidden, checked, and seen by those who may."""

from cloudify_rest_client.exceptions import ForbiddenError

from support import ClientTest, connect, plain, unique

SCHEMA = {"type": "object", "properties": {"port": {"type": "integer"}}, "required": ["port"]}


class Secrets(ClientTest):
    def setUp(self):
        self.tenant_name = self.tenant()
        self.secrets = connect(tenant=self.tenant_name).secrets

    def test_a_secret_is_made_read_changed_and_removed(self):
        made = self.secrets.create("token", "s3cret value")
        self.assertEqual((made.key, made.visibility, made.is_hidden_value), ("token", "tenant", False))
        self.assertEqual((made.tenant_name, made["created_by"]), (self.tenant_name, "admin"))
        self.assertNotIn("s3cret value", str(made))
        read = self.secrets.get("token")
        self.assertEqual(read.value, "s3cret value")
        self.assertEqual((read.schema, read.provider_name, read.provider_options), (None, None, None))

        changed = self.secrets.update("token", "another value")
        self.assertNotIn("another value", str(changed))
        self.assertEqual(self.secrets.get("token").value, "another value")
        self.assertIs(self.secrets.update("token", is_hidden_value=True).is_hidden_value, True)
        self.assertEqual(self.secrets.get("token").value, "another value")

        self.assertIsNone(self.secrets.delete("token"))
        for ask in [
            lambda: self.secrets.get("token"),
            lambda: self.secrets.delete("token"),
            lambda: self.secrets.update("token", "x"),
        ]:
            with self.unknown():
                ask()

    def test_an_existing_secret_is_overwritten_only_when_that_is_wanted(self):
        self.secrets.create("token", "first")
        with self.refused(409, "conflict_error"):
            self.secrets.create("token", "second")
        self.assertEqual(self.secrets.get("token").value, "first")
        self.secrets.create("token", "second", update_if_exists=True)
        self.assertEqual(self.secrets.get("token").value, "second")
        self.assertEqual(len(self.secrets.list()), 1)
        self.secrets.create("new", "made", update_if_exists=True)
        self.assertEqual(self.secrets.get("new").value, "made")

    def test_wrong_secrets_are_refused(self):
        for arguments in [("1st", "x"), ("a b", "x"), ("none", ""), ("none", None), ("x" * 257, "x")]:
            with self.subTest(arguments[0]), self.refused(400, "bad_parameters_error"):
                self.secrets.create(*arguments)
        with self.refused(400, "bad_parameters_error"):
            self.secrets.create("wide", "x", visibility="everyone")
        with self.refused(400, "bad_parameters_error"):
            self.secrets.create("flag", "x", is_hidden_value="perhaps")
        self.secrets.create("kept", "x")
        with self.refused(400, "illegal_action_error"):
            self.secrets.update("kept")
        self.assertEqual([secret.key for secret in self.secrets.list()], ["kept"])

    def test_a_value_fits_its_schema(self):
        made = self.secrets.create("server", {"port": 80}, schema=SCHEMA)
        self.assertEqual(made.schema, SCHEMA)
        self.assertEqual(self.secrets.get("server").value, {"port": 80})
        self.secrets.update("server", {"port": 443})
        self.assertEqual(self.secrets.get("server").value, {"port": 443})
        for wrong in [{"port": "eighty"}, {}, "80"]:
            with self.subTest(wrong), self.refused(409, "conflict_error"):
                self.secrets.update("server", wrong)
            with self.subTest(wrong), self.refused(409, "conflict_error"):
                self.secrets.create("other", wrong, schema=SCHEMA)
        self.assertEqual(self.secrets.get("server").value, {"port": 443})
        with self.refused(400, "bad_parameters_error"):
            self.secrets.create("other", "x", schema={"type": "no such type"})
        self.secrets.create("numbers", [1, 2], schema={"type": "array", "items": {"type": "integer"}})
        self.assertEqual(self.secrets.get("numbers").value, [1, 2])

    def test_a_hidden_value_is_for_its_maker_and_administrators(self):
        maker = self.member(self.tenant_name, "user")
        other = self.member(self.tenant_name, "user")
        manager = self.member(self.tenant_name, "manager")
        maker.secrets.create("mine", "hidden value", is_hidden_value=True)
        for client in [maker, manager]:
            self.assertEqual(client.secrets.get("mine").value, "hidden value")
        self.assertEqual(other.secrets.get("mine").value, "")
        for ask in [
            lambda: other.secrets.update("mine", "changed"),
            lambda: other.secrets.delete("mine"),
            lambda: other.secrets.create("mine", "changed", update_if_exists=True),
        ]:
            with self.assertRaises(ForbiddenError):
                ask()
        self.assertEqual(maker.secrets.get("mine").value, "hidden value")
        manager.secrets.update("mine", "changed")
        self.assertEqual(maker.secrets.get("mine").value, "changed")

    def test_lists_never_show_values(self):
        for number, key in enumerate(["beta", "alpha", "alphabet"]):
            self.secrets.create(key, f"unseen {number}", visibility="private" if key == "beta" else "tenant")
        listed = self.secrets.list(sort="key")
        self.assertEqual([secret.key for secret in listed], ["alpha", "alphabet", "beta"])
        self.assertNotIn("unseen", str(listed.items))
        self.assertTrue(all("value" not in secret for secret in listed))
        with self.refused(400, "no_such_include_field_error"):
            self.secrets.list(_include="key,value")
        with self.refused(400, "bad_parameters_error"):
            self.secrets.list(value="unseen 1")
        with self.refused(400, "bad_parameters_error"):
            self.secrets.list(sort="value")

        found = self.secrets.list(_search="ALPHA", _sort="-key")
        self.assertEqual([secret.key for secret in found], ["alphabet", "alpha"])
        self.assertEqual([secret.key for secret in self.secrets.list(visibility="private")], ["beta"])
        page = self.secrets.list(sort="key", _offset=1, _size=1)
        self.assertEqual(([secret.key for secret in page], page.metadata.pagination.total), (["alphabet"], 3))
        viewer = self.member(self.tenant_name, "viewer")
        self.assertEqual([secret.key for secret in viewer.secrets.list(sort="key")], ["alpha", "alphabet"])

    def test_secrets_are_found_by_rules_and_constraints(self):
        for key in ["alpha", "alphabet", "beta"]:
            self.secrets.create(key, "unseen")
        rule = {"type": "attribute", "key": "key", "operator": "starts_with", "values": ["ALPHA"]}
        found = self.secrets.list(sort="key", is_descending=True, filter_rules=[rule])
        self.assertEqual([secret.key for secret in found], ["alphabet", "alpha"])
        self.assertEqual((found.metadata.pagination.total, found.metadata["filtered"]), (2, 1))
        self.assertNotIn("unseen", str(found.items))
        for constraints, expected in [
            ({"name_pattern": {"contains": "bet"}}, ["alphabet", "beta"]),
            ({"name_pattern": {"ends_with": "a"}}, ["alpha", "beta"]),
            ({"name_pattern": {"equals_to": "beta"}}, ["beta"]),
            ({"valid_values": ["beta", "gamma"]}, ["beta"]),
        ]:
            with self.subTest(constraints):
                found = self.secrets.list(sort="key", constraints=constraints)
                self.assertEqual([secret.key for secret in found], expected)
        with self.refused(400, "invalid_filter_rule"):
            self.secrets.list(filter_rules=[{**rule, "key": "value"}])

    def test_a_secret_is_made_wider_but_not_narrower(self):
        key = unique("secret")
        self.secrets.create(key, "x", visibility="private")
        self.assertEqual(self.secrets.set_visibility(key, "tenant")["visibility"], "tenant")
        with self.refused(400, "illegal_action_error"):
            self.secrets.update(key, visibility="private")
        with self.refused(400, "bad_parameters_error"):
            self.secrets.set_visibility(key, "private")
        self.assertEqual(self.secrets.set_global(key)["visibility"], "global")
        with self.refused(400, "illegal_action_error"):
            self.secrets.set_visibility(key, "tenant")
        other = connect(tenant=self.tenant())
        self.assertEqual(other.secrets.get(key).value, "x")
        with self.refused(400, "illegal_action_error"):
            other.secrets.update(key, "y")
        member = self.member(self.tenant_name, "user")
        member.secrets.create("theirs", "x")
        with self.assertRaises(ForbiddenError):
            member.secrets.set_global("theirs")

    def test_a_secret_is_given_to_somebody_else(self):
        owner = self.user(**{self.tenant_name: "user"})
        self.secrets.create("given", "x")
        self.assertEqual(self.secrets.update("given", creator=owner)["created_by"], owner)
        self.assertEqual(self.secrets.get("given")["created_by"], owner)
        member = self.member(self.tenant_name, "user")
        with self.assertRaises(ForbiddenError):
            member.secrets.update("given", creator="admin")

    def test_a_value_can_be_left_out(self):
        self.secrets.create("token", "unseen")
        answer = plain("GET", "secrets/token?_skip_value=true", tenant=self.tenant_name)
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn("unseen", answer.text)
