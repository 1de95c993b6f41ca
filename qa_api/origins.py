"""Which page an unsafe request comes from. Pure."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from qa_api.errors import OriginRefused

_PORTS = {"http": 80, "https": 443}


def check_origin(headers: Mapping[str, str], scheme: str, allowed: Collection[str]) -> None:
    """Raise ``OriginRefused`` for a browser's request from a page of another origin.

    ``headers`` has lower-case names. Programs send neither ``Origin`` nor ``Sec-Fetch-Site`` and pass: they
    still need the CSRF token. Behind a proxy that speaks TLS the scheme differs: only hosts are compared.
    """
    origin = headers.get("origin")
    if origin is None:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise OriginRefused("Reload the page and try again.")
        return
    if origin in allowed:
        return
    asked = _host(f"{scheme}://{headers.get('host', '')}")
    from_page = _host(origin)
    if from_page is None or from_page != asked:
        raise OriginRefused("Open the page under the address of the server itself and try again.")


def _host(url: str) -> tuple[str, int | None] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.hostname, None if port in (None, *_PORTS.values()) else port
