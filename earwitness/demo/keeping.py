"""How the demo keeps its calls: encrypted, copied to a second folder, with rules, a hold and tags."""

import json
from datetime import datetime
from itertools import islice
from pathlib import Path

from earwitness.demo.scene import PASSWORD, TEAMS
from storage.catalogue import AuditEntry, Catalogue
from storage.criteria import Criteria
from storage.encryption.masterkey import new_master_text
from storage.model import CallState
from storage.retention.holds import Holds
from storage.retention.rules import Rules
from storage.seals.keys import write_secret

COPY = "second-disk"
TAG = "complaint"
TAGGED = 3
PROPOSER, APPROVER = "compliance", "approver"


def choices(data: Path) -> list[str]:
    """Settings as ``--set`` takes them; the keys that they name are made where there are none."""
    keys = data / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    master, passphrase = keys / "demo-master.key", keys / "demo-passphrase"
    write_secret(master, new_master_text().encode())
    write_secret(passphrase, PASSWORD.encode())
    return [
        f"encryption.master_key=file:{master}",
        f"encryption.passphrase=file:{passphrase}",
        f'targets=[{{kind="local", name="{COPY}", folder={json.dumps(str(data / COPY))}}}]',
    ]


def furnish(catalogue: Catalogue, now: datetime) -> None:
    """Tags, a hold on the calls that bear them, and rules, one of which waits for its second person; once."""
    rules = Rules(catalogue)
    if rules.all():
        return
    catalogue.audit.record(AuditEntry(at=now, actor="demo", action="demo.furnish"))
    _tag(catalogue, now)
    complaints = Criteria(tags=(TAG,))
    Holds(catalogue).place("Case 17", "A customer complained.", by=PROPOSER, now=now, criteria=complaints)
    unanswered = Criteria(states=(CallState.MISSED, CallState.BUSY, CallState.CANCELLED))
    rule = rules.propose("Unanswered calls", unanswered, 30, priority=10, by=PROPOSER, now=now)
    rules.approve(rule.id, APPROVER, now)
    sales = catalogue.teams.named(TEAMS[1])
    if sales is not None:
        rules.propose("Sales", Criteria(teams=(sales.id,)), 1825, priority=20, by=PROPOSER, now=now)


def _tag(catalogue: Catalogue, now: datetime) -> None:
    calls = catalogue.calls.iterate()
    answered = (found.call.id for found in calls if found.call.state is CallState.ANSWERED)
    for call_id in islice(answered, TAGGED):
        catalogue.tags.put(call_id, TAG, "supervisor", now)
