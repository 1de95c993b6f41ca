"""Session tokens: 256 random bits for the browser, their hash for the catalogue, and the CSRF token. Pure
but for the random source.
"""

import hashlib
import hmac
import secrets


def new_token() -> str:
    """A session token of 256 random bits, 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the catalogue keeps: SHA-256 in hexadecimal. The token is random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(token: str) -> str:
    """The CSRF token of a session: who knows it does not know the session token."""
    return hmac.new(token.encode(), b"earwitness csrf", hashlib.sha256).hexdigest()


def csrf_matches(token: str, given: str) -> bool:
    """Constant-time comparison of what the page sent."""
    return hmac.compare_digest(csrf_token(token).encode(), given.encode())
