"""Signing in through a directory, which is set up and given up again by the client."""

from cloudify_rest_client.exceptions import UserUnauthorizedError

from slapd import BASE, GROUP, PERSON, READER, READERS_PASSWORD, THEIR_SECRET, Slapd
from support import PASSWORD, ClientTest, CommandTest, connect, plain, unique


def give_up():
    """The client has no word for it."""
    answer = plain("DELETE", "ldap")
    if answer.status_code not in (204, 404):
        raise AssertionError(answer.text)


class Directory(ClientTest):
    def setUp(self):
        self.slapd = Slapd(self.folder())
        self.addCleanup(self.slapd.stop)
        self.addCleanup(give_up)

    def test_people_sign_in_through_a_directory_and_get_what_its_groups_give(self):
        tenant = self.tenant()
        with self.assertRaises(UserUnauthorizedError):
            connect(PERSON, THEIR_SECRET, tenant).sites.list()
        told = self.admin.ldap.set(self.slapd.url, READER, READERS_PASSWORD, ldap_base_dn=BASE)
        self.assertEqual((told.ldap_server, told.ldap_username), (self.slapd.url, READER))
        self.assertEqual((told.ldap_base_dn, told.ldap_is_active_directory), (BASE, False))
        self.assertNotIn(READERS_PASSWORD, str(told))
        self.assertEqual(self.admin.ldap.get_status(), "enabled")
        self.assertEqual(self.admin.idp.get(), "ldap")

        name = unique("group")
        group = self.admin.user_groups.create(name, "default", GROUP)
        self.afterwards(self.admin.user_groups.delete, name)
        self.assertEqual(group.ldap_dn, GROUP)
        self.admin.tenants.add_user_group(name, tenant, "user")
        self.addCleanup(self.leave, tenant, name)

        theirs = connect(PERSON, THEIR_SECRET, tenant)
        self.assertEqual(theirs.sites.create("through-the-directory")["created_by"], PERSON)
        self.assertEqual(self.admin.users.get(PERSON, _get_data=True).group_tenants, {tenant: {"user": [name]}})
        with self.assertRaises(UserUnauthorizedError):
            connect(PERSON, "guessed", tenant).sites.list()
        # The first administrator still comes in when the directory is away.
        self.slapd.stop()
        self.assertEqual(connect("admin", PASSWORD).users.get_self().username, "admin")

    def leave(self, tenant, group):
        """Who came through the directory goes with it."""
        give_up()
        self.empty(tenant)
        user = self.admin.users.get(PERSON, _get_data=True)
        for name in user.groups:
            self.admin.user_groups.remove_user(PERSON, name)
        self.admin.users.delete(PERSON)
        self.admin.tenants.remove_user_group(group, tenant)

    def test_members_and_passwords_are_the_directorys_own(self):
        user, group = self.user(), self.group()
        self.admin.ldap.set(self.slapd.url, READER, READERS_PASSWORD, ldap_base_dn=BASE)
        with self.refused(400, "illegal_action_error"):
            self.admin.users.create(unique("user"), "three small boats", "default")
        with self.refused(400, "illegal_action_error"):
            self.admin.user_groups.add_user(user, group)
        with self.refused(400, "bad_parameters_error"):
            self.admin.ldap.set(self.slapd.url, READER, "not the password", ldap_base_dn=BASE)
        self.assertEqual(self.admin.ldap.get_status(), "enabled")
        give_up()
        self.assertEqual(self.admin.ldap.get_status(), "disabled")
        self.assertEqual(self.admin.user_groups.add_user(user, group).users, 1)


class Commands(CommandTest):
    def test_a_directory_is_set_up_from_the_shell(self):
        slapd = Slapd(self.folder())
        self.addCleanup(slapd.stop)
        self.addCleanup(give_up)
        said = self.cfy("ldap", "set", "-s", slapd.url, "-u", READER, "-p", READERS_PASSWORD, "--ldap-base-dn", BASE)
        self.assertIn("LDAP authentication set successfully", said.text)
        self.assertIn("enabled", self.cfy("ldap", "status").text)
        self.assertEqual(self.admin.ldap.get_status(), "enabled")
