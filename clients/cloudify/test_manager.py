"""The manager itself: status, version, settings, the context that a bootstrap leaves."""

from cloudify_rest_client.exceptions import ForbiddenError

from support import ClientTest, connect, plain


class Status(ClientTest):
    def test_the_status_names_what_runs(self):
        status = self.admin.manager.get_status()
        self.assertEqual(status["status"], "OK")
        self.assertTrue(status["services"])
        for name, service in status["services"].items():
            with self.subTest(name):
                self.assertEqual(service["status"], "Active")
                # Agents are elsewhere, the rest is this process and what it stands on.
                self.assertIs(service["is_remote"], name == "Agents")
                for instance in service["extra_info"]["systemd"]["instances"]:
                    self.assertEqual(instance["state"], "running")
        summary = plain("GET", "status?summary=true").json()
        self.assertEqual(summary, {"status": "OK", "services": {}})

    def test_the_version_is_told_with_and_without_one_in_the_path(self):
        version = self.admin.manager.get_version()
        self.assertEqual(version["edition"], "premium")
        self.assertRegex(version["version"], r"^\d+\.\d+\.\d+$")
        keys = {"edition", "version", "build", "date", "commit", "distribution", "distro_release"}
        self.assertLessEqual(keys, set(version))
        self.assertEqual(plain("GET", "version").json(), version)

    def test_the_cluster_is_this_node(self):
        cluster = self.admin.cluster_status.get_status()
        self.assertEqual(cluster["status"], "OK")
        self.assertEqual(set(cluster["services"]), {"manager", "db"})
        (node,) = cluster["services"]["manager"]["nodes"].values()
        self.assertEqual(node["status"], "OK")
        self.assertEqual(node["version"], self.admin.manager.get_version()["version"])
        self.assertEqual(self.admin.cluster_status.get_status(summary_format=True), {"status": "OK", "services": {}})

    def test_nodes_are_listed_cut_and_stay_while_they_run(self):
        manager = self.admin.manager
        node = manager.get_managers().one()
        self.assertEqual(node.version, manager.get_version()["version"])
        self.assertTrue(node.hostname)
        self.assertEqual(node["last_seen"][-1], "Z")
        self.assertEqual(manager.get_managers(hostname=node.hostname).one().id, node.id)
        self.assertEqual(len(manager.get_managers(hostname="elsewhere")), 0)
        self.assertEqual(manager.get_managers(_include=["hostname"]).one(), {"hostname": node.hostname})
        with self.refused(409, "conflict_error"):
            manager.remove_manager(node.hostname)
        with self.unknown():
            manager.remove_manager("elsewhere")
        self.assertEqual(manager.get_managers().one().hostname, node.hostname)

    def test_the_database_is_listed_and_there_is_no_broker(self):
        self.assertEqual(len(self.admin.manager.get_brokers()), 0)
        (database,) = self.admin.manager.get_db_nodes()
        self.assertTrue(database.name)
        self.assertIs(database.is_external, False)
        self.assertEqual(list(self.admin.manager.update_db_nodes()), [database])

    def test_nodes_are_not_made_by_hand(self):
        manager = self.admin.manager
        for ask in [
            lambda: manager.add_manager("far", "10.0.0.9", "10.0.0.9", "7.0.5", "premium", "debian", "12"),
            lambda: manager.update_manager("far", "x", False),
            lambda: manager.add_broker("far", "10.0.0.9"),
            lambda: manager.update_broker("far", {"default": "10.0.0.9"}),
            lambda: manager.remove_broker("far"),
        ]:
            with self.assertRaises(Exception) as caught:
                ask()
            self.assertEqual(caught.exception.status_code, 404)
        self.assertEqual((len(manager.get_managers()), len(manager.get_brokers())), (1, 0))


class Settings(ClientTest):
    def setUp(self):
        self.manager = self.admin.manager

    def changed(self, name, value, **more):
        before = self.manager.get_config(name).value
        self.addCleanup(self.manager.put_config, name, before, force=True)
        return self.manager.put_config(name, value, **more)

    def test_settings_are_read_by_scope_and_by_name(self):
        everything = self.manager.get_config()
        self.assertEqual({item.scope for item in everything}, {"rest", "agent", "mgmtworker", "workflow"})
        rest = self.manager.get_config(scope="rest")
        self.assertEqual([item.name for item in rest], [item.name for item in everything if item.scope == "rest"])
        values = {item.name: item.value for item in rest}
        self.assertEqual(values["default_page_size"], 1000)
        self.assertEqual((values["blueprint_folder_max_size_mb"], values["blueprint_folder_max_files"]), (50, 10000))
        item = self.manager.get_config("subgraph_retries")
        self.assertEqual((item.value, item.scope, item.is_editable, item.admin_only), (0, "workflow", True, False))
        self.assertEqual((item.updated_at, item.updater_name), (None, None))
        self.assertEqual(self.manager.get_config("max_workers", "agent").scope, "agent")
        with self.refused(409, "ambiguous_name"):
            self.manager.get_config("max_workers")
        with self.unknown():
            self.manager.get_config("nothing")
        with self.unknown():
            self.manager.get_config("subgraph_retries", "agent")

    def test_a_setting_is_changed_within_its_schema(self):
        changed = self.changed("task_retry_interval", 20)
        self.assertEqual((changed.value, changed.updater_name), (20, "admin"))
        self.assertIsNotNone(changed.updated_at)
        self.assertEqual(self.manager.get_config("task_retry_interval", "workflow").value, 20)
        for wrong in [-1, "20", None, 1.5]:
            with self.subTest(wrong), self.refused(400, "bad_parameters_error"):
                self.manager.put_config("task_retry_interval", wrong)
        self.assertEqual(self.changed("agent.max_workers", 7).scope, "agent")
        self.assertEqual(self.manager.get_config("max_workers", "mgmtworker").value, 5)
        with self.refused(409, "ambiguous_name"):
            self.manager.put_config("max_workers", 7)
        self.assertEqual(self.manager.get_config("task_retry_interval").value, 20)

    def test_some_are_changed_by_force_only(self):
        self.assertIs(self.manager.get_config("public_ip").is_editable, False)
        with self.refused(409, "conflict_error"):
            self.manager.put_config("public_ip", "192.0.2.1")
        self.assertEqual(self.changed("public_ip", "192.0.2.1", force=True).value, "192.0.2.1")

    def test_the_page_size_is_used_by_lists(self):
        inside = connect(tenant=self.tenant())
        for name in ["a", "b", "c"]:
            inside.sites.create(name)
        self.changed("default_page_size", 2)
        listed = inside.sites.list()
        self.assertEqual((len(listed), listed.metadata.pagination.size, listed.metadata.pagination.total), (2, 2, 3))
        self.assertEqual([site["name"] for site in inside.sites.dump()], ["a", "b", "c"])

    def test_what_is_for_administrators_is_masked_for_others(self):
        self.changed("log_fetch_password", "a password for logs")
        viewer = self.member(self.tenant(), "viewer")
        item = viewer.manager.get_config("log_fetch_password")
        self.assertEqual((item.value, item.admin_only), ("********", True))
        self.assertNotIn("a password for logs", str(viewer.manager.get_config(scope="rest").items))
        with self.assertRaises(ForbiddenError):
            viewer.manager.put_config("task_retries", 1)
        self.assertEqual(self.manager.get_config("task_retries").value, 60)


class Context(ClientTest):
    def test_a_context_is_left_once_and_then_changed(self):
        manager = self.admin.manager
        with self.unknown():
            manager.get_context()
        with self.unknown():
            manager.update_context("cloud", {"region": "north"})
        manager.create_context("cloud", {"region": "north"})
        self.assertEqual(manager.get_context(), {"name": "cloud", "context": {"region": "north"}})
        with self.refused(409, "conflict_error"):
            manager.create_context("cloud", {"region": "south"})
        manager.update_context("cloud", {"region": "south"})
        self.assertEqual(manager.get_context(_include=["context"]), {"context": {"region": "south"}})
