"""Maintenance mode: what is refused while it lasts, and who is not."""

from cloudify_rest_client.exceptions import ForbiddenError, MaintenanceModeActiveError, NotModifiedError

from support import THEIR_PASSWORD, ClientTest, connect


class Maintenance(ClientTest):
    def setUp(self):
        self.mode = self.admin.maintenance_mode

    def switched_off(self):
        try:
            self.mode.deactivate()
        except NotModifiedError:
            pass

    def test_the_mode_is_switched_on_and_off(self):
        status = self.mode.status()
        self.assertEqual(status.status, "deactivated")
        self.assertEqual((status.activated_at, status.activation_requested_at, status.requested_by), ("", "", ""))
        with self.assertRaises(NotModifiedError) as caught:
            self.mode.deactivate()
        self.assertEqual(caught.exception.message, "Maintenance mode is already off.")
        tenant = self.tenant()
        member = self.user(**{tenant: "manager"})
        theirs = connect(member, THEIR_PASSWORD, tenant)

        self.addCleanup(self.switched_off)
        self.assertIn(self.mode.activate().status, ("activating", "activated"))
        status = self.mode.status()
        self.assertEqual((status.status, status.requested_by), ("activated", "admin"))
        self.assertRegex(status.activated_at, r"^\d{4}-.*Z$")
        self.assertFalse(status.remaining_executions)
        with self.assertRaises(NotModifiedError) as caught:
            self.mode.activate()
        self.assertEqual(caught.exception.message, "Maintenance mode is already on.")
        self.assertEqual(caught.exception.status_code, 304)

        for client in (theirs, self.admin):
            with self.assertRaises(MaintenanceModeActiveError) as caught:
                client.sites.list()
            self.assertEqual(caught.exception.status_code, 503)
            with self.assertRaises(MaintenanceModeActiveError):
                client.sites.create("here")
            # Whoever looks after the manager still sees how it is.
            self.assertEqual(client.manager.get_status()["status"], "OK")
            self.assertEqual(client.maintenance_mode.status().status, "activated")
        passing = connect(headers={"X-BYPASS-MAINTENANCE": "true"})
        passing.sites.list()
        for client in [connect(member, THEIR_PASSWORD, tenant, headers={"X-BYPASS-MAINTENANCE": "true"})]:
            with self.assertRaises(MaintenanceModeActiveError):
                client.sites.list()

        self.assertEqual(self.mode.deactivate().status, "deactivated")
        self.assertEqual(len(theirs.sites.list()), 0)

    def test_only_administrators_switch_it(self):
        manager = self.member(self.tenant(), "manager")
        with self.assertRaises(ForbiddenError):
            manager.maintenance_mode.activate()
        with self.assertRaises(ForbiddenError):
            manager.maintenance_mode.deactivate()
        self.assertEqual(manager.maintenance_mode.status().status, "deactivated")
