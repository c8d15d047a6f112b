"""The Conductor API's part of the hooks: whose requests, what is there, and what is left alone."""

import base64
import os

import requests

URL = os.environ["BINNACLE_URL"]
PASSWORD = os.environ["BINNACLE_PASSWORD"]
PREFIX = "/api/v3.1/"

TENANT = "default_tenant"
# Without these all later requests would fail, so nothing is done to them.
NEEDED = {"admin", TENANT}

ADMIN = {
    "Authorization": "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode(),
    "Tenant": TENANT,
    # From an address of its own, as the other administrator.
    "X-Forwarded-For": "192.0.2.2",
}

RULES = [
    {"key": "os", "values": ["linux"], "operator": "any_of", "type": "label"},
    {"key": "created_by", "values": ["admin"], "operator": "starts_with", "type": "attribute"},
]
LICENSE = """license:
  customer_id: Example
  expiration_date: 12/31/2040
  license_edition: Premium
  trial: false
  cloudify_version: null
  capabilities: null
signature: !!binary |
  aGVsbG8=
"""

# Bodies that are good, by operation. `%` becomes a number: what is made anew has a name of its own.
GOOD = {
    "PUT filters/deployments/{id}": {"filter_rules": RULES, "visibility": "tenant"},
    "PATCH filters/deployments/{id}": {"filter_rules": RULES[:1]},
    "PUT filters/blueprints/{id}": {"filter_rules": RULES, "visibility": "tenant"},
    "PATCH filters/blueprints/{id}": {"filter_rules": RULES[:1]},
    "PUT sites/{name}": {"location": "52.52, 13.405", "visibility": "tenant"},
    "POST sites/{name}": {"location": "48.1, 11.6"},
    "PUT secrets/{key}": {"value": "a value", "update_if_exists": True},
    "PATCH secrets/{key}": {"value": "another value"},
    "PATCH secrets/{key}/set-visibility": {"visibility": "global"},
    "POST secrets/share/import": {
        "secrets_list": [
            {
                "key": "imported%", "value": "a value", "tenant_name": TENANT, "visibility": "tenant",
                "is_hidden_value": False, "encrypted": False,
            }
        ],
        "override_collisions": False,
    },
    "POST searches/secrets": {
        "filter_rules": [{"key": "key", "values": ["s"], "operator": "contains", "type": "attribute"}]
    },
    "PUT secrets-providers": {"name": "made%", "type": "local"},
    "PATCH secrets-providers/{name}": {"visibility": "global"},
    "PUT users": {"username": "made%", "password": PASSWORD, "role": "default"},
    "POST users/{username}": {"show_getting_started": False},
    "POST users/active/{username}": {"action": "deactivate"},
    "POST user-groups": {"group_name": "made%", "role": "default"},
    "POST user-groups/{name}": {"role": "default"},
    "PUT user-groups/users": {"username": "two", "group_name": "two"},
    "DELETE user-groups/users": {"username": "two", "group_name": "two"},
    "PUT tenants/users": {"username": "two", "tenant_name": "two", "role": "viewer"},
    "PATCH tenants/users": {"username": "one", "tenant_name": "one", "role": "manager"},
    "DELETE tenants/users": {"username": "two", "tenant_name": "two"},
    "PUT tenants/user-groups": {"group_name": "two", "tenant_name": "two", "role": "viewer"},
    "PATCH tenants/user-groups": {"group_name": "one", "tenant_name": "one", "role": "manager"},
    "DELETE tenants/user-groups": {"group_name": "two", "tenant_name": "two"},
    "POST tokens": {"description": "made", "expiration_date": "+1 day"},
    "PUT config/{name}": {"value": 10},
    "POST provider/context": {"name": "provider", "context": {}},
}


def numbered(value, number):
    if isinstance(value, str):
        return value.replace("%", str(number))
    if isinstance(value, list):
        return [numbered(item, number) for item in value]
    if isinstance(value, dict):
        return {name: numbered(item, number) for name, item in value.items()}
    return value


def good(label, number):
    """A body that is taken, and None where none is known."""
    method, _, path = label.partition(" ")
    body = GOOD.get(f"{method} {path.removeprefix(PREFIX)}") if path.startswith(PREFIX) else None
    return numbered(body, number)


def harms(case):
    """Whether a request may end what the others need."""
    if not case.operation.path.startswith(PREFIX) or case.operation.method.lower() == "get":
        return False
    words = [value for value in (case.path_parameters or {}).values()]
    if isinstance(case.body, dict):
        # Somebody may be put into a tenant that is needed, or taken out of it.
        words += [case.body.get("username"), case.body.get("tenant_name")]
    return any(word in NEEDED for word in words if isinstance(word, str))


def fill():
    """Two of each kind: one and two. The first ones are tied to each other."""

    def call(method, path, **more):
        requests.request(method, f"{URL}{PREFIX}{path}", headers=ADMIN, timeout=20, **more).raise_for_status()

    for name in ("one", "two"):
        call("POST", f"tenants/{name}")
        call("PUT", "users", json={"username": name, "password": PASSWORD})
        call("POST", "user-groups", json={"group_name": name, "role": "default"})
        call("PUT", "secrets-providers", json={"name": name, "type": "local"})
        call("PUT", f"secrets/{name}", json={"value": "a value"})
        call("PUT", f"sites/{name}", json={"location": "52.52, 13.405"})
        for target in ("deployments", "blueprints"):
            call("PUT", f"filters/{target}/{name}", json={"filter_rules": RULES})
        call("POST", "tokens", json={"description": name})
    call("PUT", "tenants/users", json={"username": "one", "tenant_name": "one"})
    call("PUT", "tenants/user-groups", json={"group_name": "one", "tenant_name": "one"})
    call("PUT", "user-groups/users", json={"username": "one", "group_name": "one"})
    call("PUT", "license", data=LICENSE)
    call("POST", "provider/context", json={"name": "provider", "context": {"cloudify": {}}})
