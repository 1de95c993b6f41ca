"""The same bytes over the same line to the same server by plain HTTP: what is left where no SDK is."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

_CHUNK = 1 << 20
_SOMEBODY = {"Authorization": "AWS bench:unsigned"}
"""moto shows objects to nobody, but asks for no more than that."""


def put_and_get(address: str, folder: str, blobs: Mapping[str, Path], at_once: int) -> float:
    """Seconds of a PUT and then a GET of each blob, over ``at_once`` connections; then they are removed."""
    mine = threading.local()
    opened: list[HTTPConnection] = []

    def connection() -> HTTPConnection:
        if not hasattr(mine, "connection"):
            mine.connection = HTTPConnection(urlsplit(address).netloc)
            opened.append(mine.connection)
        return mine.connection

    def ask(method: str, name: str, body: bytes | None = None) -> int:
        connection().request(method, f"/{folder}/{quote(name)}", body, _SOMEBODY)
        answer = connection().getresponse()
        size = 0
        while chunk := answer.read(_CHUNK):
            size += len(chunk)
        if answer.status >= 300:
            raise SystemExit(f"{method} of {name} by plain HTTP: status {answer.status}")
        return size

    def there_and_back(name: str) -> None:
        data = blobs[name].read_bytes()
        ask("PUT", name, data)
        if ask("GET", name) != len(data):
            raise SystemExit(f"{name} came back shorter by plain HTTP")

    with ThreadPoolExecutor(at_once) as pool:
        begun = time.monotonic()
        list(pool.map(there_and_back, blobs))
        seconds = time.monotonic() - begun
        list(pool.map(lambda name: ask("DELETE", name), blobs))
    for one in opened:
        one.close()
    return seconds
