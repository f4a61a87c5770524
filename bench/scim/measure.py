"""What SCIM costs: users made, listed and found, in an organization that grows (bench/README.md).

    python3 bench/scim/measure.py target/release/sso-server [USERS MADE OVER SCIM] [USERS IN ALL]

The first tenth of those made is what the organization of all is compared with. SSO_DATABASE_URL and
SSO_MASTER_KEY_FILE are the service's, so that it can be on PostgreSQL.
"""

import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import quote

CLIENTS = 8
OPERATOR = "the-operator-of-the-measurement"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"


def user(number):
    address = f"user{number}@big.example"
    return {
        "schemas": [SCHEMA],
        "userName": address,
        "externalId": f"x-{number}",
        "displayName": f"User {number}",
        "name": {"givenName": f"G{number}", "familyName": f"F{number}"},
        "active": True,
        "emails": [{"type": "work", "primary": True, "value": address}],
    }


class Service:
    """A running service, on SQLite where the environment does not say, with an organization and its SCIM token."""

    def __init__(self, program, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.database = os.path.join(folder, "sso.db")
        environment = os.environ | {
            "SSO_LISTEN": f"127.0.0.1:{self.port}",
            "SSO_DATA_DIR": folder,
            "SSO_ADMIN_TOKEN": OPERATOR,
            "SSO_LOG": "warn",
        }
        self.process = subprocess.Popen([program, "serve"], env=environment)
        self.token = OPERATOR
        for _ in range(100):
            try:
                self.call("GET", "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        org = {"name": "big", "domains": ["big.example"]}
        assert self.call("POST", "/api/v1/orgs", org)[0] == 201
        path = "/api/v1/orgs/big/scim-tokens"
        self.token = self.call("POST", path, {"description": "measure"})[1]["secret"]

    def call(self, method, path, body=None, connection=None):
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(method, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, None

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            lines = [line.split() for line in status]
        kept = {line[0]: int(line[1]) // 1024 for line in lines if line[0] in ("VmHWM:", "VmRSS:")}
        return f"{kept['VmRSS:']} MiB now, {kept['VmHWM:']} at most"


def make(service, begin, end):
    def client(first):
        connection = service.connection()
        for number in range(begin + first, end, CLIENTS):
            status, answer = service.call("POST", "/scim/v2/big/Users", user(number), connection)
            assert status == 201, answer

    begun, used = time.time(), service.cpu()
    clients = [threading.Thread(target=client, args=(first,)) for first in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    took, count = time.time() - begun, end - begin
    cpu = 1e6 * (service.cpu() - used) / count
    print(f"{count} users made by {CLIENTS} clients: {count / took:.0f} a second, CPU {cpu:.0f} us each")
    print(f"{end} users; {service.memory()}\n")


def fill(service, made, total):
    """Brings the organization to its size by copies of a row."""
    database = sqlite3.connect(service.database, timeout=60)
    columns = [row[1] for row in database.execute("PRAGMA table_info(accounts)")]
    found = database.execute("SELECT * FROM accounts WHERE uid_key = 'user0@big.example'")
    first = dict(zip(columns, found.fetchone()))
    rows = []
    for number in range(made, total):
        address = f"user{number}@big.example"
        profile = json.loads(first["profile"]) | {
            "uid": address,
            "email": address,
            "ssoid": f"x-{number}",
            "display_name": f"User {number}",
            "first_name": f"G{number}",
            "last_name": f"F{number}",
        }
        row = first | {
            "id": first["id"][:6] + b"\xff" + number.to_bytes(9, "big"),
            "profile": json.dumps(profile),
            "uid_key": address,
            "email_key": address,
            "ssoid_key": f"x-{number}",
            "display_name_key": f"user {number}",
            "first_name_key": f"g{number}",
            "last_name_key": f"f{number}",
        }
        rows.append([row[column] for column in columns])
    with database:
        places = ",".join("?" * len(columns))
        insert = f"INSERT INTO accounts ({','.join(columns)}) VALUES ({places})"
        database.executemany(insert, rows)
        database.execute("UPDATE account_counts SET accounts = ? WHERE org = 'big'", (total,))


def queries(service, total, before):
    """The median of each query, and how it stands to that of a smaller organization."""
    print("| query | status | of | ms, median | ms, least | to the smaller one |\n|---|---|---|---|---|---|")
    medians = {}
    filters = [
        'userName eq "user500@big.example"',
        'externalId eq "x-77"',
        'emails[type eq "work"].value eq "user9@big.example"',
        'displayName eq "User 123"',
        "title pr",
    ]
    asked = [
        ("100 from the first", ""),
        ("100 from the first, by userName", "sortBy=userName"),
        ("1", "count=1"),
        *((text, f"filter={quote(text)}") for text in filters),
        ("10 in the middle", f"startIndex={total // 2}&count=10"),
        ("the last 10", f"startIndex={total - 9}&count=10"),
    ]
    for name, query in asked:
        connection, times = service.connection(), []
        for _ in range(40):
            begun = time.time()
            status, answer = service.call("GET", f"/scim/v2/big/Users?{query}", None, connection)
            times.append(1e3 * (time.time() - begun))
        times.sort()
        of = answer.get("totalResults", answer.get("scimType"))
        median = medians[name] = times[len(times) // 2]
        ratio = f"{median / before[name]:.2f}" if name in before else ""
        print(f"| {name} | {status} | {of} | {median:.2f} | {times[0]:.2f} | {ratio} |")
    print()
    return medians


def main():
    program = os.path.abspath(sys.argv[1])
    made, total = (int(sys.argv[at]) if len(sys.argv) > at else so for at, so in ((2, 10_000), (3, 100_000)))
    with tempfile.TemporaryDirectory() as folder:
        service = Service(program, folder)
        try:
            print(f"before: {service.memory()}")
            make(service, 0, made // 10)
            small = queries(service, made // 10, {})
            make(service, made // 10, made)
            # Rows are copied in SQLite alone: elsewhere it stays at those that were made.
            if os.path.exists(service.database):
                fill(service, made, total)
            else:
                total = made
            print(f"{total} users")
            queries(service, total, small)
            print(f"at the end: {service.memory()}")
        finally:
            service.process.terminate()
            service.process.wait()


main()
