"""A bucket of a server that speaks S3, by the MinIO SDK."""

import hashlib
import weakref
from collections.abc import Generator, Iterator
from datetime import datetime
from typing import BinaryIO, cast

import urllib3
from minio.error import MinioException, S3Error
from minio.helpers import ObjectWriteResult

from storage.durable import CHUNK
from storage.errors import NotStored, TargetError
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.minio_client import MinioClient, MinioPlace
from storage.targets.s3_errors import READ_SECONDS
from storage.targets.s3_keys import Keys
from storage.targets.s3_parts import FIRST
from storage.targets.s3_ranges import gives_all, part
from storage.targets.streams import opened

__all__ = ["MinioPlace", "MinioTarget"]

_BY_SDK = (MinioException, urllib3.exceptions.HTTPError)
_MISSING = frozenset({"NoSuchKey", "NoSuchObject", "ResourceNotFound"})


class MinioTarget:
    """Keeps blobs as objects of a bucket, under keys that start with ``prefix``. Making one does not connect.

    Blobs above 8 MiB are sent in parts. Where the bucket keeps versions, ``delete`` removes all of them.
    ``timeout`` is how many seconds each step of a request may take.
    """

    capabilities = Capabilities(
        ranges=True, atomic_put=True, durable=True, knows_sha256=False, knows_modified=True
    )

    def __init__(self, place: MinioPlace, prefix: str = "", timeout: float = READ_SECONDS) -> None:
        self.place = place
        self._keys = Keys(prefix)
        self._client = MinioClient(place, timeout)

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
        with self._client.errors():
            try:
                response = self._client().get_object(self.place.bucket, key, offset=start, length=length or 0)
            except S3Error as error:
                if error.code in _MISSING:
                    raise NotStored(name) from error
                if error.code == "InvalidRange":
                    return iter(())
                raise
        chunks = self._chunks(name, response)
        weakref.finalize(chunks, _release, response)
        whole = gives_all(name, start, length, response.status, response.headers.get("content-range"))
        return part(chunks, start, length) if whole else chunks

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        key = self._keys.key(name)
        with self._client.errors():
            try:
                found = self._client().stat_object(self.place.bucket, key)
            except S3Error as error:
                if error.code not in _MISSING:
                    raise
                self._client.need_bucket()
                return None
        return Stored(name, found.size or 0, modified=found.last_modified)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. Asks for a thousand at a time."""
        return self._list(self._keys.starting(prefix))

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        key = self._keys.key(name)
        with self._client.errors():
            client = self._client()
            if not self._client.keeps_versions():
                client.remove_object(self.place.bucket, key)
                return
            for found in client.list_objects(self.place.bucket, prefix=key, include_version=True):
                if found.object_name == key:
                    client.remove_object(self.place.bucket, key, version_id=found.version_id)

    def space(self) -> Space | None:
        """See ``Target.space``: a bucket does not tell."""
        return None

    def sweep(self, older_than: datetime) -> int:
        """Give up uploads that were killed before ``older_than``: their parts cost; return how many.

        MinIO itself tells only of uploads of one key, and gives up by itself what is older than a day.
        """
        swept, after = 0, None
        with self._client.errors():
            client = self._client()
            while True:
                # The SDK has no public name for these two.
                page = client._list_multipart_uploads(
                    self.place.bucket, key_marker=after, prefix=self._keys.starting("")
                )
                for upload in page.uploads:
                    if upload.initiated_time is not None and upload.initiated_time < older_than:
                        client._abort_multipart_upload(
                            self.place.bucket, upload.object_name, cast(str, upload.upload_id)
                        )
                        swept += 1
                # Further uploads of the last key of a page wait for the next time.
                if not page.is_truncated or not page.next_key_marker:
                    return swept
                after = page.next_key_marker

    def _put(self, name: str, key: str, stream: BinaryIO) -> Stored:
        reader = _Reader(stream)
        try:
            with self._client.errors():
                kept = self._send(key, reader)
                if reader.bytes > FIRST and not kept.etag:
                    # S3 says so, with status 200, where it could not put the parts together.
                    raise TargetError(f"The {self.place} did not put the parts of {name} together.")
        except Exception:
            # What the source raised is not the server's, whatever became of it on its way.
            if reader.broke is not None:
                raise reader.broke from None
            raise
        return Stored(name, reader.bytes, reader.digest.hexdigest())

    def _send(self, key: str, reader: "_Reader") -> ObjectWriteResult:
        try:
            return self._client().put_object(
                self.place.bucket,
                key,
                cast(BinaryIO, reader),
                length=-1,
                part_size=FIRST,
                num_parallel_uploads=1,
            )
        except _BY_SDK as error:
            # The SDK gives up what it began. Where that fails too, what went wrong first is the reason.
            first, seen = error, error.__context__
            while seen is not None:
                first, seen = (seen if isinstance(seen, _BY_SDK) else first), seen.__context__
            raise first from first.__cause__

    def _chunks(self, name: str, response: urllib3.BaseHTTPResponse) -> Generator[bytes]:
        promised, size = response.headers.get("content-length", ""), 0
        try:
            with self._client.errors():
                for chunk in response.stream(CHUNK):
                    size += len(chunk)
                    yield chunk
            if promised.isdecimal() and size != int(promised):
                raise TargetError(f"{name} ended {int(promised) - size} bytes early while it was read.")
        finally:
            _release(response)

    def _list(self, prefix: str) -> Iterator[Stored]:
        with self._client.errors():
            for found in self._client().list_objects(self.place.bucket, prefix=prefix, recursive=True):
                name = self._keys.name(found.object_name or "")
                if name is not None and not found.is_dir:
                    yield Stored(name, found.size or 0, modified=found.last_modified)


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
