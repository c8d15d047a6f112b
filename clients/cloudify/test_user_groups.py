"""Groups of users."""

from cloudify_rest_client.exceptions import ForbiddenError

from support import THEIR_PASSWORD, ClientTest, connect, unique


class UserGroups(ClientTest):
    def setUp(self):
        self.groups = self.admin.user_groups

    def test_a_group_is_made_read_and_removed(self):
        name = unique("group")
        made = self.groups.create(name, "default")
        self.assertEqual((made.name, made.role, made.users, made.tenants), (name, "default", 0, 0))
        self.assertIsNone(made.ldap_dn)
        self.assertEqual(self.groups.get(name), made)
        self.assertIsNone(self.groups.delete(name))
        with self.unknown():
            self.groups.get(name)
        with self.unknown():
            self.groups.delete(name)

    def test_wrong_groups_are_refused(self):
        name = self.group()
        with self.refused(409, "conflict_error"):
            self.groups.create(name, "default")
        for arguments in [("users", "default"), ("1st", "default"), (unique(), "manager"), (unique(), "nothing")]:
            with self.subTest(arguments), self.refused(400, "bad_parameters_error"):
                self.groups.create(*arguments)

    def test_a_group_for_a_directory_needs_a_directory(self):
        name = unique("group")
        with self.assertRaises(Exception) as caught:
            self.groups.create(name, "default", "cn=ops,dc=example,dc=com")
        self.assertEqual(caught.exception.status_code, 400)
        with self.unknown():
            self.groups.get(name)

    def test_members_come_and_go(self):
        name = self.group()
        user, other = self.user(), self.user()
        added = self.groups.add_user(user, name)
        self.assertEqual((added.name, added.users), (name, 1))
        self.groups.add_user(other, name)
        self.assertEqual(set(self.groups.get(name, _get_data=True).users), {user, other})
        with self.refused(409, "conflict_error"):
            self.groups.add_user(user, name)
        self.assertIsNone(self.groups.remove_user(user, name))
        self.assertEqual(self.groups.get(name, _get_data=True).users, [other])
        for ask in [
            lambda: self.groups.remove_user(user, name),
            lambda: self.groups.add_user(unique("nobody"), name),
            lambda: self.groups.add_user(user, unique("nothing")),
        ]:
            with self.unknown():
                ask()

    def test_a_group_gives_its_system_role(self):
        user = self.user()
        name = self.group(members=[user])
        theirs = connect(user, THEIR_PASSWORD, None)
        with self.assertRaises(ForbiddenError):
            theirs.users.list()
        self.assertEqual(self.groups.set_role(name, "sys_admin").role, "sys_admin")
        self.assertIn(user, [found.username for found in theirs.users.list()])
        self.assertEqual(self.groups.set_role(name, "default").role, "default")
        with self.assertRaises(ForbiddenError):
            theirs.users.list()
        with self.refused(400, "bad_parameters_error"):
            self.groups.set_role(name, "viewer")

    def test_a_group_goes_when_it_belongs_nowhere(self):
        tenant = self.tenant()
        name = self.group(**{tenant: "viewer"})
        told = self.groups.get(name, _get_data=True)
        self.assertEqual(told.tenants, {tenant: "viewer"})
        self.assertEqual(self.groups.get(name).tenants, 1)
        with self.refused(409, "conflict_error"):
            self.groups.delete(name)
        self.admin.tenants.remove_user_group(name, tenant)
        self.groups.delete(name)
        with self.unknown():
            self.groups.get(name)

    def test_groups_are_listed_sorted_searched_and_cut(self):
        stem = unique("cut")
        made = [f"{stem}-{letter}" for letter in "bca"]
        for name in made:
            self.groups.create(name, "default")
            self.afterwards(self.groups.delete, name)
        listed = self.groups.list(sort="name", _search=stem.upper())
        self.assertEqual([group.name for group in listed], sorted(made))
        listed = self.groups.list(sort="name", is_descending=True, _search=stem, _offset=2)
        self.assertEqual([group.name for group in listed], [f"{stem}-a"])
        self.assertEqual(listed.metadata.pagination.total, 3)
        self.assertEqual(self.groups.list(_include=["name"], name=made[0].upper()).one(), {"name": made[0]})
        member = self.member(self.tenant(), "manager")
        for ask in [lambda: member.user_groups.list(), lambda: member.user_groups.get(made[0])]:
            with self.assertRaises(ForbiddenError):
                ask()

    def test_groups_are_dumped_and_restored(self):
        tenant = self.tenant()
        name = self.group(**{tenant: "operations"})
        (dumped,) = [group for group in self.groups.dump() if group["name"] == name]
        self.assertEqual(dumped, {"name": name, "ldap_dn": None, "tenants": {tenant: "operations"}, "role": "default"})
        self.remove_group(name)
        self.assertEqual(list(self.groups.restore([dumped], None)), [{name: {tenant: "operations"}}])
        self.assertEqual(self.groups.get(name).role, "default")
