"""A proxy before moto's server, which cuts, stalls, spoils, lies and refuses, and targets behind it."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from socket import SHUT_RDWR, socket

from storage.targets import Target
from storage.targets.minio import MinioPlace, MinioTarget
from storage.targets.s3 import S3Target
from storage.targets.s3_client import S3Client, S3Place
from tests import s3
from tests.held_port import held_port

KINDS = ("s3", "minio")
_CHUNK = 1 << 16
_COMPLETED = """<?xml version="1.0" encoding="UTF-8"?>
<CompleteMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><ETag>"%s-2"</ETag></CompleteMultipartUploadResult>
"""


@dataclass(frozen=True)
class Answer:
    """What is said in place of the server."""

    status: int
    body: str = ""
    kind: str = "application/xml"

    @classmethod
    def error(cls, status: int, code: str) -> "Answer":
        """As servers that speak S3 say it."""
        return cls(status, f"<Error><Code>{code}</Code><Message>{code} it is</Message></Error>")

    def __bytes__(self) -> bytes:
        etag = hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest()
        head = f'HTTP/1.1 {self.status} Said\r\nETag: "{etag}"\r\nContent-Length: {len(self.body)}\r\n'
        if self.body:
            head += f"Content-Type: {self.kind}\r\n"
        return f"{head}\r\n{self.body}".encode()


FULL = Answer.error(507, "XMinioStorageFull")


@dataclass
class Faults:
    """What goes wrong; may be changed while the proxy runs. An upload is a PUT with a body."""

    cut_after: list[int] = field(default_factory=list)
    """The coming uploads lose their connection after so many bytes each, of all their parts together."""
    cut_downloads_after: list[int] = field(default_factory=list)
    stall_downloads_after: int | None = None
    """After so many bytes nothing follows, and the connection stays."""
    silent: bool = False
    """Requests are read and never answered."""
    spoil: bool = False
    """Other bytes of uploads get to the server, as many."""
    spoil_downloads: bool = False
    room: int | None = None
    """Bytes of uploads for which there is room; further ones get the answer ``full``."""
    writes: int | None = None
    """Uploads, parts of them, their beginnings and ends for which there is room; others get ``full``."""
    full: Answer = FULL
    lies: frozenset[str] = frozenset()
    """Uploads (PUT) and ends of uploads in parts (POST) are answered as if all were well and go nowhere."""
    answers: list[Answer] = field(default_factory=list)
    """What the coming uploads are told in place of being passed on."""
    ends: Answer | None = None
    """The same for the ends of uploads in parts, all of them."""
    die_before: int | None = None
    """How many more requests are taken before a connection is cut in place of the next; then all is well."""
    die_after: int | None = None
    """The same where that one is passed on, and its answer is lost."""
    on_the_way: Callable[[bytes], bytes] | None = None
    """What becomes of the bytes of every answer, its head too; the connection ends with it."""
    ranges: Callable[[str], str | None] = str
    """What becomes of the ranges that are asked for; with None the whole is given."""
    head: Callable[[str], str] = str
    """What becomes of the heads of the answers to requests with a range."""
    received: int = 0
    """Bytes of all uploads so far."""
    since_cut: int = 0

    def is_turn(self, name: str) -> bool:
        """Whether it is the turn of ``die_before`` or ``die_after``."""
        left: int | None = getattr(self, name)
        if left is not None:
            setattr(self, name, left - 1 if left else None)
        return left == 0


class Cut(Exception):
    """The connection is lost now."""


class Proxy:
    """Listens on a free port or ``port``, and after ``stop`` and ``start`` on the same."""

    def __init__(self, to: str, port: int = 0) -> None:
        self.to, self.port = to, port
        self.faults = Faults()
        self.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen."""
        proxy = self

        class Handler(_Handler):
            def setup(self) -> None:
                self.proxy = proxy
                super().setup()

        self._server = _Listener(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """Cut all connections and listen no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 100

    def __init__(self, *args) -> None:
        self._open: set[socket] = set()
        super().__init__(*args)

    def process_request(self, request, client_address) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)

    def handle_error(self, request, client_address) -> None:
        """Clients go away: that is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except Cut:
            self.close_connection = True

    def do_GET(self) -> None:
        faults = self.proxy.faults
        if faults.is_turn("die_before"):
            raise Cut
        if faults.silent:
            self._wait_for_the_end()
        lost = faults.is_turn("die_after")
        said = self._said()
        if lost:
            raise Cut
        if faults.on_the_way is not None:
            said = faults.on_the_way(said)
            self.close_connection = True
        self._send(said)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass

    def _said(self) -> bytes:
        """The answer of the server, or what is said in its place."""
        faults, answer = self.proxy.faults, self._instead()
        if answer is not None:
            for _ in self._body():
                pass
            return bytes(answer)
        connection = HTTPConnection(self.proxy.to)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                passed = faults.ranges(value) if name.lower() == "range" else value
                if name.lower() != "expect" and passed is not None:
                    connection.putheader(name, passed)
            connection.endheaders()
            for chunk in self._body():
                connection.send(_spoiled(chunk) if faults.spoil and self._is_upload else chunk)
            said = _whole(connection.getresponse())
            if "range" not in self.headers:
                return said
            head, body = said.split(b"\r\n\r\n", 1)
            return faults.head(head.decode()).encode() + b"\r\n\r\n" + body
        finally:
            connection.close()

    @property
    def _is_upload(self) -> bool:
        return self.command == "PUT" and int(self.headers.get("content-length", 0)) > 0

    @property
    def _is_end(self) -> bool:
        return self.command == "POST" and "uploadId=" in self.path

    def _instead(self) -> Answer | None:
        faults = self.proxy.faults
        if faults.writes is not None and self.command in ("PUT", "POST"):
            if faults.writes <= 0:
                return faults.full
            faults.writes -= 1
        if self._is_end:
            return Answer(200, _COMPLETED % ("0" * 32)) if "POST" in faults.lies else faults.ends
        if not self._is_upload:
            return None
        size = int(self.headers["content-length"])
        if faults.answers:
            return faults.answers.pop(0)
        if faults.room is not None:
            if size > faults.room:
                return faults.full
            faults.room -= size
        return Answer(200) if "PUT" in faults.lies else None

    def _body(self) -> Iterator[bytes]:
        faults, left = self.proxy.faults, int(self.headers.get("content-length", 0))
        while left:
            chunk = self.rfile.read1(min(left, _CHUNK))
            if not chunk:
                raise Cut
            left -= len(chunk)
            if self._is_upload:
                faults.received += len(chunk)
                faults.since_cut += len(chunk)
                if faults.cut_after and faults.since_cut >= faults.cut_after[0]:
                    faults.cut_after.pop(0)
                    faults.since_cut = 0
                    raise Cut
            yield chunk

    def _send(self, said: bytes) -> None:
        faults = self.proxy.faults
        body = said.index(b"\r\n\r\n") + 4 if b"\r\n\r\n" in said else 0
        if self.command == "GET" and body < len(said) and b"<?xml" not in said:
            if faults.spoil_downloads:
                said = said[:body] + _spoiled(said[body:])
            if faults.cut_downloads_after:
                self.wfile.write(said[: body + faults.cut_downloads_after.pop(0)])
                raise Cut
            if faults.stall_downloads_after is not None:
                self.wfile.write(said[: body + faults.stall_downloads_after])
                self._wait_for_the_end()
        self.wfile.write(said)

    def _wait_for_the_end(self) -> None:
        """Until the client gives up."""
        while self.rfile.read1(_CHUNK):
            pass
        raise Cut


def _spoiled(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def _whole(answer: HTTPResponse) -> bytes:
    data = answer.read()
    head = [f"HTTP/1.1 {answer.status} {answer.reason}"]
    dropped = {"transfer-encoding", "connection"}
    head += [f"{name}: {value}" for name, value in answer.getheaders() if name.lower() not in dropped]
    return "\r\n".join([*head, "", ""]).encode() + data


class Server:
    """A bucket behind a proxy for one kind of target, which keeps its blobs behind ``prefix``."""

    def __init__(self, kind: str, proxy: Proxy, behind: s3.Server, bucket: str) -> None:
        self.kind, self.proxy, self.bucket = kind, proxy, bucket
        self.prefix = f"calls-{token_hex(4)}"
        self._behind = behind
        self.start, self.stop = proxy.start, proxy.stop

    @property
    def faults(self) -> Faults:
        return self.proxy.faults

    def target(self, timeout: float = 60.0) -> Target:
        """A target behind the proxy, which waits for each answer so many seconds."""
        if self.kind == "s3":
            return S3Target(_client(self.bucket, self.proxy.host, timeout), self.prefix)
        place = MinioPlace(self.proxy.host, self.bucket, s3.ACCESS_KEY, s3.SECRET_KEY, tls=False)
        return MinioTarget(place, self.prefix, timeout)

    def files(self) -> list[str]:
        """The last parts of the names of all blobs, and of uploads in parts that were begun and left."""
        asked = {"Bucket": self.bucket, "Prefix": f"{self.prefix}/"}
        client = self._behind.client()
        keys = [found["Key"] for found in client.list_objects_v2(**asked).get("Contents", ())]
        left = [found["Key"] for found in client.list_multipart_uploads(**asked).get("Uploads", ())]
        return sorted(key.rpartition("/")[2] for key in keys) + [f"{key} in parts" for key in left]

    def begin(self, name: str) -> None:
        """What a put that was killed leaves."""
        self._behind.client().create_multipart_upload(Bucket=self.bucket, Key=f"{self.prefix}/{name}")


@cache
def _client(bucket: str, host: str, timeout: float) -> S3Client:
    """A client takes longer to make than most tests."""
    return S3Client(S3Place(bucket, endpoint=f"http://{host}"), timeout)


@contextmanager
def running(behind: s3.Server) -> Iterator[Proxy]:
    """A proxy before the server."""
    with held_port() as port:
        proxy = Proxy(behind.host, port)
        try:
            yield proxy
        finally:
            proxy.stop()
