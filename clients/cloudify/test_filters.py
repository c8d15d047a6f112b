"""Filters of blueprints and of deployments, which behave alike."""

from cloudify_rest_client.exceptions import ForbiddenError, InvalidFilterRule

from support import ClientTest, connect, unique

LABEL = {"type": "label", "key": "env", "operator": "any_of", "values": ["prod", "test"]}
ATTRIBUTE = {"type": "attribute", "key": "created_by", "operator": "starts_with", "values": ["ad"]}

BUILT_IN = ["csys-environment-filter", "csys-service-filter", "csys-k8s-filter", "csys-terraform-filter"]


class Filters:
    """The tests, run for either kind."""

    def setUp(self):
        self.tenant_name = self.tenant()
        self.filters = self.of(connect(tenant=self.tenant_name))

    def test_a_filter_is_made_read_changed_and_removed(self):
        made = self.filters.create("mine", [LABEL, ATTRIBUTE])
        self.assertEqual((made.id, made.visibility, made.tenant_name), ("mine", "tenant", self.tenant_name))
        self.assertEqual(made.value, [LABEL, ATTRIBUTE])
        self.assertEqual((made.labels_filter_rules, made.attrs_filter_rules), ([LABEL], [ATTRIBUTE]))
        self.assertIs(made["is_system_filter"], False)
        self.assertEqual(made["created_by"], "admin")
        self.assertEqual(self.filters.get("mine"), made)

        # Only the rules of the kinds that are sent are replaced.
        other = {**LABEL, "operator": "is_not_null", "values": []}
        changed = self.filters.update("mine", [other])
        self.assertEqual((changed.labels_filter_rules, changed.attrs_filter_rules), ([other], [ATTRIBUTE]))
        changed = self.filters.update("mine", new_visibility="global")
        self.assertEqual((changed.visibility, changed.labels_filter_rules), ("global", [other]))
        self.assertIsNotNone(changed.updated_at)
        with self.refused(400, "illegal_action_error"):
            self.filters.update("mine", new_visibility="private")

        self.assertIsNone(self.filters.delete("mine"))
        for ask in [
            lambda: self.filters.get("mine"),
            lambda: self.filters.delete("mine"),
            lambda: self.filters.update("mine", [LABEL]),
        ]:
            with self.unknown():
                ask()

    def test_each_operator_is_taken(self):
        empty = ["is_null", "is_not_null"]
        rules = [{**LABEL, "operator": name} for name in ["any_of", "not_any_of", "is_not"]]
        rules += [{**LABEL, "operator": name, "values": []} for name in empty]
        names = ["any_of", "not_any_of", "contains", "not_contains", "starts_with", "ends_with"]
        rules += [{**ATTRIBUTE, "operator": name} for name in names]
        self.assertEqual(self.filters.create("all", rules).value, rules)
        # Keys of labels are told apart in lower case.
        upper = self.filters.create("upper", [{**LABEL, "key": "ENV"}])
        self.assertEqual(upper.labels_filter_rules, [LABEL])

    def test_a_wrong_rule_is_named_with_its_reason(self):
        cases = [
            {**LABEL, "operator": "contains"},
            {**LABEL, "operator": "nothing"},
            {**LABEL, "values": []},
            {**LABEL, "values": "prod"},
            {**LABEL, "values": [7]},
            {**LABEL, "operator": "is_null"},
            {**LABEL, "type": "nothing"},
            {**LABEL, "more": 1},
            {key: value for key, value in LABEL.items() if key != "key"},
            {**ATTRIBUTE, "key": "colour"},
            {**ATTRIBUTE, "operator": "is_null"},
        ]
        for rule in cases:
            with self.subTest(rule), self.assertRaises(InvalidFilterRule) as caught:
                self.filters.create("wrong", [LABEL, rule])
            error = caught.exception
            self.assertEqual((error.status_code, error.error_code), (400, "invalid_filter_rule"))
            self.assertEqual(error.err_filter_rule, rule)
            self.assertTrue(error.err_reason)
        with self.unknown():
            self.filters.get("wrong")
        self.filters.create("right", [LABEL])
        with self.assertRaises(InvalidFilterRule):
            self.filters.update("right", [cases[0]])
        self.assertEqual(self.filters.get("right").value, [LABEL])

    def test_wrong_filters_are_refused(self):
        self.filters.create("taken", [LABEL])
        with self.refused(409, "conflict_error"):
            self.filters.create("taken", [LABEL])
        for name, rules in [("1st", [LABEL]), ("csys-mine", [LABEL]), ("none", {}), ("x" * 257, [LABEL])]:
            with self.subTest(name), self.refused(400, "bad_parameters_error"):
                self.filters.create(name, rules)
        viewer = self.of(self.member(self.tenant_name, "viewer"))
        self.assertEqual(viewer.get("taken").value, [LABEL])
        with self.assertRaises(ForbiddenError):
            viewer.create("theirs", [LABEL])
        with self.assertRaises(ForbiddenError):
            viewer.delete("taken")

    def test_filters_are_listed_sorted_searched_and_cut(self):
        for name in ["bb", "cc", "ab"]:
            self.filters.create(name, [LABEL], visibility="private" if name == "cc" else "tenant")
        mine = {"tenant_name": self.tenant_name}

        def names(**query):
            return [found.id for found in self.filters.list(**mine, **query)]

        self.assertEqual(names(), ["bb", "cc", "ab"])
        self.assertEqual(names(sort="id"), ["ab", "bb", "cc"])
        self.assertEqual(names(sort="id", is_descending=True, _size=2), ["cc", "bb"])
        self.assertEqual(names(sort="id", _search="B"), ["ab", "bb"])
        self.assertEqual(names(visibility="private"), ["cc"])
        cut = self.filters.list(_include=["id", "value"], **mine, id="ab")
        self.assertEqual(cut.one(), {"id": "ab", "value": [LABEL]})
        self.assertEqual(cut.metadata.pagination.total, 1)
        viewer = self.of(self.member(self.tenant_name, "viewer"))
        self.assertNotIn("cc", [found.id for found in viewer.list()])

    def test_filters_are_dumped_and_restored(self):
        author = self.user()
        self.filters.create("one", [LABEL, ATTRIBUTE], created_by=author, created_at="2020-02-03T04:05:06.789Z")
        self.filters.create("two", [ATTRIBUTE])
        dumped = [found for found in self.filters.dump(["one", "two"])]
        self.assertEqual([found["id"] for found in dumped], ["one", "two"])
        self.assertEqual((dumped[0]["created_by"], dumped[0]["created_at"]), (author, "2020-02-03T04:05:06.789Z"))
        self.assertEqual([found["id"] for found in self.filters.dump(["two"])], ["two"])
        # What comes with the server is not dumped.
        self.assertFalse([found for found in self.filters.dump() if found["id"].startswith("csys-")])
        other = self.of(connect(tenant=self.tenant()))
        other.restore([dict(found) for found in dumped], None)
        self.assertEqual(other.get("one")["created_by"], author)
        self.assertEqual(list(other.dump(["one", "two"])), dumped)
        for name in ["one", "two"]:
            self.filters.delete(name)
            other.delete(name)


class BlueprintFilters(Filters, ClientTest):
    @staticmethod
    def of(client):
        return client.blueprints_filters

    def test_attributes_are_those_of_blueprints(self):
        for key in ["id", "state", "tenant_name", "created_by"]:
            self.assertEqual(self.filters.create(unique("f"), [{**ATTRIBUTE, "key": key}]).value[0]["key"], key)
        for key in ["blueprint_id", "site_name", "display_name"]:
            with self.subTest(key), self.assertRaises(InvalidFilterRule):
                self.filters.create("wrong", [{**ATTRIBUTE, "key": key}])


class DeploymentFilters(Filters, ClientTest):
    @staticmethod
    def of(client):
        return client.deployments_filters

    def test_attributes_are_those_of_deployments(self):
        keys = ["id", "blueprint_id", "created_by", "site_name", "tenant_name", "display_name", "installation_status"]
        for key in keys:
            self.assertEqual(self.filters.create(unique("f"), [{**ATTRIBUTE, "key": key}]).value[0]["key"], key)
        schedules = {"type": "attribute", "key": "schedules", "operator": "is_not_empty", "values": []}
        self.assertEqual(self.filters.create("scheduled", [schedules]).value, [schedules])
        for wrong in [{**ATTRIBUTE, "key": "state"}, {**ATTRIBUTE, "key": "schedules"}]:
            with self.subTest(wrong), self.assertRaises(InvalidFilterRule):
                self.filters.create("wrong", [wrong])

    def test_the_built_in_ones_are_there_for_every_tenant_and_stay(self):
        listed = {found.id: found for found in self.filters.list(is_system_filter=True)}
        self.assertEqual([name for name in BUILT_IN if name not in listed], [])
        self.assertIn("aws-deployments", listed)
        environments = self.filters.get("csys-environment-filter")
        self.assertEqual((environments.visibility, environments.tenant_name), ("global", "default_tenant"))
        self.assertEqual(
            environments.value,
            [
                {"type": "label", "key": "csys-obj-type", "operator": "any_of", "values": ["environment"]},
                {"type": "label", "key": "csys-obj-parent", "operator": "is_null", "values": []},
            ],
        )
        at_home = connect().deployments_filters
        with self.refused(400, "illegal_action_error"):
            at_home.delete("csys-environment-filter")
        with self.refused(400, "illegal_action_error"):
            at_home.update("csys-environment-filter", [LABEL])
        self.assertEqual(self.filters.get("csys-environment-filter"), environments)
