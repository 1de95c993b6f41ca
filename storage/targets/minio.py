"""A bucket of a server that speaks S3, by the MinIO SDK."""

import hashlib
import ssl
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, cast

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from storage.durable import CHUNK
from storage.errors import NotStored, TargetError, TargetRefused, TargetUnreachable
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.s3_errors import said
from storage.targets.s3_keys import Keys
from storage.targets.s3_parts import FIRST
from storage.targets.streams import opened

_MISSING = frozenset({"NoSuchKey", "NoSuchObject", "ResourceNotFound"})


@dataclass(frozen=True, slots=True)
class MinioPlace:
    """Which bucket of which server (``host:port``), and who we are there."""

    endpoint: str
    bucket: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    tls: bool = True

    def __str__(self) -> str:
        return f"bucket {self.bucket} at {self.endpoint}"


class MinioTarget:
    """Keeps blobs as objects of a bucket, under keys that start with ``prefix``. Making one does not connect.

    Blobs above 8 MiB are sent in parts. Where the bucket keeps versions, ``delete`` removes all of them.
    """

    capabilities = Capabilities(
        ranges=True, atomic_put=True, durable=True, knows_sha256=False, knows_modified=True
    )

    def __init__(self, place: MinioPlace, prefix: str = "") -> None:
        self.place = place
        self._keys = Keys(prefix)
        self._lock = threading.Lock()
        self._client: Minio | None = None
        self._seen = False
        self._versions: bool | None = None

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        key = self._keys.key(name)
        with opened(source) as stream:
            return self._put(name, key, stream)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``. The request is made at once, and its connection is held until all is read."""
        key = self._keys.key(name)
        check_range(start, length)
        if length == 0:
            if self.stat(name) is None:
                raise NotStored(name)
            return iter(())
        with self._errors():
            try:
                response = self._minio().get_object(self.place.bucket, key, offset=start, length=length or 0)
            except S3Error as error:
                if error.code in _MISSING:
                    raise NotStored(name) from error
                if error.code == "InvalidRange":
                    return iter(())
                raise
        chunks = self._chunks(name, response)
        weakref.finalize(chunks, _release, response)
        return chunks

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        key = self._keys.key(name)
        with self._errors():
            try:
                found = self._minio().stat_object(self.place.bucket, key)
            except S3Error as error:
                if error.code not in _MISSING:
                    raise
                self._need_bucket()
                return None
        return Stored(name, found.size or 0, modified=found.last_modified)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. Asks for a thousand at a time."""
        return self._list(self._keys.starting(prefix))

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        key = self._keys.key(name)
        with self._errors():
            client = self._minio()
            if not self._keeps_versions():
                client.remove_object(self.place.bucket, key)
                return
            for found in client.list_objects(self.place.bucket, prefix=key, include_version=True):
                if found.object_name == key:
                    client.remove_object(self.place.bucket, key, version_id=found.version_id)

    def space(self) -> Space | None:
        """See ``Target.space``: a bucket does not tell."""
        return None

    def _put(self, name: str, key: str, stream: BinaryIO) -> Stored:
        reader = _Reader(stream)
        try:
            with self._errors():
                self._minio().put_object(
                    self.place.bucket,
                    key,
                    cast(BinaryIO, reader),
                    length=-1,
                    part_size=FIRST,
                    num_parallel_uploads=1,
                )
        except Exception:
            # What the source raised is not the server's, whatever became of it on its way.
            if reader.broke is not None:
                raise reader.broke from None
            raise
        return Stored(name, reader.bytes, reader.digest.hexdigest())

    def _chunks(self, name: str, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        expected = int(response.headers.get("content-length", 0))
        try:
            with self._errors():
                for chunk in response.stream(CHUNK):
                    expected -= len(chunk)
                    yield chunk
            if expected:
                raise TargetError(f"{name} ended {expected} bytes early while it was read.")
        finally:
            _release(response)

    def _list(self, prefix: str) -> Iterator[Stored]:
        with self._errors():
            for found in self._minio().list_objects(self.place.bucket, prefix=prefix, recursive=True):
                name = self._keys.name(found.object_name or "")
                if name is not None and not found.is_dir:
                    yield Stored(name, found.size or 0, modified=found.last_modified)

    def _need_bucket(self) -> None:
        """A HEAD request answers the same for a blob and for a bucket that is not there. Asked once."""
        if not self._seen and not self._minio().bucket_exists(self.place.bucket):
            raise said("NoSuchBucket", "", str(self.place))
        self._seen = True

    def _keeps_versions(self) -> bool:
        if self._versions is None:
            self._versions = self._minio().get_bucket_versioning(self.place.bucket).status != "Off"
        return self._versions

    def _minio(self) -> Minio:
        with self._lock:
            if self._client is None:
                place = self.place
                # Only the wrapper retries; trusted are the authorities that this machine trusts.
                pool = urllib3.PoolManager(
                    timeout=urllib3.Timeout(connect=10, read=60),
                    retries=False,
                    ssl_context=ssl.create_default_context(),
                )
                self._client = Minio(
                    place.endpoint, place.access_key, place.secret_key, secure=place.tls, http_client=pool
                )
            return self._client

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except S3Error as error:
            raise said(error.code or "", error.message or "", str(self.place)) from error
        except ValueError as error:
            raise TargetRefused(
                f"The settings of {self.place} cannot be used ({error}). Check `bucket` and `endpoint`."
            ) from error
        except urllib3.exceptions.SSLError as error:
            raise TargetRefused(
                f"There is no trusted connection to {self.place} ({error}). Check its certificate and `tls`; "
                "SSL_CERT_FILE names a file with certificates of authorities that are trusted."
            ) from error
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise TargetUnreachable(
                f"The {self.place} cannot be reached ({error}). Check the network and `endpoint`."
            ) from error
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise TargetError(f"The {self.place} broke off or answers oddly ({error}).") from error


class _Reader:
    """Reads from ``stream`` and knows what went through, and what it raised."""

    def __init__(self, stream: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self.bytes = 0
        self.broke: BaseException | None = None
        self._stream = stream

    def read(self, size: int) -> bytes:
        """As of a binary stream."""
        try:
            data = self._stream.read(size)
        except BaseException as error:
            self.broke = error
            raise
        self.digest.update(data)
        self.bytes += len(data)
        return data


def _release(response: urllib3.BaseHTTPResponse) -> None:
    response.close()
    response.release_conn()
