"""A server, seen through an unmodified public client and its command line."""

import contextlib
import itertools
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import unittest
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from cloudify_rest_client import CloudifyClient
from cloudify_rest_client.exceptions import ERROR_MAPPING, CloudifyClientError

URL = os.environ["BINNACLE_URL"]
PASSWORD = os.environ["BINNACLE_PASSWORD"]

ADDRESS = urlsplit(URL)

# Of the people whom tests make.
THEIR_PASSWORD = "three small boats at anchor"

# A command that takes longer than this hangs.
PATIENCE = 60


_neighbours = itertools.count()


class FromOwnAddress(HTTPAdapter):
    """Comes from an address of its own: one that sends wrong passwords has to wait, and whoever shares it too."""

    def init_poolmanager(self, *arguments, **more):
        number = next(_neighbours)
        source = f"127.{1 + number // 62500 % 250}.{1 + number // 250 % 250}.{1 + number % 250}"
        super().init_poolmanager(*arguments, source_address=(source, 0), **more)


def session():
    made = requests.Session()
    made.mount("http://", FromOwnAddress())
    return made


def client(**more):
    return CloudifyClient(host=ADDRESS.hostname, port=ADDRESS.port, session=session(), **more)


def connect(username="admin", password=PASSWORD, tenant="default_tenant", **more):
    """A client that signs in with a password."""
    return client(username=username, password=password, tenant=tenant, **more)


def connect_with(token, tenant="default_tenant"):
    """A client that signs in with a token."""
    return client(token=token, tenant=tenant)


def plain(method, path, auth=("admin", PASSWORD), tenant="default_tenant", **more):
    """One request without the client, for what it does not show: headers, and what it cannot send."""
    headers = {"Tenant": tenant} if tenant else {}
    headers.update(more.pop("headers", {}))
    address = f"{URL}/api/v3.1/{path}"
    return requests.request(method, address, auth=auth, headers=headers, timeout=30, **more)


def unique(stem="it"):
    """A name that no other test has."""
    return f"{stem}-{secrets.token_hex(4)}"


class ClientTest(unittest.TestCase):
    """Has a client of the first administrator, and makes what a test needs for as long as it runs."""

    maxDiff = None

    # Names of tenants that the test made.
    tenants_made = ()

    @classmethod
    def setUpClass(cls):
        cls.admin = connect()

    @contextlib.contextmanager
    def refused(self, status, code):
        """What is inside is refused with this, and raises the client's own class for the code."""
        with self.assertRaises(CloudifyClientError) as caught:
            yield caught
        error = caught.exception
        self.assertEqual((error.status_code, error.error_code), (status, code), str(error))
        self.assertIs(type(error), ERROR_MAPPING.get(code, CloudifyClientError))
        self.assertTrue(str(error))

    def unknown(self):
        return self.refused(404, "not_found_error")

    def afterwards(self, undo, *arguments):
        """Undoes it when the test is over, unless the test did so itself."""

        def run():
            try:
                undo(*arguments)
            except CloudifyClientError as error:
                if error.error_code != "not_found_error":
                    raise

        self.addCleanup(run)

    def tenant(self):
        """The name of a new tenant."""
        name = unique("tenant")
        self.admin.tenants.create(name)
        self.tenants_made = [*self.tenants_made, name]
        self.afterwards(self.remove_tenant, name)
        return name

    def empty(self, name):
        if not len(self.admin.tenants.list(name=name)):
            return
        inside = connect(tenant=name)
        catalogue = [
            (inside.secrets, "key"),
            (inside.secrets_providers, "name"),
            (inside.sites, "name"),
            (inside.blueprints_filters, "id"),
            (inside.deployments_filters, "id"),
        ]
        for resource, key in catalogue:
            for item in resource.list():
                if item["tenant_name"] == name:
                    resource.delete(item[key])

    def remove_tenant(self, name):
        """A tenant goes only when nothing is left in it."""
        self.empty(name)
        held = self.admin.tenants.get(name, _get_data=True)["user_roles"]
        for username in held["direct"]:
            self.admin.tenants.remove_user(username, name)
        for group in held["groups"]:
            self.admin.tenants.remove_user_group(group, name)
        self.admin.tenants.delete(name)

    def user(self, role="default", **tenants):
        """The name of a new user; the keywords give a role in a tenant."""
        name = unique("user")
        self.admin.users.create(name, THEIR_PASSWORD, role)
        self.afterwards(self.remove_user, name)
        for tenant, held in tenants.items():
            self.admin.tenants.add_user(name, tenant, held)
        return name

    def remove_user(self, name):
        """A user goes only when they belong nowhere and nothing is theirs any more."""
        for tenant in self.tenants_made:
            self.empty(tenant)
        user = self.admin.users.get(name, _get_data=True)
        for tenant in user.user_tenants:
            self.admin.tenants.remove_user(name, tenant)
        for group in user.groups:
            self.admin.user_groups.remove_user(name, group)
        self.admin.users.delete(name)

    def group(self, role="default", members=(), **tenants):
        """The name of a new group of users."""
        name = unique("group")
        self.admin.user_groups.create(name, role)
        self.afterwards(self.remove_group, name)
        for member in members:
            self.admin.user_groups.add_user(member, name)
        for tenant, held in tenants.items():
            self.admin.tenants.add_user_group(name, tenant, held)
        return name

    def remove_group(self, name):
        group = self.admin.user_groups.get(name, _get_data=True)
        for tenant in group.tenants:
            self.admin.tenants.remove_user_group(name, tenant)
        for member in group.users:
            self.admin.user_groups.remove_user(member, name)
        self.admin.user_groups.delete(name)

    def member(self, tenant, role):
        """A client of a new user who has that role in the tenant."""
        return connect(self.user(**{tenant: role}), THEIR_PASSWORD, tenant)

    def folder(self):
        path = tempfile.mkdtemp(prefix="binnacle-client-")
        self.addCleanup(shutil.rmtree, path)
        return path

    def file(self, content, name="file"):
        """The path of a file with that content."""
        path = os.path.join(self.folder(), name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path


class Outcome:
    """What a command said, and how it ended."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.text = done.stdout + done.stderr

    def json(self):
        return json.loads(self.out)


class CommandTest(ClientTest):
    """Has the command line with a profile of the first administrator, in a home of its own."""

    profile = ["-u", "admin", "-p", PASSWORD, "-t", "default_tenant"]

    def setUp(self):
        self.home = self.folder()
        if self.profile:
            self.use(*self.profile)

    def run_cfy(self, *arguments):
        """Runs the command line; its home has nothing but what the test put there."""
        environment = {
            "HOME": self.home,
            "CFY_WORKDIR": self.home,
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8",
        }
        program = os.path.join(os.path.dirname(sys.executable), "cfy")
        done = subprocess.run(
            [program, *map(str, arguments)],
            cwd=self.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return Outcome(done)

    def use(self, *arguments):
        return self.cfy("profiles", "use", ADDRESS.hostname, "--rest-port", ADDRESS.port, *arguments)

    def cfy(self, *arguments):
        """Runs a command that has to succeed."""
        done = self.run_cfy(*arguments)
        self.assertEqual(done.code, 0, f"cfy {' '.join(map(str, arguments))}\n{done.text}")
        self.assertNotIn("Traceback", done.text)
        return done

    def cfy_json(self, *arguments):
        """What a command prints for programs."""
        return self.cfy(*arguments, "--json").json()

    def cfy_fails(self, *arguments):
        """Runs a command that the server has to refuse; gives what is said about it."""
        done = self.run_cfy(*arguments)
        self.assertEqual(done.code, 1, done.text)
        self.assertIn("An error occurred on the server: ", done.text)
        self.assertNotIn("Traceback", done.text)
        return done.text
