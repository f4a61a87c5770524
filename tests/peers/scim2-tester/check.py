"""Holds a SCIM service to every check of scim2-tester. Arguments: the base URL, and a token."""

import random
import sys

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

base, token = sys.argv[1:]
random.seed(1)
client = SyncSCIMClient(
    httpx2.Client(
        base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60
    )
)
results = check_server(client)
failed = 0
for result in results:
    print(result.status.name, result.title, result.reason or "", flush=True)
    failed += result.status not in (Status.SUCCESS, Status.COMPLIANT)
sys.exit(1 if failed or not results else 0)
