"""What a server that speaks S3 says when it refuses, in words that help."""

from storage.errors import DiskFull, StorageError, TargetError, TargetRefused, TargetUnreachable

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
"""How long a server may take to answer a connection, and each step of a request."""

_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
_RIGHTS = frozenset({"403", "AccessDenied", "AccountProblem", "AllAccessDisabled", "Forbidden"})
_REGION = frozenset(
    {"301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}
)
_FULL = frozenset(
    {
        "507",
        "InsufficientStorage",
        "QuotaExceeded",
        "XMinioAdminBucketQuotaExceeded",
        "XMinioStorageFull",
    }
)
_BUSY = frozenset(
    {
        "429",
        "502",
        "503",
        "504",
        "ServerBusy",
        "ServiceUnavailable",
        "SlowDown",
        "SlowDownRead",
        "SlowDownWrite",
        "TooManyRequests",
        "XMinioServerNotInitialized",
    }
)
_SETTINGS = frozenset(
    {
        "InvalidArgument",
        "InvalidBucketName",
        "InvalidBucketState",
        "InvalidRequest",
        "InvalidStorageClass",
        "NotImplemented",
        "ObjectLockConfigurationNotFoundError",
    }
)
RIGHTS = (
    "s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:DeleteObjectVersion, "
    "s3:AbortMultipartUpload and s3:ListBucketMultipartUploads"
)


def said(code: str, message: str, place: str) -> StorageError:
    """The error for the error code of an answer; ``place`` names the bucket and the server.

    ``TargetRefused`` where a person has to do something, ``DiskFull`` for want of room, ``TargetUnreachable``
    where the server takes no requests now, else ``TargetError``.
    """
    detail = f"{code}: {message}" if message else code
    if code in _FULL:
        return DiskFull(f"the {place}")
    if code in _BUSY:
        return TargetUnreachable(
            f"The {place} takes no requests now ({detail}). It is overloaded or starting, and is asked again."
        )
    if code == "NoSuchBucket":
        return TargetRefused(f"There is no {place}. Make it, or correct `bucket` in the settings.")
    if code in _CREDENTIALS:
        return TargetRefused(f"The credentials for {place} are not taken ({detail}). Check both keys.")
    if code in _RIGHTS:
        return TargetRefused(f"The credentials for {place} do not allow this ({detail}). They need {RIGHTS}.")
    if code in _REGION:
        return TargetRefused(f"The {place} is in another region ({detail}). Set `region` of the target.")
    if code == "RequestTimeTooSkewed":
        return TargetRefused(f"The clocks of this machine and of {place} differ: see that NTP runs on both.")
    if code in _SETTINGS or code.startswith("KMS."):
        return TargetRefused(
            f"The {place} does not take this ({detail}). Check `bucket`, `storage_class`, `encryption`, "
            "`kms_key` and `lock_days` of the target; object lock has to be enabled for the bucket."
        )
    if code == "InvalidObjectState":
        return TargetRefused(
            f"What lies in {place} is in a storage class that cannot be read at once. Restore it there "
            "first; copies that are to be checked need STANDARD, STANDARD_IA or GLACIER_IR."
        )
    return TargetError(f"The {place} failed ({detail}).")


def comes_of(error: BaseException, kind: type[BaseException]) -> bool:
    """Whether ``error`` comes of one of the kind: the SDKs pack what they met into errors of theirs."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, kind):
        seen = seen.__cause__ or seen.__context__
    return seen is not None
