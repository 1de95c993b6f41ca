"""What is said where nothing that was given opens something: who could, what was given, what to do. Pure."""

from collections.abc import Iterable

from storage.encryption.wrapping import KeyDocument, MasterWrapping, RecipientWrapping

SETTINGS = "Put the right one in encryption.master_key, or an earlier one in encryption.previous."
"""For an installation, whose keys are in its settings."""
GIVEN = (
    "Give the passphrase with --passphrase-file FILE, or the master key or the private key of a recipient "
    "with --key-file FILE."
)
"""For somebody with a medium in their hands."""


def refusal(document: KeyDocument, given: Iterable[str], what: str, remedy: str) -> str:
    """``what`` is closed with the key in ``document``; ``given`` names what was tried."""
    tried = ", ".join(given) or "none"
    return (
        f"{what} is encrypted for {' or '.join(_able(document)) or 'nobody'}, and the keys given here "
        f"({tried}) do not open it. {remedy}"
    )


CALLS_WAIT = " Until then calls wait in the hand-off folder; none is lost."


def outdated(lacking: Iterable[str], given: str) -> str:
    """Calls were encrypted with master keys that a process which encrypts does not have."""
    return (
        "Earwitness was started before the master key was changed in the settings: calls are encrypted with "
        f"the master key {', '.join(lacking)}, and it has {given}. Restart it with the new settings."
    )


def _able(document: KeyDocument) -> Iterable[str]:
    found = []
    for one in document.wrappings:
        if isinstance(one, MasterWrapping):
            found.append(f"the master key {one.id}")
        elif isinstance(one, RecipientWrapping):
            found.append(f"the private key {one.id[:16]}")
        else:
            found.append("a passphrase")
    return list(dict.fromkeys(found))
