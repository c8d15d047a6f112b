"""What schemathesis needs to know of this server: who asks, and what there is to ask for."""

import collections
import json
import os

import conductor
import requests
import schemathesis

URL = os.environ["BINNACLE_URL"]
PASSWORD = os.environ["BINNACLE_PASSWORD"]
# Where the statuses of each operation are written to.
STATUSES = os.environ["BINNACLE_STATUSES"]

# These end the session or the token that they are asked with, so each gets one of its own.
ENDING = ("/logout", "/password", "/tokens/", "/sessions", "/switch-account")


def log_in():
    # From an address that nobody else uses: wrong passwords of the run slow down only its own.
    answer = requests.post(
        f"{URL}/api/v2/login",
        json={"identity": "admin", "password": PASSWORD},
        headers={"X-Forwarded-For": "192.0.2.1"},
        timeout=20,
    )
    answer.raise_for_status()
    return answer.json()["token"]


class Session(requests.Session):
    """An administrator, who logs in again when the token is no longer good."""

    def __init__(self):
        super().__init__()
        self.token = None

    def current(self):
        if self.token is None:
            self.token = log_in()
        return self.token

    def call(self, method, path, **more):
        headers = {"Authorization": f"Bearer {self.current()}"}
        answer = self.request(method, f"{URL}/api/v2/{path}", headers=headers, timeout=20, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def action(self, name, **parameters):
        body = {"action": name, "version": "2011-08-01", **parameters}
        headers = {"Authorization": f"Bearer {self.current()}"}
        answer = self.post(f"{URL}/api/", data=body, headers=headers, timeout=20)
        answer.raise_for_status()
        return answer.json()


ADMIN = Session()
seen = collections.defaultdict(collections.Counter)


@schemathesis.auth()
class Administrator:
    def get(self, case, context):
        return ADMIN.current()

    def set(self, case, data, context):
        if case.operation.path.startswith(conductor.PREFIX):
            case.headers = {**(case.headers or {}), **conductor.ADMIN}
            return
        ends = any(part in case.operation.path for part in ENDING)
        token = log_in() if ends and case.operation.method.lower() != "get" else ADMIN.current()
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


# A script that no request by number archives or redacts: the numbers tried are mostly 1 to 4.
KEPT = 5
# Bodies that are good, by operation: random ones almost never are. What is generated then
# replaces one field of them after the other.
GOOD = {
    "POST /api/v2/script-profiles": {
        "title": "Made", "username": "root", "time_limit": 60, "script_id": KEPT, "all_computers": False, "tags": ["web"],
        "trigger": {"trigger_type": "recurring", "interval": "0 8 * * *", "start_after": "2031-01-01T00:00:00Z"},
    },
    "PATCH /api/v2/script-profiles/{id}": {"title": "Changed", "tags": ["web"]},
    "POST /api/v2/script-profiles:preview": {"script_id": KEPT, "all_computers": True, "tags": []},
    "POST /api/v2/saved-searches": {"title": "Made", "search": "tag:web"},
    "PATCH /api/v2/saved-searches/{id}": {"title": "Changed", "search": "tag:web"},
    "POST /api/v2/invitations": {"name": "Guest", "email": "guest@example.com", "roles": ["GlobalAdmin"]},
    "POST /api/v2/roles": {"name": "Made", "permissions": ["ViewComputer"]},
    "POST /api/v2/access-keys": {"title": "Made"},
    "POST /api/v2/login": {"identity": "admin", "password": PASSWORD},
}
made = collections.Counter()


@schemathesis.hook
def map_body(context, body):
    label = context.operation.label
    if not isinstance(body, dict):
        return body
    made[label] += 1
    number = made[label]
    better = conductor.good(label, number)
    if better is None and label in GOOD:
        # Titles and addresses are unique.
        better = {
            name: f"{value} {number}" if name in ("title", "name") else value.replace("@", f"{number}@") if name == "email" else value
            for name, value in GOOD[label].items()
        }
    if better is None:
        return body
    # The first is good, so that what comes of it is looked at however few there are.
    fields = [name for name in sorted(body) if number % 4 != 1]
    if fields:
        name = fields[number % len(fields)]
        better[name] = body[name]
    return better


@schemathesis.hook
def filter_case(context, case):
    return not conductor.harms(case)


@schemathesis.hook
def after_call(context, case, response):
    seen[case.operation.label][response.status_code] += 1
    if response.status_code == 401:
        ADMIN.token = None
    with open(STATUSES, "w", encoding="utf-8") as file:
        json.dump({label: dict(counts) for label, counts in seen.items()}, file)


def bpickle(value):
    """The agents' notation."""
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"b1" if value else b"b0"
    if isinstance(value, int):
        return b"i%d;" % value
    if isinstance(value, bytes):
        return b"s%d:%s" % (len(value), value)
    if isinstance(value, str):
        text = value.encode()
        return b"u%d:%s" % (len(text), text)
    if isinstance(value, list):
        return b"l" + b"".join(map(bpickle, value)) + b";"
    return b"d" + b"".join(bpickle(key) + bpickle(value[key]) for key in sorted(value)) + b";"


def enrol(title):
    register = {
        b"type": b"register", b"account_name": "standalone", b"computer_title": title, b"hostname": title,
        b"registration_password": None, b"tags": "web", b"vm-info": b"", b"container-info": "",
    }
    payload = {
        b"messages": [register], b"sequence": 0, b"next-expected-sequence": 0, b"total-messages": 1,
        b"accepted-types": b"", b"server-api": b"3.2", b"client-api": b"3.8",
    }
    headers = {"Content-Type": "application/octet-stream", "X-Message-API": "3.2"}
    requests.post(f"{URL}/message-system", data=bpickle(payload), headers=headers, timeout=20).raise_for_status()


def fill():
    """A few things of each kind, made as clients make them."""
    for number in range(1, 6):
        enrol(f"machine-{number}")
    pending = ADMIN.action("GetPendingComputers")
    for number, computer in enumerate(pending[:3], 1):
        ADMIN.action("AcceptPendingComputers", **{f"computer_ids.{number}": computer["id"]})
    code = "IyEvYmluL3NoCmVjaG8gaGVsbG8K"
    for number in range(1, KEPT + 1):
        ADMIN.action("CreateScript", title=f"Script {number}", code=code, script_type="V2", time_limit=60)
    for number in range(1, 5):
        profile = {
            "title": f"Profile {number}", "username": "root", "time_limit": 60, "script_id": KEPT,
            "all_computers": False, "tags": ["web"],
            "trigger": {"trigger_type": "event", "event_type": "post_enrollment"},
        }
        ADMIN.call("POST", "script-profiles", json=profile)
    ADMIN.action("ExecuteScript", query="id:1 OR id:2", script_id=1, username="root")
    for number in range(1, 5):
        ADMIN.call("POST", "saved-searches", json={"title": f"Search {number}", "search": "tag:web"})
        guest = {"name": f"Guest {number}", "email": f"first{number}@example.com", "roles": ["GlobalAdmin"]}
        ADMIN.call("POST", "invitations", json=guest)
        ADMIN.call("POST", "roles", json={"name": f"Role{number}", "permissions": ["ViewComputer"]})


fill()
conductor.fill()
