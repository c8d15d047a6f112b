"""`cfy profiles`, and commands that tell about the server."""

from cloudify_rest_client.exceptions import CloudifyClientError

from support import ADDRESS, PASSWORD, THEIR_PASSWORD, CommandTest, connect, unique


class Profiles(CommandTest):
    profile = None

    def test_a_profile_with_a_password_is_used(self):
        said = self.use("-u", "admin", "-p", PASSWORD, "-t", "default_tenant").text
        self.assertIn(f"Using manager {ADDRESS.hostname} with port {ADDRESS.port}", said)
        # The client takes every server without a broker of its own for a cluster, of this one node.
        (shown,) = self.cfy_json("profiles", "show-current")
        self.assertEqual((shown["name"], int(shown["rest_port"])), (ADDRESS.hostname, ADDRESS.port))
        self.assertEqual((shown["manager_username"], shown["manager_tenant"]), ("admin", "default_tenant"))
        self.assertEqual(shown["rest_protocol"], "http")
        self.assertEqual(self.cfy_json("profiles", "list")[0]["name"], f"*{ADDRESS.hostname}")
        self.assertEqual(self.cfy_json("users", "get", "admin")["username"], "admin")

    def test_a_profile_with_a_token_is_used(self):
        token = self.admin.tokens.create("for the command line")
        self.afterwards(self.admin.tokens.delete, token.id)
        self.use("--manager-token", token.value, "-t", "default_tenant")
        self.assertIn("admin", [user["username"] for user in self.cfy_json("users", "list")])
        self.admin.tokens.delete(token.id)
        self.assertIn("401: User unauthorized", self.cfy_fails("users", "list"))

    def test_wrong_credentials_make_no_profile(self):
        arguments = ["profiles", "use", ADDRESS.hostname, "--rest-port", ADDRESS.port, "-t", "default_tenant"]
        done = self.run_cfy(*arguments, "-u", "admin", "-p", "wrong")
        self.assertEqual(done.code, 1)
        self.assertIn(f"Can't use manager {ADDRESS.hostname}", done.text)
        self.assertIn("401: User unauthorized", done.text)
        self.assertEqual(self.cfy_json("profiles", "list") if self.has_profiles() else [], [])
        done = self.run_cfy("sites", "list")
        self.assertEqual(done.code, 1)
        self.assertIn("only available when using a manager", done.text)

    def has_profiles(self):
        return "No profiles found" not in self.cfy("profiles", "list").text

    def test_the_tenant_and_the_user_of_a_profile_are_changed(self):
        self.use("-u", "admin", "-p", PASSWORD, "-t", "default_tenant")
        tenant = self.tenant()
        user = self.user(**{tenant: "user"})
        connect(tenant=tenant).sites.create("inside")
        self.assertIn("Settings saved", self.cfy("profiles", "set", "-t", tenant).text)
        self.assertEqual([site["name"] for site in self.cfy_json("sites", "list")], ["inside"])
        self.cfy("profiles", "set", "-u", user, "-p", THEIR_PASSWORD)
        self.cfy("sites", "create", "theirs")
        self.assertEqual(connect(tenant=tenant).sites.get("theirs")["created_by"], user)
        self.assertIn("403", self.cfy_fails("users", "list"))
        # What does not fit is not saved.
        done = self.run_cfy("profiles", "set", "-u", user, "-p", "wrong")
        self.assertEqual(done.code, 1)
        self.assertIn("401: User unauthorized", done.text)
        self.assertEqual(len(self.cfy_json("sites", "list")), 2)


class About(CommandTest):
    def test_the_status_is_shown(self):
        said = self.cfy("status").text
        self.assertIn("Services:", said)
        self.assertIn("Active", said)
        self.assertNotIn("not responding", said)
        status, told = self.cfy_json("status"), self.admin.manager.get_status()
        self.assertEqual((status["status"], status["services"].keys()), ("OK", told["services"].keys()))
        self.admin.maintenance_mode.activate()
        self.addCleanup(self.deactivate)
        self.assertIn("Maintenance mode is activated", self.cfy("status").text)

    def deactivate(self):
        try:
            self.admin.maintenance_mode.deactivate()
        except CloudifyClientError as error:
            self.assertEqual(error.error_code, "not_modified")

    def test_maintenance_mode_is_switched(self):
        self.addCleanup(self.deactivate)
        self.assertIn("deactivated", self.cfy("maintenance-mode", "status").text)
        self.assertIn("Manager is in maintenance mode", self.cfy("maintenance-mode", "activate", "--wait").text)
        said = self.cfy("maintenance-mode", "status").text
        self.assertIn("Requested By:\tadmin", said)
        done = self.run_cfy("sites", "list")
        self.assertEqual(done.code, 1)
        self.assertIn("maintenance mode", done.text.lower())
        done = self.run_cfy("maintenance-mode", "activate")
        self.assertEqual((done.code, done.text.strip().splitlines()[-1]), (1, "Nothing to modify"))
        self.assertIn("Maintenance mode is off.", self.cfy("maintenance-mode", "deactivate").text)
        self.assertIsInstance(self.cfy_json("sites", "list"), list)

    def test_settings_are_listed_and_changed(self):
        items = {(item["scope"], item["name"]): item for item in self.cfy_json("config", "list")}
        self.assertEqual(items["workflow", "task_retries"]["value"], 60)
        self.addCleanup(self.admin.manager.put_config, "task_retries", 60)
        self.assertIn("Updated task_retries to 61", self.cfy("config", "update", "{task_retries: 61}").text)
        self.assertEqual(self.admin.manager.get_config("task_retries").value, 61)
        self.assertIn("409: ", self.cfy_fails("config", "update", "{max_workers: 6}"))

    def test_the_cluster_is_shown(self):
        node = self.admin.manager.get_managers().one()
        (manager,) = self.cfy_json("managers", "list")
        self.assertEqual((manager["hostname"], manager["version"]), (node.hostname, node.version))
        (database,) = self.cfy_json("db-nodes", "list")
        self.assertTrue(database["name"])
        self.assertIn("OK", self.cfy("cluster", "status").text)

    def test_where_identities_come_from_is_shown(self):
        self.assertIn("local", self.cfy("idp", "get").text)
        self.assertIn("disabled", self.cfy("ldap", "status").text)
        said = self.cfy_fails("ldap", "set", "-s", "ldap://127.0.0.1:9", "--ldap-base-dn", "dc=example,dc=org")
        self.assertIn("500: ", said)

    def test_the_audit_log_is_listed_and_shortened(self):
        tenant = self.tenant()
        user = self.user(**{tenant: "user"})
        connect(user, THEIR_PASSWORD, tenant).sites.create("here")
        (entry,) = self.cfy_json("auditlog", "list", "-c", user)
        self.assertEqual((entry["operation"], entry["ref_table"], entry["creator_name"]), ("create", "sites", user))
        said = self.cfy("auditlog", "list", "-c", user).text
        self.assertIn("sites:", said)
        self.assertIn("Showing 1 of 1 audit log entries", said)
        said = self.cfy("auditlog", "truncate", "-b", "now", "-c", user).text
        self.assertIn("1 audit log entries have been truncated", said)
        self.assertEqual(len(self.admin.auditlog.list(creator_name=user)), 0)

    def test_the_licence_is_handled(self):
        from test_license import LICENSE

        self.addCleanup(self.admin.license.delete)
        self.assertIn("400: ", self.cfy_fails("license", "check"))
        register = ["community", "register", "-f", "Ada", "-l", "Berg", "-e", "ada@example.org", "-p", "1", "-a"]
        self.assertIn("404: ", self.cfy_fails(*register))
        self.cfy("license", "upload", self.file(LICENSE))
        self.assertIn("Manager is licensed", self.cfy("license", "check").text)
        (shown,) = self.cfy_json("license", "list")
        self.assertEqual((shown["customer_id"], shown["expired"]), ("Harbour", False))
        self.cfy("license", "remove")
        self.assertEqual(len(self.admin.license.list()), 0)

    def test_an_unknown_tenant_is_said_so(self):
        tenant = unique("nowhere")
        self.assertIn("403: ", self.cfy_fails("sites", "list", "-t", tenant))
