"""What people read when a server that speaks S3 refuses."""

from storage.errors import DiskFull
from storage.targets.s3_errors import said


def test_a_full_server_is_named_within_the_sentence():
    error = said("XMinioStorageFull", "no room", "bucket calls at https://s3.example")
    assert isinstance(error, DiskFull)
    assert str(error).startswith("No space left on the disk of the bucket calls at https://s3.example. Free")
