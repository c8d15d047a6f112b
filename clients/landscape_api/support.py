"""A server with a local agent, seen through an unmodified public client."""

import json
import os
import tempfile
import time
import unittest
from urllib.request import Request, urlopen

from landscape_api.base import API, APIv2

URL = os.environ["BINNACLE_URL"]
PASSWORD = os.environ["BINNACLE_PASSWORD"]

# What a test waits for in vain after this has gone wrong.
PATIENCE = 60


def rest(method, path, body=None, token=None):
    """One request to the JSON API, for what the client has no word for."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{URL}/api/v2/{path}", data=data, headers=headers, method=method)
    with urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Session:
    """The first administrator: their token, and the key pair that the client signs with."""

    _shared = None

    def __init__(self):
        state = rest("POST", "login", {"identity": "admin", "password": PASSWORD})
        self.token = state["token"]
        account = {"account": state["current_account"]}
        (pair,) = rest("POST", "credentials", account, self.token)["credentials"]
        self.access_key = pair["access_key"]
        self.secret_key = pair["secret_key"]

    @classmethod
    def get(cls):
        if cls._shared is None:
            cls._shared = cls()
        return cls._shared


def bpickle(value):
    """A value in the notation of the agent protocol."""
    if value is None:
        return b"n"
    if isinstance(value, str):
        text = value.encode()
        return b"u%d:%s" % (len(text), text)
    if isinstance(value, list):
        return b"l" + b"".join(map(bpickle, value)) + b";"
    pairs = sorted(value.items())
    return b"d" + b"".join(bpickle(name) + bpickle(held) for name, held in pairs) + b";"


def enrol(title, tags=None, access_group=None):
    """A computer that asks to belong to the account without its key, so that it has to wait."""
    wish = {
        "type": "register",
        "account_name": "standalone",
        "computer_title": title,
        "hostname": f"{title}.example",
        "registration_password": None,
        "tags": tags,
        "container_info": "",
        "vm_info": "",
    }
    if access_group:
        wish["access_group"] = access_group
    headers = {"Content-Type": "application/octet-stream", "X-Message-API": "3.3"}
    request = Request(f"{URL}/message-system", data=bpickle({"messages": [wish]}), headers=headers)
    with urlopen(request, timeout=30) as answer:
        if b"set-id" not in answer.read():
            raise AssertionError("the computer was not taken up")


def eventually(ask, what):
    """Asks until there is an answer: neither this API nor its client can wait."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


class ClientTest(unittest.TestCase):
    """Has the client, and the computer that the local agent enrolled."""

    @classmethod
    def setUpClass(cls):
        cls.session = Session.get()
        keys = (cls.session.access_key, cls.session.secret_key)
        cls.api = API(f"{URL}/api/", *keys)
        cls.newer = APIv2(f"{URL}/api/", *keys)
        # Its first reports come a moment after it has enrolled.
        known = lambda: [computer for computer in cls.api.get_computers() if computer["total_memory"]]
        cls.computer = eventually(known, "the local agent and its reports")[0]

    def file(self, content, name="script"):
        """A file with that content: the client sends code and attachments out of files."""
        folder = tempfile.mkdtemp()
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(content)
        self.addCleanup(os.rmdir, folder)
        self.addCleanup(os.remove, path)
        return path

    def script(self, title, code=b"#!/bin/sh\necho hello\n", **more):
        """A script that is removed when the test is over."""
        made = self.api.create_script(title=title, time_limit=60, code=self.file(code), **more)
        self.addCleanup(self.forget, made["id"])
        return made

    def forget(self, script_id):
        if any(script["id"] == script_id for script in self.api.get_scripts()):
            self.api.remove_script(script_id=script_id)

    def finished(self, group_id):
        """The children of a group, once none is open any more."""

        def ask():
            (group,) = self.api.get_activities(query=f"id:{group_id}")
            if group["activity_status"] in ("succeeded", "failed", "canceled"):
                return self.api.get_activities(query=f"parent-id:{group_id}")
            return None

        return eventually(ask, f"activity {group_id}")
