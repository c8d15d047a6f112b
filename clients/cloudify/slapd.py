"""A directory of its own for a test: OpenLDAP's server, with one person in one group."""

import os
import shutil
import socket
import subprocess
import threading

BASE = "dc=example,dc=org"
GROUP = f"cn=ops,ou=groups,{BASE}"
READER, READERS_PASSWORD = f"cn=reader,{BASE}", "what the reader knows"
PERSON, THEIR_SECRET = "alice", "what alice knows"

SCHEMAS = "/etc/ldap/schema"
MODULES = "/usr/lib/ldap"

# What a test waits for in vain after this has gone wrong.
PATIENCE = 10

ENTRIES = f"""dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {READERS_PASSWORD}

dn: ou=users,{BASE}
objectClass: organizationalUnit
ou: users

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups

dn: uid={PERSON},ou=users,{BASE}
objectClass: inetOrgPerson
uid: {PERSON}
cn: Alice
givenName: Alice
sn: Ahlers
mail: alice@example.org
userPassword: {THEIR_SECRET}

dn: {GROUP}
objectClass: groupOfUniqueNames
cn: ops
uniqueMember: uid={PERSON},ou=users,{BASE}
"""


class Slapd:
    """Runs from when it is made until it is stopped."""

    drain = None

    def __init__(self, folder):
        # A copy, since some systems confine the installed one to its own folders.
        self.program = shutil.copy(installed(), os.path.join(folder, "slapd"))
        self.settings = os.path.join(folder, "slapd.conf")
        data, entries = os.path.join(folder, "data"), os.path.join(folder, "entries.ldif")
        os.mkdir(data)
        with open(self.settings, "w") as file:
            file.write("\n".join(configuration(folder, data)) + "\n")
        with open(entries, "w") as file:
            file.write(ENTRIES)
        subprocess.run(self.command("-T", "add", "-q", "-l", entries), check=True, capture_output=True)
        # Somebody else may take the free port before slapd does.
        for _ in range(5):
            if self.starts():
                return
        raise AssertionError("slapd does not start")

    def command(self, *mode):
        return [self.program, *mode, "-f", self.settings]

    def starts(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"ldap://127.0.0.1:{port}"
        # In the foreground, which any level of debugging does; with this one it tells that it waits
        # for somebody, on a socket that is open by then.
        command = self.command("-d", "conns", "-h", f"{self.url}/")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        late = threading.Timer(PATIENCE, self.process.kill)
        late.start()
        listens = any(b" listen=" in line for line in self.process.stderr)
        late.cancel()
        if not listens:
            self.stop()
            return False
        # What it has to say later must not fill the pipe.
        self.drain = threading.Thread(target=self.process.stderr.read, daemon=True)
        self.drain.start()
        return True

    def stop(self):
        self.process.kill()
        self.process.wait()
        if self.drain:
            self.drain.join()
        self.process.stderr.close()


def installed():
    # Debian keeps it where only root's PATH leads.
    found = shutil.which("slapd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if not found:
        raise AssertionError("this test needs OpenLDAP's server (Debian: apt-get install slapd)")
    return found


def configuration(folder, data):
    yield from (f"include {SCHEMAS}/{name}.schema" for name in ["core", "cosine", "inetorgperson"])
    yield f"pidfile {os.path.join(folder, 'pid')}"
    if os.path.isdir(MODULES):
        yield f"modulepath {MODULES}"
        yield "moduleload back_mdb"
    yield "database mdb"
    yield "maxsize 16777216"
    yield f"suffix {BASE}"
    yield f"directory {data}"
    yield "access to attrs=userPassword by anonymous auth by * none"
    yield "access to * by users read by anonymous auth by * none"
