"""Encrypted signalling that could not be read, in words."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

REASONS = {
    "tls-no-key": "no key was given for them",
    "tls-wrong-key": "the keys given for them do not fit",
    "tls-suite": "their cipher is not supported",
    "tls-middle": "their beginning was not captured",
    "tls-gap": "too much of them was not captured",
    "tls-malformed": "they do not follow TLS",
}
"""Why connections of TLS stay closed, by the engine's reason (see ``recorder.protocol.tls_session``)."""


class Unread(NamedTuple):
    """Connections that stayed closed for one reason."""

    reason: str
    words: str
    connections: int


def unread(rejected: Mapping[str, int]) -> Iterator[Unread]:
    """What stayed closed, of all that an engine left out."""
    for reason, words in REASONS.items():
        if count := rejected.get(reason, 0):
            yield Unread(reason, words, count)
