"""Passwords: argon2id, a bound on how many are computed at once, and the policy for new ones."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qa_api.errors import PasswordRefused

MINIMUM = 10
MAXIMUM = 256
_COMMON = frozenset(
    (
        *("1234567890", "0123456789", "1q2w3e4r5t", "qwertyuiop", "5201314520", "woaini1314", "iloveyou123"),
        *(
            "administrator",
            "changeme123",
            "letmein123",
            "welcome123",
            "password123",
            "passw0rd123",
            "abc1234567",
        ),
    )
)


class Passwords:
    """Hashes and checks passwords with argon2id (RFC 9106).

    A hash takes 64 MiB with the default parameters, so at most ``at_once`` are computed at a time.
    """

    def __init__(self, hasher: PasswordHasher | None = None, at_once: int = 2) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = BoundedSemaphore(at_once)
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The PHC string to keep."""
        with self._turn:
            return self._hasher.hash(password)

    def check(self, kept: str | None, password: str) -> bool:
        """Whether the password is right. ``kept=None`` (no such user) takes as long and is never right."""
        with self._turn:
            try:
                right = self._hasher.verify(kept or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return right and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters and should be made anew at the next sign-in."""
        return self._hasher.check_needs_rehash(kept)


def check_policy(password: str, username: str) -> None:
    """Raise ``PasswordRefused`` unless the password is long enough and not among the first to be guessed."""
    rule = _broken_rule(password, username)
    if rule:
        raise PasswordRefused(_ADVICE[rule], rule=rule, minimum=MINIMUM)


def _broken_rule(password: str, username: str) -> str:
    folded = password.casefold()
    if len(password) < MINIMUM:
        return "too-short"
    if len(password) > MAXIMUM:
        return "too-long"
    if username.casefold() in folded:
        return "contains-username"
    if folded in _COMMON or len(set(folded)) < 4:
        return "too-common"
    return ""


_ADVICE = {
    "too-short": f"The password needs at least {MINIMUM} characters.",
    "too-long": f"The password may have at most {MAXIMUM} characters.",
    "contains-username": "The password must not contain the user name.",
    "too-common": "The password is among the first that are guessed. Choose another.",
}
