"""Whether what lies elsewhere is enough to go on from, should this machine be lost."""

from collections.abc import Iterator
from contextlib import closing

from earwitness import cataloguing
from earwitness.host import moved
from earwitness.host.finding import Finding, warning, well, wrong
from earwitness.keeping import places
from earwitness.settings import LOCAL, Settings
from storage.copies.census import calls_only_on
from storage.errors import StorageError

CHECK = "copies"
_KEYS = "add a target that can delete (without write_once), for keys and snapshots: see docs/keeping.md"
_COPIES = "name another place for them in the settings, under [[targets]]: see docs/keeping.md"
_CATCHES_UP = (
    "`earwitness serve` copies them to {0} by itself; `earwitness backup --to {0}` does so at once, and "
    "`earwitness backup --status` shows how far it is"
)
_LONE = "without the catalogue of this machine nobody ever opens a call"


def check(settings: Settings) -> Iterator[Finding]:
    """Where calls, keys and snapshots go, and which calls did not go there yet."""
    yield from _places(settings)
    yield from _earlier(settings)
    yield from _room(settings)


def _room(settings: Settings) -> Iterator[Finding]:
    """Whether sound that is to make room has somewhere to be."""
    needed, copies = settings.space.copies, sum(spec.role == "copy" for spec in settings.targets)
    if settings.space.free_percent and copies < needed:
        some = "1 target has" if copies == 1 else f"{copies} targets have"
        text = (
            f"by space.free_percent sound moves off once {needed} other targets hold it (space.copies), and "
            f"{some} the role copy: none ever moves off"
        )
        yield wrong(CHECK, text, "add targets with the role copy, lower space.copies, or take both out")


def _earlier(settings: Settings) -> Iterator[Finding]:
    """Calls of the archive folder that came in before another target was made primary."""
    home = places.home(settings)
    if home == LOCAL or not (settings.catalogue.url or settings.folders.catalogue.is_file()):
        return
    if any(moved.check(settings)):
        return
    try:
        with closing(cataloguing.catalogue(settings)) as catalogue:
            calls = calls_only_on(catalogue, LOCAL, places.elsewhere(settings))
    except (StorageError, OSError) as error:
        text = f"whether calls lie in the archive folder alone cannot be seen: {error}"
        yield warning(CHECK, text, "run it as the user of the service, and see that the database is there")
        return
    if calls:
        some = "1 call lies" if calls == 1 else f"{calls:,} calls lie"
        text = (
            f"{some} in the archive folder alone, from before calls came in on {home}; what lies nowhere "
            "else is lost with this machine"
        )
        yield warning(CHECK, text, _CATCHES_UP.format(home))


def _places(settings: Settings) -> Iterator[Finding]:
    elsewhere, home = places.elsewhere(settings), places.home(settings)
    once = places.placement(settings).keyless
    whole = ", ".join(name for name in elsewhere if name not in once)
    if home in once and settings.encryption.master_key:
        come = f"calls come in encrypted on {home}, which is write_once and gets no keys"
        if whole:
            yield well(CHECK, f"{come}; keys and snapshots of the catalogue go to {whole}")
        else:
            yield wrong(CHECK, f"{come}, and no other target has them: {_LONE}", _KEYS)
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
