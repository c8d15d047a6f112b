"""Computers and their tags, annotations and access groups."""

import socket

from landscape_api.base import errors

from support import URL, ClientTest, enrol


class Computers(ClientTest):
    def setUp(self):
        self.query = f"id:{self.computer['id']}"
        self.addCleanup(self.restore)

    def restore(self):
        """Each test finds the computer as the agent enrolled it."""
        (computer,) = self.api.get_computers(query=self.query)
        if computer["tags"]:
            self.api.remove_tags_from_computers(query=self.query, tags=computer["tags"])
        if self.computer["tags"]:
            self.api.add_tags_to_computers(query=self.query, tags=self.computer["tags"])
        if computer["access_group"] != self.computer["access_group"]:
            group = self.computer["access_group"]
            self.api.change_computers_access_group(query=self.query, access_group=group)
        if computer["title"] != self.computer["title"]:
            self.api.rename_computers(computer_titles={computer["id"]: self.computer["title"]})

    def ids(self, query):
        return [computer["id"] for computer in self.api.get_computers(query=query)]

    def test_this_machine_is_found(self):
        computers = self.api.get_computers(with_network=True, with_hardware=True, with_annotations=True)
        (computer,) = [c for c in computers if c["id"] == self.computer["id"]]
        self.assertTrue(computer["hostname"])
        self.assertTrue(socket.gethostname().startswith(computer["hostname"].split(".")[0]))
        self.assertIsInstance(computer["network_devices"], list)
        self.assertIsInstance(computer["annotations"], dict)
        self.assertGreater(computer["total_memory"], 0)
        self.assertIsNotNone(computer["last_exchange_time"])
        plain = self.api.get_computers(query=self.query)[0]
        self.assertNotIn("network_devices", plain)

    def test_tags_are_added_searched_and_removed(self):
        tags = ["web", "größe", "x-1"]
        (computer,) = self.api.add_tags_to_computers(query=self.query, tags=tags)
        self.assertEqual(sorted(set(computer["tags"]) & set(tags)), sorted(tags))
        here = self.computer["id"]
        self.assertEqual(self.ids("tag:web"), [here])
        self.assertEqual(self.ids('tag:"größe"'), [here])
        self.assertEqual(self.ids("tag:none OR tag:x-1"), [here])
        self.assertEqual(self.ids("tag:web NOT tag:x-1"), [])
        (computer,) = self.api.remove_tags_from_computers(query=self.query, tags=["web", "x-1"])
        self.assertNotIn("web", computer["tags"])
        self.assertEqual(self.ids("tag:web"), [])
        with self.assertRaises(errors.InvalidTagError):
            self.api.add_tags_to_computers(query=self.query, tags=["not ok"])
        with self.assertRaises(errors.InvalidQueryError):
            self.api.add_tags_to_computers(query="what:ever", tags=["web"])

    def test_ten_tags_and_more_keep_their_order_in_the_signature(self):
        tags = [f"t{number}" for number in range(1, 13)]
        (computer,) = self.api.add_tags_to_computers(query=self.query, tags=tags)
        self.assertTrue(set(tags) <= set(computer["tags"]))

    def test_annotations_are_set_and_removed(self):
        (computer,) = self.api.add_annotation_to_computers(query=self.query, key="site", value="Amsterdam / 3")
        self.assertEqual(computer["annotations"]["site"], "Amsterdam / 3")
        self.assertEqual(self.ids("annotation:site:amster"), [self.computer["id"]])
        (computer,) = self.api.remove_annotation_from_computers(query=self.query, key="site")
        self.assertNotIn("site", computer["annotations"])
        with self.assertRaises(errors.InvalidAnnotationKeyError):
            self.api.add_annotation_to_computers(query=self.query, key="a b", value="x")

    def test_a_computer_is_renamed(self):
        (computer,) = self.api.rename_computers(computer_titles={self.computer["id"]: "Other & name"})
        self.assertEqual(computer["title"], "Other & name")
        with self.assertRaises(errors.InvalidTitleError):
            self.api.rename_computers(computer_titles={self.computer["id"]: " "})
        with self.assertRaises(errors.UnknownComputerError):
            self.api.rename_computers(computer_titles={999999: "x"})

    def test_a_computer_moves_between_access_groups(self):
        group = self.api.create_access_group(title="Test servers")
        self.assertEqual((group["name"], group["parent"]), ("test-servers", "global"))
        self.addCleanup(self.api.remove_access_group, name="test-servers")
        self.addCleanup(self.restore)
        (computer,) = self.api.change_computers_access_group(query=self.query, access_group="test-servers")
        self.assertEqual(computer["access_group"], "test-servers")
        self.assertEqual(self.ids("access-group:test-servers"), [self.computer["id"]])
        self.assertEqual(self.ids("access-group: test-servers"), [self.computer["id"]])
        with self.assertRaises(errors.UnknownAccessGroupError):
            self.api.change_computers_access_group(query=self.query, access_group="none")

    def test_the_newer_version_of_the_api_names_groups_differently(self):
        group = self.newer.create_access_group(name="Newer group")
        self.addCleanup(self.api.remove_access_group, name=group["name"])
        self.assertEqual(group["title"], "Newer group")
        self.assertIn(group["name"], [g["name"] for g in self.newer.get_access_groups()])

    def test_nobody_waits_and_nobody_unknown_is_accepted(self):
        self.assertEqual(self.api.get_pending_computers(), [])
        with self.assertRaises(errors.UnknownComputerError):
            self.api.accept_pending_computers(computer_ids=[999999])
        with self.assertRaises(errors.UnknownComputerError):
            self.api.reject_pending_computers(computer_ids=[999999])
        with self.assertRaises(errors.UnknownComputerError):
            self.api.remove_computers(computer_ids=[999999])
        with self.assertRaises(errors.UnknownComputerError):
            self.api.reboot_computers(computer_ids=[999999])
        with self.assertRaises(errors.UnknownComputerError):
            self.api.shutdown_computers(computer_ids=[999999])
        with self.assertRaises(errors.InvalidTimeError):
            self.api.reboot_computers(computer_ids=[self.computer["id"]], deliver_after="soon")

    def waiting(self, title):
        """The number of a computer that waits."""
        (computer,) = [c for c in self.api.get_pending_computers() if c["title"] == title]
        return computer["id"]

    def test_a_computer_that_waits_is_accepted_where_one_likes(self):
        self.addCleanup(self.api.remove_access_group, name="waiting-room")
        self.api.create_access_group(title="Waiting room")
        enrol("accepted-1", tags="web, db")
        (pending,) = self.api.get_pending_computers()
        self.assertEqual((pending["title"], pending["hostname"]), ("accepted-1", "accepted-1.example"))
        self.assertEqual(sorted(pending["client_tags"]), ["db", "web"])
        self.assertIsNone(pending["access_group"])
        for wanted in ("creation_time", "vm_info", "container_info"):
            self.assertIn(wanted, pending)
        with self.assertRaises(errors.UnknownAccessGroupError):
            self.api.accept_pending_computers(computer_ids=[pending["id"]], access_group="none")
        (computer,) = self.api.accept_pending_computers(computer_ids=[pending["id"]], access_group="waiting-room")
        self.addCleanup(self.api.remove_computers, computer_ids=[computer["id"]])
        self.assertEqual((computer["title"], computer["access_group"]), ("accepted-1", "waiting-room"))
        self.assertEqual(sorted(computer["tags"]), ["db", "web"])
        self.assertIsNone(computer["last_exchange_time"])
        with self.assertRaises(errors.InvalidAccessGroupError):
            self.api.remove_access_group(name="waiting-room")

    def test_a_computer_that_waits_goes_where_it_asked_to(self):
        self.addCleanup(self.api.remove_access_group, name="asked-for")
        self.api.create_access_group(title="Asked for")
        enrol("accepted-2", access_group="asked-for")
        waiting = self.waiting("accepted-2")
        (computer,) = self.api.accept_pending_computers(computer_ids=[waiting])
        self.addCleanup(self.api.remove_computers, computer_ids=[computer["id"]])
        self.assertEqual(computer["access_group"], "asked-for")

    def test_a_new_installation_takes_the_place_of_a_computer(self):
        enrol("old")
        (old,) = self.api.accept_pending_computers(computer_ids=[self.waiting("old")])
        self.addCleanup(self.api.remove_computers, computer_ids=[old["id"]])
        self.api.add_tags_to_computers(query=f"id:{old['id']}", tags=["kept"])
        enrol("new")
        waiting = self.waiting("new")
        (now,) = self.api.accept_pending_computers(computer_ids=[waiting], existing_ids={waiting: old["id"]})
        self.assertEqual((now["id"], now["tags"]), (old["id"], ["kept"]))
        self.assertEqual(self.api.get_pending_computers(), [])

    def test_a_computer_that_waits_is_rejected(self):
        enrol("rejected")
        waiting = self.waiting("rejected")
        self.api.reject_pending_computers(computer_ids=[waiting])
        self.assertEqual(self.api.get_pending_computers(), [])
        self.assertEqual(self.ids(f"id:{waiting}"), [])

    def test_a_computer_is_removed(self):
        enrol("removed")
        (computer,) = self.api.accept_pending_computers(computer_ids=[self.waiting("removed")])
        self.assertEqual(self.ids("title:removed"), [computer["id"]])
        self.assertEqual(len(self.api.get_computers(limit=1)), 1)
        rest = [c["id"] for c in self.api.get_computers(limit=100, offset=1)]
        self.assertEqual(len(rest), len(self.api.get_computers()) - 1)
        with self.assertRaises(errors.UnknownComputerError):
            self.api.remove_computers(computer_ids=[computer["id"], 999999])
        self.assertEqual(self.ids("title:removed"), [computer["id"]])
        self.api.remove_computers(computer_ids=[computer["id"]])
        self.assertEqual(self.ids("title:removed"), [])

    def test_restarts_wait_for_their_time_and_are_cancelled(self):
        # Never on this machine: a computer without an agent stands in.
        enrol("restarted")
        (computer,) = self.api.accept_pending_computers(computer_ids=[self.waiting("restarted")])
        self.addCleanup(self.api.remove_computers, computer_ids=[computer["id"]])
        for ask in (self.api.reboot_computers, self.api.shutdown_computers):
            group = ask(computer_ids=[computer["id"]], deliver_after="2099-01-01T00:00:00Z")
            self.assertEqual((group["type"], group["activity_status"]), ("ActivityGroup", "scheduled"))
            self.assertEqual(self.api.cancel_activities(query=f"id:{group['id']}"), [group["id"]])

    def test_a_wrong_secret_is_refused_by_name(self):
        api = type(self.api)(f"{URL}/api/", self.session.access_key, "x" * 40)
        with self.assertRaises(errors.SignatureDoesNotMatchError):
            api.get_computers()

    def test_the_address_may_lack_its_slash(self):
        api = type(self.api)(f"{URL}/api", self.session.access_key, self.session.secret_key)
        self.assertEqual(len(api.get_computers(query=self.query)), 1)
