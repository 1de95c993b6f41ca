"""The target in a bucket, by boto3."""

import hashlib
import io
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex

import pytest

from storage.errors import BadName, NotStored, TargetRefused, TargetUnreachable
from storage.targets.s3 import Keeping, S3Target
from storage.targets.s3_client import S3Client, S3Place
from tests.s3 import Server
from tests.storage.targets.contract import DATA, TargetContract, content

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def shared(s3_server: Server) -> S3Client:
    """A client takes longer to make than most tests."""
    return S3Client(S3Place(s3_server.bucket(), endpoint=s3_server.endpoint))


@pytest.fixture
def prefix() -> str:
    return f"calls/{token_hex(4)}"


@pytest.fixture
def target(shared, prefix) -> S3Target:
    return S3Target(shared, prefix)


class TestS3Target(TargetContract):
    """The fixture ``target`` is that of the module."""


@pytest.fixture
def bucket(shared) -> str:
    return shared.place.bucket


@pytest.fixture
def place(s3_server) -> S3Place:
    """A bucket of its own."""
    return S3Place(s3_server.bucket(), endpoint=s3_server.endpoint)


def test_blobs_are_objects_behind_the_prefix(target, prefix, s3_server, bucket):
    target.put("2026/11/21/a.opus", DATA)
    found = s3_server.client().get_object(Bucket=bucket, Key=f"{prefix}/2026/11/21/a.opus")
    assert found["Body"].read() == DATA


def test_other_objects_of_the_bucket_are_not_ours(target, shared, prefix, s3_server, bucket):
    target.put("a", DATA)
    for behind in ("ale", "/", "/.hidden", "/x:y"):
        s3_server.client().put_object(Bucket=bucket, Key=f"{prefix}{behind}", Body=b"x")
    assert [blob.name for blob in target.list()] == ["a"]
    assert [blob.name for blob in S3Target(shared).list(prefix)] == [f"{prefix}/a", f"{prefix}ale"]


def test_a_long_blob_goes_in_parts_each_with_its_checksum(target, prefix, s3_server, bucket):
    data = hashlib.shake_256(b"long").digest(17 * MEBIBYTE)
    for number, source in enumerate((data, io.BytesIO(data))):
        stored = target.put(f"long-{number}", source)
        assert (stored.bytes, stored.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert content(target, f"long-{number}") == data
        found = s3_server.client().head_object(
            Bucket=bucket, Key=f"{prefix}/long-{number}", ChecksumMode="ENABLED"
        )
        parts = [data[at : at + 8 * MEBIBYTE] for at in range(0, len(data), 8 * MEBIBYTE)]
        whole = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()
        # Amazon appends the number of parts, moto does not.
        assert found["ChecksumSHA256"].removesuffix("-3") == b64encode(whole).decode()


def test_a_short_blob_carries_its_checksum(target, prefix, s3_server, bucket):
    target.put("a", DATA)
    found = s3_server.client().head_object(Bucket=bucket, Key=f"{prefix}/a", ChecksumMode="ENABLED")
    assert found["ChecksumSHA256"] == b64encode(hashlib.sha256(DATA).digest()).decode()


def test_a_long_put_that_fails_leaves_no_parts(target, prefix, s3_server, bucket):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 16 * MEBIBYTE:
                raise ValueError("the source broke")
            return super().read(size)

    with pytest.raises(ValueError, match="the source broke"):
        target.put("a", Broken(bytes(24 * MEBIBYTE)))
    assert target.stat("a") is None
    left = s3_server.client().list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    assert [upload for upload in left if upload["Key"].startswith(prefix)] == []


def test_uploads_that_were_killed_are_swept(target, prefix, s3_server, bucket):
    client = s3_server.client()
    for key in (f"{prefix}/a", f"{prefix}-other"):
        client.create_multipart_upload(Bucket=bucket, Key=key)
    now = datetime.now(UTC)
    # moto dates every upload to a day of 2010, so all of them are old.
    assert target.sweep(datetime(2000, 1, 1, tzinfo=UTC)) == 0
    assert target.sweep(now) == 1
    left = client.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [upload["Key"] for upload in left] == [f"{prefix}-other"]


def test_more_than_a_page_is_listed(target, prefix, s3_server, bucket):
    names = sorted(f"2026/{number}" for number in range(1005))
    s3_server.fill(bucket, [f"{prefix}/{name}" for name in reversed(names)])
    assert [blob.name for blob in target.list()] == names


def test_storage_class_and_encryption_are_asked_for(place, s3_server):
    keeping = Keeping(storage_class="STANDARD_IA", encryption="aws:kms", kms_key="alias/calls")
    target = S3Target(S3Client(place), keeping=keeping)
    target.put("short", DATA)
    target.put("long", bytes(9 * MEBIBYTE))
    for key in ("short", "long"):
        found = s3_server.client().head_object(Bucket=place.bucket, Key=key)
        assert found["StorageClass"] == "STANDARD_IA"
        assert found["ServerSideEncryption"] == "aws:kms"
        assert found["SSEKMSKeyId"] == "alias/calls"


def test_a_lock_keeps_what_is_deleted(s3_server):
    bucket = s3_server.bucket(ObjectLockEnabledForBucket=True)
    place = S3Place(bucket, endpoint=s3_server.endpoint)
    now = datetime.now(UTC)
    target = S3Target(S3Client(place), keeping=Keeping(lock_days=30), clock=lambda: now)
    assert not target.capabilities.deletes
    target.put("short", DATA)
    s3_server.requests.clear()
    target.put("long", bytes(9 * MEBIBYTE))
    client = s3_server.client()
    found = client.head_object(Bucket=bucket, Key="short")
    assert found["ObjectLockMode"] == "COMPLIANCE"
    assert abs(found["ObjectLockRetainUntilDate"] - now - timedelta(days=30)) < timedelta(seconds=2)
    # moto does not keep what it is asked for at the beginning of an upload in parts.
    begun = next(request for request in s3_server.requests if request["QUERY_STRING"] == "uploads")
    assert begun["PATH_INFO"].endswith("/long")
    assert begun["HTTP_X_AMZ_OBJECT_LOCK_MODE"] == "COMPLIANCE"
    assert begun["HTTP_X_AMZ_OBJECT_LOCK_RETAIN_UNTIL_DATE"].startswith(
        f"{now + timedelta(days=30):%Y-%m-%d}"
    )
    target.delete("short")
    assert target.stat("short") is None
    versions = client.list_object_versions(Bucket=bucket, Prefix="short")
    assert [version["Size"] for version in versions["Versions"]] == [len(DATA)]
    with pytest.raises(TargetRefused, match=r"short, and they cannot be deleted.*write_once"):
        S3Target(S3Client(place)).delete("short")


def test_nothing_is_left_of_what_is_deleted_from_a_bucket_with_versions(place, s3_server):
    client, bucket = s3_server.client(), place.bucket
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    target = S3Target(S3Client(place), "calls")
    for data in (b"1", b"2", DATA):
        target.put("a", data)
    target.put("ab", DATA)
    target.delete("a")
    target.delete("a")
    left = client.list_object_versions(Bucket=bucket)
    assert [version["Key"] for version in left["Versions"]] == ["calls/ab"]
    assert "DeleteMarkers" not in left


def test_keys_that_are_too_long(shared):
    target = S3Target(shared, "x" * 200)
    with pytest.raises(BadName, match="longer than S3 takes"):
        target.put("/".join(["y" * 99] * 9), DATA)


def uses(target):
    return [
        lambda: target.put("a", DATA),
        lambda: target.put("a", bytes(9 * MEBIBYTE)),
        lambda: target.get("a"),
        lambda: target.stat("a"),
        lambda: list(target.list()),
        lambda: target.delete("a"),
    ]


def refusals(target, match):
    for use in uses(target):
        with pytest.raises(TargetRefused, match=match):
            use()


def test_a_bucket_that_is_not_there(s3_server):
    place = S3Place("no-such-bucket", endpoint=s3_server.endpoint)
    refusals(
        S3Target(S3Client(place)), "There is no bucket no-such-bucket at http://127.0.0.1:.*correct `bucket`"
    )


def test_wrong_credentials(place, s3_server, monkeypatch):
    with s3_server.checking_credentials():
        refusals(S3Target(S3Client(place)), "The credentials for bucket")


def test_credentials_that_may_not(place, s3_server, monkeypatch):
    people = s3_server.client("iam")
    people.create_user(UserName="recorder")
    key = people.create_access_key(UserName="recorder")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    with s3_server.checking_credentials():
        refusals(S3Target(S3Client(place)), "do not allow this.*They need s3:ListBucket")


def test_no_credentials(place, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    refusals(S3Target(S3Client(place)), "No credentials for bucket .* Set AWS_ACCESS_KEY_ID")


def test_a_profile_that_is_not_there(s3_server, bucket):
    refusals(
        S3Target(S3Client(S3Place(bucket, endpoint=s3_server.endpoint, profile="other"))),
        "No credentials .*other",
    )


@pytest.mark.parametrize(
    "place", [S3Place("b", endpoint="nowhere"), S3Place("B/c", endpoint="http://127.0.0.1:9")]
)
def test_settings_that_cannot_be(s3_server, place):
    with pytest.raises(TargetRefused, match=r"The settings of bucket .* cannot be used"):
        S3Target(S3Client(place)).put("a", DATA)


def test_nobody_answers(s3_server):
    target = S3Target(S3Client(S3Place("calls", endpoint="http://127.0.0.1:9")))
    for use in uses(target):
        with pytest.raises(TargetUnreachable, match=r"cannot be reached .*Check the network"):
            use()


def test_a_bucket_that_goes_between(place, s3_server):
    target = S3Target(S3Client(place))
    assert target.stat("a") is None
    s3_server.client().delete_bucket(Bucket=place.bucket)
    with pytest.raises(TargetRefused, match="There is no bucket"):
        target.put("a", DATA)
    with pytest.raises(TargetRefused, match="There is no bucket"):
        target.get("a")


def test_a_get_that_nobody_reads_gives_its_connection_back(target):
    target.put("a", bytes(3 * MEBIBYTE))
    for _ in range(30):
        target.get("a")
    begun = target.get("a")
    next(begun)
    begun.close()
    assert sum(map(len, target.get("a"))) == 3 * MEBIBYTE
    with pytest.raises(NotStored):
        target.get("b", 5)


@pytest.fixture
def elsewhere(s3_server):
    """The address of a server that sends every request to https."""

    class Sender(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(301)
            self.send_header("Location", "https://127.0.0.1/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_HEAD()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Sender) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("ask", [lambda t: t.stat("a"), lambda t: t.put("a", DATA), lambda t: t.get("a")])
def test_a_server_that_sends_everybody_elsewhere_is_told(elsewhere, ask):
    target = S3Target(S3Client(S3Place("calls", endpoint=elsewhere)))
    with pytest.raises(TargetRefused, match="sends everybody elsewhere"):
        ask(target)
