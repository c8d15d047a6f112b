"""Access groups, and what somebody may do who does not hold everything."""

from landscape_api.base import API, errors

from support import URL, ClientTest, rest


class AccessGroups(ClientTest):
    def group(self, title, parent=None):
        """A group that is removed when the test is over."""
        group = self.api.create_access_group(title=title, parent=parent)
        self.addCleanup(self.api.remove_access_group, name=group["name"])
        return group

    def test_groups_form_a_tree(self):
        self.group("Europe")
        west = self.group("Europe West 1.a", parent="europe")
        self.assertEqual(west, {"name": west["name"], "title": "Europe West 1.a", "parent": "europe", "children": ""})
        self.group("Europe East", parent="europe")
        (europe,) = self.api.get_access_groups(names=["europe"])
        self.assertEqual(sorted(europe["children"].split(",")), sorted([west["name"], "europe-east"]))
        (root,) = [group for group in self.api.get_access_groups() if group["name"] == "global"]
        self.assertEqual((root["title"], root["parent"]), ("Global access", ""))
        self.assertIn("europe", root["children"].split(","))

    def test_a_removed_group_leaves_its_parent(self):
        self.group("Kept")
        self.api.create_access_group(title="Gone", parent="kept")
        with self.assertRaises(errors.InvalidAccessGroupError):
            self.api.remove_access_group(name="kept")
        parent = self.api.remove_access_group(name="gone")
        self.assertEqual((parent["name"], parent["children"]), ("kept", ""))

    def test_wrong_groups_raise_the_clients_own_exceptions(self):
        self.group("Taken")
        with self.assertRaises(errors.DuplicateAccessGroupError):
            self.api.create_access_group(title="Taken")
        with self.assertRaises(errors.UnknownAccessGroupError):
            self.api.create_access_group(title="x", parent="none")
        with self.assertRaises(errors.UnknownAccessGroupError):
            self.api.remove_access_group(name="none")
        with self.assertRaises(errors.InvalidAccessGroupError):
            self.api.remove_access_group(name="global")
        with self.assertRaises(errors.UnknownEntityIDsError):
            self.api.get_access_groups(names=["taken", "none"])


class Auditor(ClientTest):
    """Somebody with a role that may only look."""

    def setUp(self):
        role = self.api.create_role(name="OnlyLooks")
        self.addCleanup(self.api.remove_role, name=role["name"])
        self.api.add_permissions_to_role(name="OnlyLooks", permissions=["ViewComputer", "ViewScript"])
        self.api.add_access_groups_to_role(name="OnlyLooks", access_groups=["global"])
        invited = self.api.invite_administrator(name="Ann", email="ann@example.com", roles=["OnlyLooks"])
        password = "looks at it all"
        body = {"invitation_id": invited["secure_id"], "name": "Ann", "password": password}
        state = rest("POST", "accept-invitation", body)
        token = state["token"]
        self.key = rest("POST", "access-keys", {"title": "looking"}, token)
        self.ann = API(f"{URL}/api/", self.key["access_key"], self.key["secret_key"])

    def test_who_may_only_look_changes_nothing(self):
        query = f"id:{self.computer['id']}"
        self.assertEqual(len(self.ann.get_computers(query=query)), 1)
        self.ann.get_scripts()
        made = self.script("Not hers")
        denied = [
            lambda: self.ann.add_tags_to_computers(query=query, tags=["x"]),
            lambda: self.ann.remove_script(script_id=made["id"]),
            lambda: self.ann.execute_script(query=query, script_id=made["id"], username="root"),
            lambda: self.ann.create_access_group(title="x"),
            lambda: self.ann.cancel_activities(query="id:1"),
            lambda: self.ann.get_pending_computers(),
            lambda: self.ann.get_event_log(),
        ]
        for number, ask in enumerate(denied):
            with self.subTest(number), self.assertRaises(errors.UnauthorisedError):
                ask()
        self.assertIsNone(self.api.disable_administrator(email="ann@example.com"))
        with self.assertRaises(errors.AuthFailureError):
            self.ann.get_computers()
