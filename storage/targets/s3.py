"""A bucket of Amazon S3, by boto3."""

import hashlib
import weakref
from base64 import b64encode
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError

from storage.durable import CHUNK
from storage.errors import NotStored, StorageError, TargetError, TargetRefused
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.s3_client import S3Client, answer
from storage.targets.s3_keys import Keys
from storage.targets.s3_parts import parts
from storage.targets.s3_ranges import gives_all, part, range_header

_ALWAYS = {
    "Contents": ("Key", "Size", "LastModified"),
    "Uploads": ("Key", "UploadId", "Initiated"),
    "Versions": ("Key", "VersionId"),
    "DeleteMarkers": ("Key", "VersionId"),
}
"""What each of a listing has, where it is one."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the bucket is asked to keep what comes. Empty: as the bucket does by itself."""

    storage_class: str = ""
    encryption: str = ""
    """``AES256`` or ``aws:kms``."""
    kms_key: str = ""
    lock_days: int = 0
    """Days for which nobody can delete it (object lock, compliance mode)."""

    def arguments(self, now: datetime) -> dict[str, Any]:
        """The same in the words of the API."""
        asked: dict[str, Any] = {
            "StorageClass": self.storage_class,
            "ServerSideEncryption": self.encryption,
            "SSEKMSKeyId": self.kms_key,
        }
        if self.lock_days:
            asked["ObjectLockMode"] = "COMPLIANCE"
            asked["ObjectLockRetainUntilDate"] = now.replace(microsecond=0) + timedelta(days=self.lock_days)
        return {name: value for name, value in asked.items() if value}


class S3Target:
    """Keeps blobs as objects of a bucket, under keys that start with ``prefix``. Making one does not connect.

    What is sent carries its SHA-256, a part at a time above 8 MiB, so that the server refuses what was
    changed on the way. Where the bucket keeps versions, ``delete`` removes all of them; with object lock they
    stay.
    """

    def __init__(
        self,
        client: S3Client,
        prefix: str = "",
        keeping: Keeping | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.capabilities = Capabilities(
            ranges=True,
            atomic_put=True,
            durable=True,
            knows_sha256=False,
            knows_modified=True,
            deletes=not (keeping and keeping.lock_days),
        )
        self._client = client
        self._bucket = client.place.bucket
        self._keys = Keys(prefix)
        self._keeping = keeping or Keeping()
        self._clock = clock

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        key = self._keys.key(name)
        pieces = parts(source)
        first = next(pieces)
        second = next(pieces, None)
        if second is None:
            return self._put_whole(name, key, first)
        return self._put_parts(name, key, chain((first, second), pieces))

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``. The request is made at once, and its connection is held until all is read."""
        key = self._keys.key(name)
        check_range(start, length)
        if length == 0:
            if self.stat(name) is None:
                raise NotStored(name)
            return iter(())
        wanted = range_header(start, length)
        with self._client.errors():
            try:
                response = self._client().get_object(
                    Bucket=self._bucket, Key=key, **({"Range": wanted} if wanted else {})
                )
            except ClientError as error:
                code, _ = answer(error)
                if code == "NoSuchKey":
                    raise NotStored(name) from error
                if code in ("InvalidRange", "416"):
                    return iter(())
                raise
        chunks = self._chunks(name, response["Body"], response.get("ContentLength"))
        weakref.finalize(chunks, response["Body"].close)
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        whole = gives_all(name, start, length, status, response.get("ContentRange"))
        return part(chunks, start, length) if whole else chunks

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        key = self._keys.key(name)
        with self._client.errors():
            try:
                found = self._client().head_object(Bucket=self._bucket, Key=key)
                return Stored(name, found["ContentLength"], modified=found["LastModified"])
            except ClientError as error:
                if answer(error)[0] not in ("404", "NoSuchKey"):
                    raise
        self._client.need_bucket()
        return None

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. Asks for a thousand at a time."""
        return self._list(self._keys.starting(prefix))

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        key = self._keys.key(name)
        done = self._client.ask("delete_object", Key=key)
        if done.get("DeleteMarker") and self.capabilities.deletes:
            self._delete_versions(name, key)

    def space(self) -> Space | None:
        """See ``Target.space``: a bucket does not tell."""
        return None

    def sweep(self, older_than: datetime) -> int:
        """Give up uploads that were killed before ``older_than``: their parts cost; return how many."""
        swept = 0
        for upload in self._found("list_multipart_uploads", self._keys.starting(""), "Uploads"):
            if upload["Initiated"] < older_than:
                self._client.ask("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])
                swept += 1
        return swept

    def _put_whole(self, name: str, key: str, data: bytes) -> Stored:
        digest = hashlib.sha256(data)
        checksum = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": b64encode(digest.digest()).decode()}
        asked = self._keeping.arguments(self._clock())
        self._client.ask("put_object", Key=key, Body=data, **checksum, **asked)
        return Stored(name, len(data), digest.hexdigest())

    def _put_parts(self, name: str, key: str, pieces: Iterable[bytes]) -> Stored:
        ask = self._client.ask
        asked = self._keeping.arguments(self._clock())
        upload = ask("create_multipart_upload", "UploadId", Key=key, ChecksumAlgorithm="SHA256", **asked)
        at = {"Key": key, "UploadId": upload["UploadId"]}
        digest, size, sent = hashlib.sha256(), 0, []
        try:
            for number, data in enumerate(pieces, 1):
                digest.update(data)
                size += len(data)
                checksum = b64encode(hashlib.sha256(data).digest()).decode()
                part = ask("upload_part", "ETag", **at, PartNumber=number, Body=data, ChecksumSHA256=checksum)
                sent.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": checksum})
            ask("complete_multipart_upload", "ETag", **at, MultipartUpload={"Parts": sent})
        except BaseException:
            # What cannot be given up now, because the connection is gone, is found by ``sweep``.
            with suppress(StorageError):
                ask("abort_multipart_upload", **at)
            raise
        return Stored(name, size, digest.hexdigest())

    def _chunks(self, name: str, body: Any, promised: int | None) -> Generator[bytes]:
        """``promised`` is how many bytes the server said; None where it did not."""
        size = 0
        try:
            with self._client.errors():
                while chunk := body.read(CHUNK):
                    size += len(chunk)
                    yield chunk
            if promised is not None and size != promised:
                raise TargetError(f"{name} ended {promised - size} bytes early while it was read.")
        finally:
            body.close()

    def _list(self, prefix: str) -> Iterator[Stored]:
        for found in self._found("list_objects_v2", prefix, "Contents"):
            name = self._keys.name(found["Key"])
            if name is not None:
                yield Stored(name, found["Size"], modified=found["LastModified"])

    def _found(self, operation: str, prefix: str, *kinds: str) -> Iterator[dict[str, Any]]:
        """What the pages of a listing have of these kinds, each with what it always has."""
        with self._client.errors():
            pages = self._client().get_paginator(operation)
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for kind in kinds:
                    for found in page.get(kind, ()):
                        for field in _ALWAYS[kind]:
                            found[field]
                        yield found

    def _delete_versions(self, name: str, key: str) -> None:
        """All that a bucket with versions has of ``key``, its delete markers too."""
        for found in self._found("list_object_versions", key, "Versions", "DeleteMarkers"):
            if found["Key"] != key:
                continue
            try:
                self._client.ask("delete_object", Key=key, VersionId=found["VersionId"])
            except TargetRefused as error:
                raise TargetRefused(
                    f"The bucket keeps versions of {name}, and they cannot be deleted: {error} Set "
                    "`write_once` of the target where that is wanted."
                ) from error
