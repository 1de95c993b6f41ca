"""Whether what lies elsewhere is enough to go on from, should this machine be lost."""

from collections.abc import Iterator

from earwitness.host.finding import Finding, warning, well, wrong
from earwitness.keeping import places
from earwitness.settings import Settings

CHECK = "copies"
_KEYS = "add a target that can delete (without write_once), for keys and snapshots: see docs/keeping.md"
_COPIES = "name another place for them in the settings, under [[targets]]: see docs/keeping.md"
_ROLE = "let calls come in where keys can be deleted, and give {} the role copy: see docs/keeping.md"


def check(settings: Settings) -> Iterator[Finding]:
    """Where calls, keys and snapshots go."""
    elsewhere, home = places.elsewhere(settings), places.home(settings)
    once = places.placement(settings).keyless
    whole = ", ".join(name for name in elsewhere if name not in once)
    if home in once and settings.encryption.master_key:
        text = (
            f"calls come in encrypted on {home}, which is write_once: their keys stay there for ever, and "
            "with the master key calls that were erased can still be opened"
        )
        yield wrong(CHECK, text, _ROLE.format(home))
    elif not elsewhere:
        text = "calls lie in the archive folder only; should this machine be lost, all is lost with it"
        yield warning(CHECK, text, _COPIES)
    elif whole:
        alone = "; calls lie nowhere else" if elsewhere == (home,) else ""
        yield well(CHECK, f"keys and snapshots of the catalogue go to {whole}{alone}")
    else:
        yield warning(CHECK, f"all targets are write_once ({', '.join(elsewhere)}): {_lost(settings)}", _KEYS)


def _lost(settings: Settings) -> str:
    if settings.encryption.master_key:
        return "the keys of calls lie on this machine only; should it be lost, nobody opens the copies"
    return "no snapshot lies elsewhere; users, rules, holds and audit log are lost with this machine"
