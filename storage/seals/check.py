"""One call checked against its seal, with public keys alone and nothing but the target that it lies on."""

import hashlib
from collections.abc import Iterator, Mapping

from storage.archive_names import call_of
from storage.encryption.wrapping import read_document
from storage.errors import BadName, DamagedSidecar, KeyUnusable, NotStored, TargetError
from storage.seals.keys import PublicKey
from storage.seals.reader import Readable
from storage.seals.segments import Segmented, segmented, tree_root
from storage.seals.statement import Seal, SealedFile, canonical
from storage.seals.verdict import CallVerdict, Finding, State
from storage.sidecar import Sidecar, SidecarFile, read_sidecar

Keys = Mapping[str, PublicKey]
"""Public keys by their ids."""


def check_call(
    target: Readable, name: str, keys: Keys, target_name: str = ""
) -> tuple[CallVerdict, Sidecar | None]:
    """The call whose sidecar is ``name``, and the sidecar where it can be read.

    Every byte that the seal speaks of is read. Nothing is raised for what is wrong with the call.
    """
    call_id = call_of(name) or name
    sidecar: Sidecar | None = None
    try:
        sidecar = read_sidecar(b"".join(target.get(name)))
        findings = list(_findings(target, call_id, sidecar, keys))
    except NotStored:
        findings = [Finding("missing", f"{name} is not there.", file=name)]
    except DamagedSidecar as error:
        findings = [Finding("sidecar", str(error), file=name)]
    except (TargetError, OSError) as error:
        findings = [Finding("unreadable", str(error), State.UNKNOWN, name)]
    seal = sidecar.seal if sidecar else None
    chain, number = (seal.chain, seal.number) if seal else ("", 0)
    return CallVerdict(call_id, target_name, tuple(findings), chain, number), sidecar


def read_blob(target: Readable, name: str) -> Segmented | Finding:
    """The hashes of a blob; where it is not there or cannot be read, that."""
    try:
        return segmented(target.get(name))
    except (NotStored, BadName):
        return Finding("missing", f"{name} is not there.", file=name)
    except (TargetError, OSError) as error:
        return Finding("unreadable", str(error), State.UNKNOWN, name)


def check_key(target: Readable, name: str, call_id: str) -> Finding | None:
    """What is wrong with the wrapped key ``name`` of the call, as far as can be told without opening it."""
    try:
        document = read_document(b"".join(target.get(name)))
    except NotStored:
        return Finding("missing", f"{name} is not there.", file=name)
    except KeyUnusable as error:
        return Finding("key", f"{name} was altered. {error}", file=name)
    except (TargetError, OSError) as error:
        return Finding("unreadable", str(error), State.UNKNOWN, name)
    if document.call != call_id or not document.wrappings:
        of = f"that of the call {document.call}" if document.wrappings else "empty"
        return Finding("key", f"{name} was altered: the key in it is {of}.", file=name)
    return None


def proves(verdict: CallVerdict) -> bool:
    """Whether the seal of the call is what it says: signed with a key that is given, and of this call."""
    unproved = {"signature", "unknown-key", "other-call"}
    return not any(finding.code in unproved for finding in verdict.findings)


def _findings(target: Readable, call_id: str, sidecar: Sidecar, keys: Keys) -> Iterator[Finding]:
    if sidecar.call_id != call_id:
        yield Finding("other-call", f"The sidecar is that of the call {sidecar.call_id}.")
    seal = sidecar.seal
    if seal is None:
        text = "It bears no seal: it was archived before there were seals, or its seal was taken off."
        yield Finding("unsealed", text, State.UNKNOWN)
        for file in sidecar.files:
            yield from _unsealed_file(target, file)
        return
    yield from _signature(seal, sidecar, keys)
    if hashlib.sha256(sidecar.description).hexdigest() != seal.call_sha256:
        yield Finding("description", "What the sidecar says of the call is not what was sealed.")
    for sealed in seal.files:
        yield from _file(target, sealed)


def _signature(seal: Seal, sidecar: Sidecar, keys: Keys) -> Iterator[Finding]:
    key = keys.get(seal.chain)
    if key is None:
        text = f"It was sealed with the key {seal.chain}, whose public key is not given."
        yield Finding("unknown-key", text, State.UNKNOWN)
    elif not key.signed(canonical(seal), sidecar.signature):
        yield Finding("signature", "The seal was altered, or made by somebody else: its signature is wrong.")


def _unsealed_file(target: Readable, file: SidecarFile) -> Iterator[Finding]:
    found = read_blob(target, file.name)
    if isinstance(found, Finding):
        yield found
    elif (found.bytes, found.sha256) != (file.bytes, file.sha256):
        yield Finding("bytes", f"{file.name} is not what its sidecar says.", file=file.name)


def _file(target: Readable, sealed: SealedFile) -> Iterator[Finding]:
    found = read_blob(target, sealed.name)
    if isinstance(found, Finding):
        yield found
        return
    if (found.bytes, found.sha256) == (sealed.bytes, sealed.sha256) and tree_root(
        found.segments
    ) == sealed.root:
        return
    pairs = range(max(len(found.segments), len(sealed.segments)))
    differ = tuple(at for at in pairs if found.segments[at : at + 1] != sealed.segments[at : at + 1])
    text = f"{sealed.name} was altered in {len(differ)} of {len(sealed.segments)} segments"
    if found.bytes != sealed.bytes:
        text += f" and has {found.bytes:,} bytes in place of {sealed.bytes:,}"
    yield Finding("bytes", f"{text}.", State.ALTERED, sealed.name, differ, _seconds(sealed, differ))


def _seconds(sealed: SealedFile, segments: tuple[int, ...]) -> tuple[tuple[float, float], ...]:
    """Where in the recording the segments lie, neighbours together; as bytes and time go about in step."""
    if sealed.milliseconds is None or not sealed.bytes:
        return ()
    parts: list[tuple[float, float]] = []
    scale = sealed.milliseconds / 1000 / sealed.bytes
    for at in segments:
        start = at * sealed.segment_bytes
        if start >= sealed.bytes:
            continue
        end = min(start + sealed.segment_bytes, sealed.bytes)
        if parts and parts[-1][1] == round(start * scale, 1):
            parts[-1] = (parts[-1][0], round(end * scale, 1))
        else:
            parts.append((round(start * scale, 1), round(end * scale, 1)))
    return tuple(parts)
