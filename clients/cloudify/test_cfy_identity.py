"""`cfy tenants`, `users`, `user-groups`, `tokens` and `permissions`."""

from cloudify_rest_client.exceptions import UserUnauthorizedError

from support import THEIR_PASSWORD, CommandTest, connect, connect_with, unique


class Tenants(CommandTest):
    def test_a_tenant_is_made_shown_and_removed(self):
        name = unique("tenant")
        self.assertIn(f"Tenant `{name}` created", self.cfy("tenants", "create", name).text)
        self.afterwards(self.admin.tenants.delete, name)
        shown = self.cfy_json("tenants", "get", name)
        self.assertEqual(shown, {"name": name, "groups": 0, "users": 0})
        self.assertIn(name, [tenant["name"] for tenant in self.cfy_json("tenants", "list")])
        said = self.cfy("tenants", "list", "--search", name).text
        self.assertIn("Showing 1 of 1 tenants", said)
        self.assertIn(name, said)
        self.assertIn("409: ", self.cfy_fails("tenants", "create", name))
        self.assertIn("Tenant removed", self.cfy("tenants", "delete", name).text)
        self.assertIn("404: ", self.cfy_fails("tenants", "get", name))
        self.assertIn("404: ", self.cfy_fails("tenants", "delete", name))

    def test_users_come_and_go(self):
        name, user = self.tenant(), self.user()
        said = self.cfy("tenants", "add-user", user, "-t", name, "-r", "viewer").text
        self.assertIn(f"User `{user}` added successfully to tenant `{name}` with `viewer` role", said)
        self.assertIn("already associated", self.cfy("tenants", "add-user", user, "-t", name, "-r", "user").text)
        self.cfy("tenants", "update-user", user, "-t", name, "-r", "manager")
        self.assertEqual(self.admin.tenants.get(name, _get_data=True).direct_users, {user: "manager"})
        shown = self.cfy_json("tenants", "get", name, "--get-data")
        self.assertIn(f"'{user}': 'manager'", shown["direct users"])
        self.assertIn("removed successfully", self.cfy("tenants", "remove-user", user, "-t", name).text)
        self.assertIn("is not associated", self.cfy("tenants", "remove-user", user, "-t", name).text)
        said = self.cfy("tenants", "update-user", user, "-t", name, "-r", "user").text
        self.assertIn("is *not* currently associated", said)
        self.assertEqual(self.admin.tenants.get(name).users, 0)

    def test_groups_come_and_go(self):
        name, group = self.tenant(), self.group(members=[self.user()])
        said = self.cfy("tenants", "add-user-group", group, "-t", name, "-r", "viewer").text
        self.assertIn("added successfully", said)
        self.cfy("tenants", "update-user-group", group, "-t", name, "-r", "operations")
        self.assertEqual(self.admin.tenants.get(name, _get_data=True).groups, {group: "operations"})
        self.assertIn(group, self.cfy_json("tenants", "get", name, "--get-data")["group users"])
        self.assertIn("removed successfully", self.cfy("tenants", "remove-user-group", group, "-t", name).text)
        self.assertIn("is not associated", self.cfy("tenants", "remove-user-group", group, "-t", name).text)


class Users(CommandTest):
    def test_a_user_is_made_shown_and_removed(self):
        name, tenant = unique("user"), self.tenant()
        said = self.cfy("users", "create", name, "-p", THEIR_PASSWORD, "-t", tenant, "-l", "viewer").text
        self.afterwards(self.remove_user, name)
        self.assertIn(f"User `{name}` created with `default` security role", said)
        self.assertIn(f"User `{name}` added successfully to tenant `{tenant}` with `viewer` role", said)
        shown = self.cfy_json("users", "get", name)
        self.assertEqual((shown["username"], shown["active"], shown["is_locked"]), (name, True, False))
        self.assertEqual((shown["system wide role"], shown["tenants"], shown["groups"]), ("default", 1, 0))
        told = self.cfy_json("users", "get", name, "--get-data")
        self.assertIn(f"'{tenant}': 'viewer'", told["user_tenants"])
        listed = self.cfy_json("users", "list", "--search", name, "--get-data")
        self.assertEqual([user["username"] for user in listed], [name])
        self.assertIn("409: ", self.cfy_fails("users", "create", name, "-p", THEIR_PASSWORD))
        self.assertIn("400: ", self.cfy_fails("users", "create", unique("user"), "-p", "1234"))
        self.assertIn("409: ", self.cfy_fails("users", "delete", name))
        self.admin.tenants.remove_user(name, tenant)
        self.assertIn("User removed", self.cfy("users", "delete", name).text)
        self.assertIn("404: ", self.cfy_fails("users", "get", name))

    def test_a_user_is_changed(self):
        name = self.user()
        self.assertIn("New password set", self.cfy("users", "set-password", name, "-p", "another long password").text)
        theirs = connect(name, "another long password", None)
        self.assertEqual(theirs.users.get_self().username, name)
        self.assertIn("New role `sys_admin` set", self.cfy("users", "set-role", name, "-r", "sys_admin").text)
        self.assertEqual(theirs.users.get_self().role, "sys_admin")
        self.assertIn("User deactivated", self.cfy("users", "deactivate", name).text)
        with self.assertRaises(UserUnauthorizedError):
            theirs.users.get_self()
        self.assertIn("already inactive", self.cfy("users", "deactivate", name).text)
        self.assertIn("User activated", self.cfy("users", "activate", name).text)
        self.assertIn("already active", self.cfy("users", "activate", name).text)
        self.assertEqual(theirs.users.get_self().username, name)
        self.assertIn("User unlocked", self.cfy("users", "unlock", name).text)

    def test_somebody_without_a_role_is_refused(self):
        tenant = self.tenant()
        name = self.user(**{tenant: "user"})
        self.cfy("profiles", "set", "-u", name, "-p", THEIR_PASSWORD, "-t", tenant)
        self.assertIn("403: ", self.cfy_fails("users", "list"))
        self.assertIn("403: ", self.cfy_fails("tenants", "create", unique("tenant")))
        self.assertIn("401: ", self.cfy_fails("permissions", "list"))
        self.assertEqual(self.cfy_json("users", "get", name)["username"], name)


class UserGroups(CommandTest):
    def test_a_group_is_made_shown_changed_and_removed(self):
        name, user = unique("group"), self.user()
        self.assertIn(f"Group `{name}` created", self.cfy("user-groups", "create", name).text)
        self.afterwards(self.remove_group, name)
        self.assertIn("added successfully", self.cfy("user-groups", "add-user", user, "-g", name).text)
        self.assertIn("already associated", self.cfy("user-groups", "add-user", user, "-g", name).text)
        shown = self.cfy_json("user-groups", "get", name)
        self.assertEqual(shown, {"name": name, "role": "default", "tenants": 0, "users": 1})
        told = self.cfy_json("user-groups", "list", "--search", name, "--get-data")
        self.assertEqual([(group["name"], group["users"]) for group in told], [(name, [user])])
        self.assertIn("New role", self.cfy("user-groups", "set-role", name, "-r", "sys_admin").text)
        self.assertEqual(self.admin.user_groups.get(name).role, "sys_admin")
        self.assertIn("removed successfully", self.cfy("user-groups", "remove-user", user, "-g", name).text)
        self.assertIn("is not associated", self.cfy("user-groups", "remove-user", user, "-g", name).text)
        self.assertIn("User group removed", self.cfy("user-groups", "delete", name).text)
        self.assertIn("404: ", self.cfy_fails("user-groups", "get", name))


class Tokens(CommandTest):
    def test_a_token_is_made_listed_shown_and_removed(self):
        made = self.cfy_json("tokens", "create", "-d", "from the shell", "-e", "+2h")
        self.afterwards(self.admin.tokens.delete, made["id"])
        self.assertEqual((made["description"], made["role"]), ("from the shell", "sys_admin"))
        self.assertIsNotNone(made["expiration_date"])
        client = connect_with(made["value"])
        self.assertEqual(client.users.get_self().username, "admin")
        listed = {token["id"]: token for token in self.cfy_json("tokens", "list")}
        self.assertEqual(listed[made["id"]]["description"], "from the shell")
        shown = self.cfy("tokens", "get", made["id"]).text
        self.assertIn("from the shell", shown)
        self.assertNotIn(made["value"], shown)
        self.cfy("tokens", "delete", made["id"])
        with self.assertRaises(UserUnauthorizedError):
            client.users.get_self()
        self.assertIn("404: ", self.cfy_fails("tokens", "get", made["id"]))
        self.assertIn("400: ", self.cfy_fails("tokens", "create", "-e", "2020-01-01 00:00"))


class Permissions(CommandTest):
    def test_permissions_are_listed_given_and_taken(self):
        listed = {row["permission"]: row["roles"] for row in self.cfy_json("permissions", "list")}
        self.assertIn("viewer", listed["site_list"])
        self.assertNotIn("viewer", listed["site_update"])
        self.cfy("permissions", "allow", "--role", "viewer", "--permission", "site_update")
        self.afterwards(self.admin.permissions.delete, "site_update", "viewer")
        viewer = {row["permission"] for row in self.cfy_json("permissions", "list", "--role", "viewer")}
        self.assertIn("site_update", viewer)
        which = ["--role", "viewer", "--permission", "site_update"]
        self.assertIn("409: ", self.cfy_fails("permissions", "allow", *which))
        self.cfy("permissions", "disallow", *which)
        rows = list(self.admin.permissions.list("viewer"))
        self.assertNotIn({"role": "viewer", "permission": "site_update"}, rows)
