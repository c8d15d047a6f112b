"""Where identities come from: this server, as long as no directory is set up."""

from cloudify_rest_client.exceptions import ForbiddenError

from support import ClientTest, connect

BASE = "dc=example,dc=org"


class IdentityProvider(ClientTest):
    def test_identities_are_the_servers_own(self):
        self.assertEqual(self.admin.idp.get(), "local")
        self.assertEqual(self.admin.ldap.get_status(), "disabled")

    def test_a_directory_that_cannot_be_used_changes_nothing(self):
        cases = [
            {"ldap_server": "127.0.0.1"},
            {"ldap_server": "http://127.0.0.1"},
            {"ldap_server": "ldaps://127.0.0.1"},
            {"ldap_server": "ldap://127.0.0.1", "ldap_base_dn": None},
            {"ldap_server": "ldap://127.0.0.1", "ldap_ca_path": self.file("no certificate")},
            {"ldap_server": "ldap://127.0.0.1", "ldap_nested_levels": -1},
        ]
        for settings in cases:
            with self.subTest(settings), self.refused(400, "bad_parameters_error"):
                self.admin.ldap.set(**{"ldap_base_dn": BASE, **settings})
        # Nothing listens at this port.
        with self.refused(500, "not_running_ldap_server"):
            self.admin.ldap.set("ldap://127.0.0.1:9", "cn=reader", "unseen", ldap_base_dn=BASE)
        self.assertEqual(self.admin.ldap.get_status(), "disabled")
        self.assertEqual(self.admin.idp.get(), "local")
        self.assertEqual(connect().users.get_self().username, "admin")

    def test_only_administrators_set_it_up(self):
        manager = self.member(self.tenant(), "manager")
        with self.assertRaises(ForbiddenError):
            manager.ldap.set("ldap://127.0.0.1:9", ldap_base_dn=BASE)
        self.assertEqual(manager.idp.get(), "local")
