"""An archived call made heard: kept packets opened with what somebody knows, finished and archived."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from earwitness import encrypting, recording, wiring
from earwitness.errors import NotFound
from earwitness.keeping import places
from earwitness.settings import Settings
from indexer.errors import IndexBusy
from recorder.finish.reopen import Reopened, reopen
from recorder.finish.supplies import Supplies
from storage.catalogue import Catalogue
from storage.copies.choice import choose
from storage.errors import NoCopyReadable, NotInCatalogue, PacketsHeld, TargetError
from storage.lock import DataFolderLock
from storage.model import Call
from storage.revision import NewRecording, Revision, refuse_held
from storage.targets import Target

ROLE = "decrypt"
FOLDER = ".decrypt-"
"""Where calls are finished: in the spool folder, which is made for writing and closed to others."""

Before = Callable[[Reopened, bool], None]
"""Told what was opened, and whether the packets stay, before anything is changed."""


def decrypt(
    settings: Settings,
    catalogue: Catalogue,
    call_id: str,
    supplies: Supplies,
    *,
    keep: bool,
    before: Before,
) -> tuple[Call, Reopened]:
    """Open the call with what is known, archive what can be heard now, and bring the index up to it.

    The kept packets stay where ``keep`` says so or something is closed still. Where it was killed, doing it
    again completes it. Raises ``NotFound`` for a call without kept packets, ``WrongKeys``, ``FolderBusy``,
    and ``PacketsHeld`` where a legal hold keeps the packets that were to go.
    """
    with DataFolderLock(settings.data, ROLE):
        if not keep:
            refuse_held(catalogue, call_id)
        folder = _folder(settings)
        try:
            revision, known = _fetched(settings, catalogue, call_id, folder / "media")
            policy = recording.policy(settings.finish)
            made = reopen(known, folder / "media", supplies, folder, policy)
            stays = keep or bool(made.closed)
            before(made, stays)
            revision.put(_with_packets(made, stays=stays), NewRecording(made.audio, made.peaks))
        except PacketsHeld:
            # A hold came meanwhile: the packets stay, and what can be heard is archived all the same.
            _index(settings, catalogue)
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    _index(settings, catalogue)
    archived = catalogue.calls.get(call_id)
    return (archived.call if archived else made.call), made


def _fetched(settings: Settings, catalogue: Catalogue, call_id: str, path: Path) -> tuple[Revision, Call]:
    """The call, with its packets in the file ``path``, and what changes it where they were read."""
    targets, keyring = wiring.targets(settings, catalogue), encrypting.keyring(settings, catalogue)
    troubles: dict[str, str] = {}
    for name in _places(settings, catalogue, call_id, targets):
        keyless, sealer = name in places.placement(settings).keyless, wiring.sealer(settings)
        revision = Revision(targets[name], catalogue, name, sealer, keyring, keyless=keyless)
        try:
            return revision, _fetch(revision, call_id, path)
        except TargetError as error:
            troubles[name] = str(error)
    raise NoCopyReadable(f"the packets of {call_id}", troubles)


def _places(
    settings: Settings, catalogue: Catalogue, call_id: str, targets: Mapping[str, Target]
) -> Sequence[str]:
    """Where the call may be made heard, in the order in which to try: where calls come in, or else where its
    packets lie. Calls that came when another target was the primary one may lie there only."""
    found = catalogue.calls.get(call_id)
    kept = found.call.encrypted if found else None
    if found is None or kept is None:
        return [places.home(settings)]
    lasting = places.placement(settings).keyless
    packets = [copy for copy in found.copies if copy.name == kept.path and copy.target not in lasting]
    chosen = choose(packets, targets, wiring.nearness(settings, catalogue))
    return [copy.target for copy in chosen] or [places.home(settings)]


def _folder(settings: Settings) -> Path:
    for left in settings.folders.spool.glob(f"{FOLDER}*"):
        shutil.rmtree(left)
    return Path(tempfile.mkdtemp(prefix=FOLDER, dir=settings.folders.spool))


def _fetch(revision: Revision, call_id: str, path: Path) -> Call:
    try:
        found = revision.fetch_media(call_id, path)
    except NotInCatalogue:
        raise NotFound(
            f"There is no call {call_id}. `earwitness search` shows calls with their ids."
        ) from None
    if found is None:
        revision.tidy(call_id)
        raise NotFound(
            f"No packets of the call {call_id} are kept: it could be heard, is decrypted already, or was "
            "recorded before they were kept. `earwitness search` with has:encrypted or has:undecoded shows "
            "the calls that wait."
        )
    return found.call


def _with_packets(made: Reopened, *, stays: bool) -> Call:
    kept = made.call.encrypted
    changed = kept.model_copy(update={"sides": made.closed}) if kept and stays else None
    return made.call.model_copy(update={"encrypted": changed})


def _index(settings: Settings, catalogue: Catalogue) -> None:
    """Where ``serve`` runs, it does so by itself: it follows the feed of changes."""
    with suppress(IndexBusy), wiring.index_sync(settings, catalogue) as sync:
        while sync.run_once():
            pass
