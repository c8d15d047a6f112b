"""Permissions: what each role may, and changing it."""

from cloudify_rest_client.exceptions import ForbiddenError, UserUnauthorizedError

from support import ClientTest

ROLES = {"sys_admin", "manager", "user", "operations", "viewer", "default"}


class Permissions(ClientTest):
    def setUp(self):
        self.permissions = self.admin.permissions

    def test_the_matrix_is_listed_whole_and_by_role(self):
        listed = self.permissions.list()
        self.assertEqual({row["role"] for row in listed}, ROLES)
        self.assertEqual(listed.metadata.pagination.total, len(listed))
        self.assertIn({"role": "viewer", "permission": "site_list"}, list(listed))
        self.assertNotIn({"role": "viewer", "permission": "site_create"}, list(listed))
        viewer = self.permissions.list("viewer")
        self.assertEqual({row["role"] for row in viewer}, {"viewer"})
        self.assertEqual(list(viewer), [row for row in listed if row["role"] == "viewer"])
        # The first administrator's role holds every one.
        everything = {row["permission"] for row in listed}
        self.assertEqual({row["permission"] for row in self.permissions.list("sys_admin")}, everything)
        with self.unknown():
            self.permissions.list("nothing")

    def test_a_permission_is_given_and_taken_at_once(self):
        tenant = self.tenant()
        viewer = self.member(tenant, "viewer")
        with self.assertRaises(ForbiddenError):
            viewer.sites.create("here")
        self.permissions.add("site_create", "viewer")
        self.afterwards(self.permissions.delete, "site_create", "viewer")
        self.assertEqual(viewer.sites.create("here").name, "here")
        self.assertIn({"role": "viewer", "permission": "site_create"}, list(self.permissions.list("viewer")))
        with self.refused(409, "conflict_error"):
            self.permissions.add("site_create", "viewer")
        self.assertIsNone(self.permissions.delete("site_create", "viewer"))
        with self.assertRaises(ForbiddenError):
            viewer.sites.create("there")
        with self.unknown():
            self.permissions.delete("site_create", "viewer")

    def test_only_administrators_see_and_change_them(self):
        manager = self.member(self.tenant(), "manager")
        for ask in [
            lambda: manager.permissions.list(),
            lambda: manager.permissions.add("site_create", "viewer"),
            lambda: manager.permissions.delete("site_list", "viewer"),
        ]:
            with self.assertRaises(UserUnauthorizedError) as caught:
                ask()
            self.assertEqual(caught.exception.status_code, 401)
        self.assertIn({"role": "viewer", "permission": "site_list"}, list(self.permissions.list("viewer")))

    def test_all_are_dumped_and_restored(self):
        dumped = list(self.permissions.dump())
        self.assertEqual(dumped, list(self.permissions.list()))
        self.permissions.delete("site_list", "viewer")
        self.addCleanup(self.permissions.restore, dumped, None)
        self.assertNotIn({"role": "viewer", "permission": "site_list"}, list(self.permissions.dump()))
        self.permissions.restore(dumped, None)
        self.assertIn({"role": "viewer", "permission": "site_list"}, list(self.permissions.dump()))
