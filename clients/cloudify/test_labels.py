"""Labels: the keys that are used, and those that are kept back."""

from support import ClientTest, connect

RESERVED = {"csys-obj-name", "csys-obj-type", "csys-obj-parent", "csys-env-type", "csys-consumer-id"}


class Labels(ClientTest):
    def setUp(self):
        inside = connect(tenant=self.tenant())
        self.kinds = [inside.blueprints_labels, inside.deployments_labels]

    def test_reserved_keys_are_listed(self):
        for labels in self.kinds:
            keys = list(labels.get_reserved_labels_keys())
            self.assertEqual(RESERVED - set(keys), set())
            self.assertTrue(all(key.startswith("csys-") for key in keys))
            self.assertEqual(len(keys), len(set(keys)))

    def test_a_new_tenant_has_no_labels(self):
        for labels in self.kinds:
            self.assertEqual(list(labels.list_keys()), [])
            self.assertEqual(list(labels.list_key_values("env")), [])
