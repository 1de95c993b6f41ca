"""A server that speaks S3, for tests: moto's, over HTTP, on loopback only."""

import threading
import urllib.request
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

ACCESS_KEY, SECRET_KEY = "testing", "testing-secret"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
}


@dataclass(frozen=True)
class Server:
    """``host`` is ``127.0.0.1:port``; ``requests`` are the last ones that came, in the words of WSGI."""

    host: str
    requests: deque[dict[str, Any]] = field(repr=False, compare=False)

    @property
    def endpoint(self) -> str:
        return f"http://{self.host}"

    def client(self, service: str = "s3") -> Any:
        """What the owner of the buckets sees."""
        return _client(service, self.endpoint)

    def bucket(self, **asked: Any) -> str:
        """The name of a new bucket."""
        name = f"calls-{uuid4()}"
        self.client().create_bucket(Bucket=name, **asked)
        return name

    def fill(self, bucket: str, keys: Iterable[str]) -> None:
        """Empty objects, without asking for each of them over HTTP."""
        for key in keys:
            s3_backends[ACCOUNT]["aws"].put_object(bucket, key, b"")

    @contextmanager
    def checking_credentials(self) -> Iterator[None]:
        """Only keys of users that exist are taken, and only for what they may."""
        self._tell("0")
        try:
            yield
        finally:
            self._tell("inf")

    def _tell(self, requests_before_checking: str) -> None:
        request = urllib.request.Request(
            f"{self.endpoint}/moto-api/reset-auth",
            data=requests_before_checking.encode(),
            headers={"Content-Type": "text/plain"},
        )
        urllib.request.urlopen(request).close()


@cache
def _client(service: str, endpoint: str) -> Any:
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1")


def one_at_a_time(requests: deque[dict[str, Any]]) -> Callable[..., list[bytes]]:
    """moto's application. Two requests at once for one object close each other's files in it."""
    application, lock = DomainDispatcherApplication(create_backend_app), threading.Lock()

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        with lock:
            requests.append(environ)
            return list(application(environ, start_response))

    return answer


@contextmanager
def running() -> Iterator[Server]:
    """The server; credentials for it are in the environment while it runs."""
    requests: deque[dict[str, Any]] = deque(maxlen=100)
    application = one_at_a_time(requests)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("AWS_PROFILE", raising=False)
            for name, value in ENVIRONMENT.items():
                patch.setenv(name, value)
            yield Server(f"127.0.0.1:{server.server_port}", requests)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
