"""A folder of a server for one test alone."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from storage.targets import Target


@contextmanager
def fresh(server) -> Iterator[Target]:
    """A target of the server on a folder that is not there yet."""
    target = server.target(f"made/{uuid.uuid4().hex}")
    yield target
    target.close()
