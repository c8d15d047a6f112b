"""Tenants, and who belongs to them."""

from cloudify_rest_client.exceptions import ForbiddenError

from support import THEIR_PASSWORD, ClientTest, connect, unique

HIDDEN = ["rabbitmq_username", "rabbitmq_password", "rabbitmq_vhost"]


class Tenants(ClientTest):
    def setUp(self):
        self.tenants = self.admin.tenants

    def test_a_tenant_is_made_read_and_removed(self):
        name = unique("tenant")
        made = self.tenants.create(name)
        self.assertEqual((made.name, made.users, made.groups), (name, 0, 0))
        self.assertEqual(self.tenants.get(name).name, name)
        self.assertIn(name, [tenant.name for tenant in self.tenants.list()])
        self.assertIsNone(self.tenants.delete(name))
        with self.unknown():
            self.tenants.get(name)
        with self.unknown():
            self.tenants.delete(name)
        self.assertNotIn(name, [tenant.name for tenant in self.tenants.list()])

    def test_wrong_tenants_are_refused(self):
        name = self.tenant()
        with self.refused(409, "conflict_error"):
            self.tenants.create(name)
        for wrong in ["1st", "a b", "x" * 257, "a%2Fb"]:
            with self.subTest(wrong), self.refused(400, "bad_parameters_error"):
                self.tenants.create(wrong)

    def test_a_tenant_goes_when_it_is_empty_and_not_the_first(self):
        name = self.tenant()
        inside = connect(tenant=name)
        inside.sites.create("here")
        with self.refused(409, "conflict_error"):
            self.tenants.delete(name)
        inside.sites.delete("here")
        self.tenants.delete(name)
        with self.refused(400, "illegal_action_error"):
            self.tenants.delete("default_tenant")
        self.assertEqual(self.tenants.get("default_tenant").name, "default_tenant")

    def test_tenants_are_listed_sorted_searched_and_cut(self):
        stem = unique("cut")
        made = [f"{stem}-{letter}" for letter in "cab"]
        for name in made:
            self.tenants.create(name)
            self.afterwards(self.tenants.delete, name)
        listed = self.tenants.list(sort="name", _search=stem.upper())
        self.assertEqual([tenant.name for tenant in listed], sorted(made))
        listed = self.tenants.list(sort="name", is_descending=True, _search=stem, _size=1, _offset=1)
        self.assertEqual([tenant.name for tenant in listed], [f"{stem}-b"])
        self.assertEqual(listed.metadata.pagination.total, 3)
        cut = self.tenants.list(_include=["name"], name=made[0])
        self.assertEqual(cut.one(), {"name": made[0]})
        with self.refused(400, "no_such_include_field_error"):
            self.tenants.list(_include=["password"])

    def test_users_are_added_given_another_role_and_removed(self):
        name = self.tenant()
        user = self.user()
        added = self.tenants.add_user(user, name, "viewer")
        self.assertEqual((added.name, added.users), (name, 1))
        client = connect(user, THEIR_PASSWORD, name)
        self.assertEqual(len(client.sites.list()), 0)
        with self.assertRaises(ForbiddenError):
            client.sites.create("here")
        with self.refused(409, "conflict_error"):
            self.tenants.add_user(user, name, "user")

        self.tenants.update_user(user, name, "user")
        self.assertEqual(client.sites.create("here").name, "here")
        with_data = self.tenants.get(name, _get_data=True)
        self.assertEqual(with_data.users, {user: {"tenant-role": "user", "roles": ["user"]}})
        self.assertEqual(with_data.direct_users, {user: "user"})
        self.assertEqual((with_data.groups, with_data.group_users), ({}, {}))
        self.assertEqual(self.tenants.get(name).users, 1)

        connect(tenant=name).sites.delete("here")
        self.assertIsNone(self.tenants.remove_user(user, name))
        with self.assertRaises(ForbiddenError):
            client.sites.list()
        with self.unknown():
            self.tenants.remove_user(user, name)
        with self.unknown():
            self.tenants.update_user(user, name, "viewer")
        self.assertEqual(self.tenants.get(name).users, 0)

    def test_groups_are_added_given_another_role_and_removed(self):
        name = self.tenant()
        user = self.user()
        group = self.group(members=[user])
        added = self.tenants.add_user_group(group, name, "viewer")
        self.assertEqual((added.name, added.groups), (name, 1))
        client = connect(user, THEIR_PASSWORD, name)
        self.assertEqual(len(client.sites.list()), 0)
        with self.assertRaises(ForbiddenError):
            client.sites.create("here")
        with self.refused(409, "conflict_error"):
            self.tenants.add_user_group(group, name, "user")

        self.tenants.update_user_group(group, name, "manager")
        client.sites.create("here", visibility="private")
        client.sites.delete("here")
        with_data = self.tenants.get(name, _get_data=True)
        self.assertEqual(with_data.groups, {group: "manager"})
        self.assertEqual(with_data.users, {user: {"tenant-role": None, "roles": ["manager"]}})
        self.assertEqual(with_data.group_users, {group: {"role": "manager", "users": [user]}})
        self.assertEqual(with_data.direct_users, {})

        # The better of two roles counts, and both are shown.
        self.tenants.add_user(user, name, "viewer")
        with_data = self.tenants.get(name, _get_data=True)
        self.assertEqual(with_data.users[user]["tenant-role"], "viewer")
        self.assertEqual(set(with_data.users[user]["roles"]), {"viewer", "manager"})

        self.assertIsNone(self.tenants.remove_user_group(group, name))
        with self.assertRaises(ForbiddenError):
            client.sites.create("here")
        self.assertEqual(self.tenants.get(name).groups, 0)
        with self.unknown():
            self.tenants.remove_user_group(group, name)
        with self.unknown():
            self.tenants.update_user_group(group, name, "viewer")

    def test_only_what_is_there_and_fits_can_be_joined(self):
        name = self.tenant()
        user = self.user()
        group = self.group()
        missing = unique("missing")
        for ask in [
            lambda: self.tenants.add_user(missing, name, "user"),
            lambda: self.tenants.add_user_group(missing, name, "user"),
        ]:
            with self.unknown():
                ask()
        for role in ["sys_admin", "nothing"]:
            with self.subTest(role), self.refused(400, "bad_parameters_error"):
                self.tenants.add_user(user, name, role)
            with self.subTest(role), self.refused(400, "bad_parameters_error"):
                self.tenants.add_user_group(group, name, role)
        self.assertEqual((self.tenants.get(name).users, self.tenants.get(name).groups), (0, 0))

    def test_one_sees_the_tenants_that_one_belongs_to(self):
        name, other = self.tenant(), self.tenant()
        manager = self.member(name, "manager")
        viewer = self.member(name, "viewer")
        for client in (manager, viewer):
            self.assertEqual([tenant.name for tenant in client.tenants.list()], [name])
            with self.assertRaises(Exception) as caught:
                client.tenants.get(other)
            self.assertIn(caught.exception.status_code, (403, 404))
            with self.assertRaises(ForbiddenError):
                client.tenants.create(unique("theirs"))
            with self.assertRaises(ForbiddenError):
                client.tenants.delete(name)
        user = self.user()
        with self.assertRaises(ForbiddenError):
            viewer.tenants.add_user(user, name, "user")

    def test_the_brokers_password_is_given_only_when_asked_for(self):
        name = unique("tenant")
        self.tenants.create(name, rabbitmq_password="a secret of the broker")
        self.afterwards(self.remove_tenant, name)
        for shown in [self.tenants.get(name), *self.tenants.list(name=name)]:
            self.assertEqual([shown.get(key) for key in HIDDEN], [None] * 3)
        asked = self.tenants.list(_include=["name", "rabbitmq_password"], name=name)
        self.assertEqual(asked.one().rabbitmq_password, "a secret of the broker")
        dumped = [tenant for tenant in self.tenants.dump() if tenant["name"] == name]
        self.assertEqual(dumped, [{"name": name, "rabbitmq_password": "a secret of the broker"}])
        member = self.member(name, "viewer")
        for tenant in member.tenants.list(_include=["name", "rabbitmq_password"]):
            self.assertNotIn("a secret", str(tenant))

        self.remove_tenant(name)
        self.tenants.restore(dumped, None)
        restored = self.tenants.list(_include=HIDDEN, name=name).one()
        self.assertEqual(restored.rabbitmq_password, "a secret of the broker")
