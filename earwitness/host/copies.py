"""Whether what lies elsewhere is enough to go on from, should this machine be lost."""

from collections.abc import Iterator

from earwitness.host.finding import Finding, warning, well
from earwitness.settings import Settings

CHECK = "copies"
_REMEDY = "add a target that can delete (without write_once), for keys and snapshots: see docs/keeping.md"


def check(settings: Settings) -> Iterator[Finding]:
    """Where keys and snapshots go. Nothing is said where there are no targets for copies."""
    copies = [target for target in settings.targets if target.role == "copy"]
    if not copies:
        return
    whole = ", ".join(target.name for target in copies if not target.write_once)
    if whole:
        yield well(CHECK, f"keys and snapshots of the catalogue go to {whole}")
        return
    names = ", ".join(target.name for target in copies)
    if settings.encryption.master_key:
        lost = "the keys of calls lie on this machine only; should it be lost, nobody opens the copies"
    else:
        lost = "no snapshot lies elsewhere; users, rules, holds and audit log are lost with this machine"
    yield warning(CHECK, f"all targets are write_once ({names}): {lost}", _REMEDY)
