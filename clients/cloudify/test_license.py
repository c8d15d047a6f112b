"""The licence: taken, shown, checked, taken away."""

from cloudify_rest_client.exceptions import ExpiredCloudifyLicense, ForbiddenError, MissingCloudifyLicense

from support import ClientTest

LICENSE = """license:
  capabilities: [Everything]
  cloudify_version: "7.0"
  customer_id: Harbour
  expiration_date: 12/31/2099
  license_edition: Premium
  trial: false
signature: !!binary |
  QUJDREVG
"""


class Licence(ClientTest):
    def setUp(self):
        self.license = self.admin.license
        self.addCleanup(self.license.delete)

    def upload(self, content):
        return self.license.upload(self.file(content, "license.yaml"))

    def test_a_licence_is_taken_shown_and_taken_away(self):
        self.assertEqual(len(self.license.list()), 0)
        with self.assertRaises(MissingCloudifyLicense) as caught:
            self.license.check()
        self.assertEqual(caught.exception.status_code, 400)
        self.upload(LICENSE)
        self.license.check()
        shown = self.license.list().one()
        self.assertEqual((shown.customer_id, shown.license_edition), ("Harbour", "Premium"))
        self.assertEqual((shown.cloudify_version, shown.capabilities), ("7.0", ["Everything"]))
        self.assertEqual((shown.expiration_date, shown.expired), ("2099-12-31T00:00:00.000Z", False))
        self.assertIs(shown["trial"], False)
        self.assertIsNone(shown.signature)

        self.upload(LICENSE.replace("Harbour", "Pier"))
        self.assertEqual(self.license.list().one().customer_id, "Pier")
        self.assertIsNone(self.license.delete())
        self.assertEqual(len(self.license.list()), 0)

    def test_registering_is_for_another_edition(self):
        with self.refused(404, "community_only_error"):
            self.admin.community_contacts.create("Ada", "Berg", "ada@example.org", "1", True)
        with self.refused(404, "community_only_error"):
            self.admin._client.post("/license", data={"customer_id": "Harbour"})
        self.assertEqual(len(self.license.list()), 0)

    def test_its_end_counts(self):
        self.upload(LICENSE.replace("2099", "2020"))
        self.assertIs(self.license.list().one().expired, True)
        with self.assertRaises(ExpiredCloudifyLicense) as caught:
            self.license.check()
        self.assertEqual(caught.exception.status_code, 400)

    def test_wrong_files_are_refused(self):
        self.upload(LICENSE)
        cases = [
            (": no: yaml: [", "invalid_yaml_format"),
            (b"\xff\xfe\x00", "invalid_yaml_format"),
            ("license: {}\nsignature: QUJD\n", "unverified_cloudify_license"),
            (LICENSE.split("signature")[0], "unverified_cloudify_license"),
            (b"PK\x03\x04 an archive, where text is expected", "invalid_yaml_format"),
        ]
        for content, code in cases:
            with self.subTest(content), self.refused(400, code):
                self.upload(content)
        self.assertEqual(self.license.list().one().customer_id, "Harbour")
        manager = self.member(self.tenant(), "manager")
        with self.assertRaises(ForbiddenError):
            manager.license.upload(self.file(LICENSE))
        with self.assertRaises(ForbiddenError):
            manager.license.delete()
        self.assertEqual(len(self.license.list()), 1)
