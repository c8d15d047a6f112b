"""Users: their passwords, their roles, what they may of themselves and of others."""

from cloudify_rest_client.exceptions import ForbiddenError, UserUnauthorizedError

from support import THEIR_PASSWORD, ClientTest, connect, unique


class Users(ClientTest):
    def setUp(self):
        self.users = self.admin.users

    def test_a_user_is_made_read_and_removed(self):
        name = unique("user")
        made = self.users.create(name, THEIR_PASSWORD, "default")
        self.assertEqual((made.username, made.role, made.active, made.is_locked), (name, "default", True, False))
        self.assertEqual((made.tenants, made.groups, made.group_system_roles), (0, 0, {}))
        self.assertRegex(made.created_at, r"^\d{4}-.*\.\d{3}Z$")
        self.assertEqual((made.first_login_at, made.last_login_at), (None, None))
        self.assertEqual(self.users.get(name), made)
        self.assertNotIn(THEIR_PASSWORD, str(made))
        self.assertIsNone(made.get("password_hash"))

        client = connect(name, THEIR_PASSWORD, None)
        self.assertEqual(client.users.get_self().username, name)
        seen = self.users.get(name)
        self.assertIsNotNone(seen.first_login_at)
        self.assertIsNotNone(seen.last_login_at)

        self.assertIsNone(self.users.delete(name))
        with self.unknown():
            self.users.get(name)
        with self.unknown():
            self.users.delete(name)
        with self.assertRaises(UserUnauthorizedError):
            client.users.get_self()

    def test_wrong_users_are_refused(self):
        taken = self.user()
        with self.refused(409, "conflict_error"):
            self.users.create(taken, THEIR_PASSWORD, "default")
        wrong = [
            (unique("user"), "1234", "default"),
            (unique("user"), "x" * 257, "default"),
            (unique("user"), THEIR_PASSWORD, "manager"),
            (unique("user"), THEIR_PASSWORD, "nothing"),
            ("1st", THEIR_PASSWORD, "default"),
            ("a b", THEIR_PASSWORD, "default"),
            ("", THEIR_PASSWORD, "default"),
        ]
        for arguments in wrong:
            with self.subTest(arguments), self.refused(400, "bad_parameters_error"):
                self.users.create(*arguments)

    def test_tenants_and_groups_are_told_in_both_shapes(self):
        tenant, other = self.tenant(), self.tenant()
        user = self.user(**{tenant: "viewer"})
        group = self.group(members=[user], role="sys_admin", **{tenant: "manager", other: "operations"})
        counted = self.users.get(user)
        self.assertEqual((counted.tenants, counted.groups), (2, 1))
        self.assertEqual(counted.group_system_roles, {"sys_admin": [group]})
        told = self.users.get(user, _get_data=True)
        self.assertEqual(told.groups, [group])
        self.assertEqual(told.tenants[other], {"tenant-role": None, "roles": ["operations"]})
        self.assertEqual(told.tenants[tenant]["tenant-role"], "viewer")
        self.assertEqual(set(told.tenants[tenant]["roles"]), {"viewer", "manager"})
        self.assertEqual(told.user_tenants, {tenant: "viewer"})
        self.assertEqual(told.group_tenants, {tenant: {"manager": [group]}, other: {"operations": [group]}})
        self.assertEqual(self.users.list(username=user, _get_data=True).one(), told)
        # As an administrator through the group, they may what administrators may.
        theirs = connect(user, THEIR_PASSWORD, None)
        self.assertIn(other, [found.name for found in theirs.tenants.list()])

    def test_users_are_listed_sorted_searched_and_cut(self):
        stem = unique("cut")
        made = [f"{stem}-{letter}" for letter in "bca"]
        for name in made:
            self.users.create(name, THEIR_PASSWORD, "default")
            self.afterwards(self.users.delete, name)
        listed = self.users.list(sort="username", _search=stem.upper())
        self.assertEqual([user.username for user in listed], sorted(made))
        listed = self.users.list(sort="username", is_descending=True, _search=stem, _size=2)
        self.assertEqual([user.username for user in listed], [f"{stem}-c", f"{stem}-b"])
        self.assertEqual(listed.metadata.pagination.total, 3)
        cut = self.users.list(_include=["username", "role"], username=made[0].upper())
        self.assertEqual(cut.one(), {"username": made[0], "role": "default"})
        for field in ["password", "id"]:
            with self.subTest(field), self.refused(400, "no_such_include_field_error"):
                self.users.list(_include=[field])

    def test_a_password_is_changed_by_its_owner_and_by_administrators(self):
        name = self.user()
        self.users.set_password(name, "another long password")
        with self.assertRaises(UserUnauthorizedError):
            connect(name, THEIR_PASSWORD, None).users.get_self()
        theirs = connect(name, "another long password", None)
        theirs.users.set_password(name, THEIR_PASSWORD)
        with self.assertRaises(UserUnauthorizedError):
            theirs.users.get_self()
        theirs = connect(name, THEIR_PASSWORD, None)
        self.assertEqual(theirs.users.get_self().username, name)
        with self.refused(400, "bad_parameters_error"):
            theirs.users.set_password(name, "1234")
        with self.assertRaises(ForbiddenError):
            theirs.users.set_password("admin", "mine now, all of it")
        self.assertEqual(connect().users.get_self().username, "admin")

    def test_a_role_is_given_and_taken(self):
        name = self.user()
        theirs = connect(name, THEIR_PASSWORD, None)
        with self.assertRaises(ForbiddenError):
            theirs.users.list()
        self.assertEqual(self.users.set_role(name, "sys_admin").role, "sys_admin")
        self.assertIn(name, [user.username for user in theirs.users.list()])
        self.assertEqual(self.users.set_role(name, "default").role, "default")
        with self.assertRaises(ForbiddenError):
            theirs.users.set_role(name, "sys_admin")
        for role in ["manager", "nothing"]:
            with self.subTest(role), self.refused(400, "bad_parameters_error"):
                self.users.set_role(name, role)
        self.assertEqual(self.users.get(name).role, "default")

    def test_the_getting_started_page_is_switched_off_by_its_reader(self):
        name = self.user()
        self.assertIs(self.users.get(name)["show_getting_started"], True)
        theirs = connect(name, THEIR_PASSWORD, None)
        self.assertIs(theirs.users.set_show_getting_started(name, False)["show_getting_started"], False)
        self.assertIs(self.users.get(name)["show_getting_started"], False)
        with self.assertRaises(ForbiddenError):
            theirs.users.set_show_getting_started("admin", False)
        self.assertIs(self.users.set_show_getting_started(name, True)["show_getting_started"], True)

    def test_a_user_is_put_out_of_action_and_back(self):
        tenant = self.tenant()
        name = self.user(**{tenant: "user"})
        theirs = connect(name, THEIR_PASSWORD, tenant)
        self.assertEqual(len(theirs.sites.list()), 0)
        self.assertIs(self.users.deactivate(name).active, False)
        with self.assertRaises(UserUnauthorizedError):
            theirs.sites.list()
        with self.refused(409, "conflict_error"):
            self.users.deactivate(name)
        self.assertIs(self.users.activate(name).active, True)
        self.assertEqual(len(theirs.sites.list()), 0)
        with self.refused(409, "conflict_error"):
            self.users.activate(name)
        with self.unknown():
            self.users.activate(unique("nobody"))
        # Nobody shuts themselves out.
        with self.assertRaises(Exception) as caught:
            self.users.deactivate("admin")
        self.assertIn(caught.exception.status_code, (400, 409))
        self.assertIs(self.users.get("admin").active, True)

    def test_a_user_is_locked_after_wrong_passwords_and_unlocked(self):
        name = self.user()
        manager = self.admin.manager
        self.assertEqual(manager.get_config("account_lock_period", "rest").value, -1)
        manager.put_config("account_lock_period", 30)
        self.addCleanup(manager.put_config, "account_lock_period", -1)
        theirs = connect(name, THEIR_PASSWORD, None)
        for _ in range(5):
            self.assertIs(self.users.get(name).is_locked, False)
            with self.assertRaises(UserUnauthorizedError):
                connect(name, "not their password", None).users.get_self()
        self.assertIs(self.users.get(name).is_locked, True)
        with self.assertRaises(UserUnauthorizedError):
            theirs.users.get_self()
        self.assertIs(self.users.unlock(name).is_locked, False)
        self.assertEqual(theirs.users.get_self().username, name)
        with self.unknown():
            self.users.unlock(unique("nobody"))

    def test_who_is_needed_cannot_be_removed(self):
        tenant = self.tenant()
        name = self.user(**{tenant: "user"})
        with self.refused(409, "conflict_error"):
            self.users.delete(name)
        theirs = connect(name, THEIR_PASSWORD, tenant)
        theirs.sites.create("theirs")
        self.admin.tenants.remove_user(name, tenant)
        with self.refused(409, "conflict_error"):
            self.users.delete(name)
        connect(tenant=tenant).sites.delete("theirs")
        self.group(members=[name])
        with self.refused(409, "conflict_error"):
            self.users.delete(name)
        self.assertEqual(self.users.get(name).username, name)
        # Neither the first administrator nor oneself.
        with self.assertRaises(Exception) as caught:
            self.users.delete("admin")
        self.assertIn(caught.exception.status_code, (400, 409))
        other = self.user(role="sys_admin")
        with self.assertRaises(Exception) as caught:
            connect(other, THEIR_PASSWORD, None).users.delete(other)
        self.assertIn(caught.exception.status_code, (400, 409))

    def test_one_is_told_of_oneself_only(self):
        tenant = self.tenant()
        name = self.user(**{tenant: "manager"})
        theirs = connect(name, THEIR_PASSWORD, tenant)
        mine = theirs.users.get_self(_get_data=True)
        self.assertEqual((mine.username, mine.user_tenants), (name, {tenant: "manager"}))
        for ask in [
            lambda: theirs.users.list(),
            lambda: theirs.users.get("admin"),
            lambda: theirs.users.create(unique("user"), THEIR_PASSWORD, "default"),
            lambda: theirs.users.delete("admin"),
            lambda: theirs.users.deactivate("admin"),
            lambda: theirs.users.unlock(name),
        ]:
            with self.assertRaises(ForbiddenError):
                ask()

    def test_users_are_dumped_with_the_hashes_of_their_passwords_and_restored(self):
        tenant = self.tenant()
        name = self.user(**{tenant: "viewer"})
        connect(name, THEIR_PASSWORD, tenant).users.get_self()
        (dumped,) = [user for user in self.users.dump() if user["username"] == name]
        self.assertEqual(dumped["tenant_roles"], {"direct": {tenant: "viewer"}, "groups": {}})
        self.assertTrue(dumped["password_hash"].startswith("$argon2id$"))
        before = self.users.get(name)
        self.remove_user(name)

        roles = list(self.users.restore([dict(dumped)], None))
        self.assertEqual(roles, [{name: {"direct": {tenant: "viewer"}, "groups": {}}}])
        restored = self.users.get(name)
        self.assertEqual(restored.created_at, before.created_at)
        self.assertEqual((restored.first_login_at, restored.tenants), (before.first_login_at, 0))
        self.assertEqual(connect(name, THEIR_PASSWORD, None).users.get_self().username, name)

        # Hashes are for those alone who may ask for them.
        with self.assertRaises(ForbiddenError):
            connect(name, THEIR_PASSWORD, None).users.get_self(_include_hash=True)
