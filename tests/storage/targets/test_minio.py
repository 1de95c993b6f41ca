"""The target in a bucket, by the MinIO SDK."""

import hashlib
import io
from dataclasses import replace
from secrets import token_hex

import pytest

from storage.errors import TargetRefused, TargetUnreachable
from storage.targets.minio import MinioPlace, MinioTarget
from tests.s3 import ACCESS_KEY, SECRET_KEY, Server
from tests.storage.targets.contract import DATA, TargetContract, content

MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def shared(s3_server: Server) -> MinioPlace:
    return MinioPlace(s3_server.host, s3_server.bucket(), ACCESS_KEY, SECRET_KEY, tls=False)


@pytest.fixture
def place(shared, s3_server) -> MinioPlace:
    return replace(shared, bucket=s3_server.bucket())


class TestMinioTarget(TargetContract):
    @pytest.fixture
    def target(self, shared) -> MinioTarget:
        return MinioTarget(shared, f"calls/{token_hex(4)}")


def test_blobs_are_objects_behind_the_prefix_and_others_are_not_ours(place, s3_server):
    target = MinioTarget(place, "/calls/berlin/")
    target.put("2026/11/21/a.opus", DATA)
    client = s3_server.client()
    found = client.get_object(Bucket=place.bucket, Key="calls/berlin/2026/11/21/a.opus")
    assert found["Body"].read() == DATA
    for key in ("other", "calls/berlinale", "calls/berlin/", "calls/berlin/.hidden", "calls/berlin/x:y"):
        client.put_object(Bucket=place.bucket, Key=key, Body=b"x")
    assert [blob.name for blob in target.list()] == ["2026/11/21/a.opus"]


def test_a_long_blob_goes_in_parts(place, s3_server):
    target = MinioTarget(place)
    data = hashlib.shake_256(b"long").digest(17 * MEBIBYTE)
    stored = target.put("long", io.BytesIO(data))
    assert (stored.bytes, stored.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert content(target, "long") == data
    etag = s3_server.client().head_object(Bucket=place.bucket, Key="long")["ETag"]
    assert etag.endswith('-3"'), "parts"


@pytest.mark.parametrize("error", [RuntimeError, ValueError, OSError])
def test_a_long_put_that_fails_leaves_no_parts(place, s3_server, error):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 12 * MEBIBYTE:
                raise error("the source broke")
            return super().read(min(size or 0, MEBIBYTE))

    target = MinioTarget(place)
    with pytest.raises(error, match="the source broke"):
        target.put("a", Broken(bytes(24 * MEBIBYTE)))
    assert target.stat("a") is None
    assert "Uploads" not in s3_server.client().list_multipart_uploads(Bucket=place.bucket)


def test_more_than_a_page_is_listed(place, s3_server):
    names = sorted(f"2026/{number}" for number in range(1005))
    s3_server.fill(place.bucket, [f"calls/{name}" for name in reversed(names)])
    assert [blob.name for blob in MinioTarget(place, "calls").list()] == names


def test_nothing_is_left_of_what_is_deleted_from_a_bucket_with_versions(place, s3_server):
    client = s3_server.client()
    client.put_bucket_versioning(Bucket=place.bucket, VersioningConfiguration={"Status": "Enabled"})
    target = MinioTarget(place, "calls")
    for data in (b"1", b"2", DATA):
        target.put("a", data)
    target.put("ab", DATA)
    target.delete("a")
    target.delete("a")
    left = client.list_object_versions(Bucket=place.bucket)
    assert [version["Key"] for version in left["Versions"]] == ["calls/ab"]
    assert "DeleteMarkers" not in left


def uses(target):
    return [
        lambda: target.put("a", DATA),
        lambda: target.put("a", bytes(9 * MEBIBYTE)),
        lambda: target.get("a"),
        lambda: target.stat("a"),
        lambda: list(target.list()),
        lambda: target.delete("a"),
    ]


def refusals(place, match, kind=TargetRefused):
    for use in uses(MinioTarget(place)):
        with pytest.raises(kind, match=match):
            use()


def test_a_bucket_that_is_not_there(place):
    refusals(
        replace(place, bucket="no-such-bucket"),
        r"There is no bucket no-such-bucket at 127.0.0.1:.*correct `bucket`",
    )


def test_wrong_credentials(place, s3_server):
    with s3_server.checking_credentials():
        refusals(place, "The credentials for bucket")


def test_settings_that_cannot_be(place):
    refusals(replace(place, bucket="b"), "The settings of bucket .* cannot be used")
    refusals(replace(place, endpoint="http://host/path"), "The settings of bucket .* cannot be used")


def test_a_server_without_tls(place):
    refusals(replace(place, tls=True), "There is no trusted connection to bucket .* Check .*`tls`")


def test_nobody_answers(place):
    refusals(
        replace(place, endpoint="127.0.0.1:9"), r"cannot be reached .*Check the network", TargetUnreachable
    )


def test_a_get_that_nobody_reads_gives_its_connection_back(place):
    target = MinioTarget(place)
    target.put("a", bytes(3 * MEBIBYTE))
    for _ in range(30):
        target.get("a")
    begun = target.get("a")
    next(begun)
    begun.close()
    assert sum(map(len, target.get("a"))) == 3 * MEBIBYTE


def test_secrets_are_not_shown(place):
    assert SECRET_KEY not in repr(place)
    assert SECRET_KEY not in str(place)
