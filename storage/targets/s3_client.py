"""The connection to S3, made when it is first needed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from storage.errors import StorageError, TargetError, TargetRefused, TargetUnreachable
from storage.targets.s3_errors import CONNECT_SECONDS, READ_SECONDS, comes_of, said

_NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.TokenRetrievalError,
    boto.SSOError,
)
_UNUSABLE = (
    boto.NoRegionError,
    boto.ParamValidationError,
    boto.InvalidRegionError,
    boto.UnknownEndpointError,
)

_REDIRECTED = (301, 302, 307)


@dataclass(frozen=True, slots=True)
class S3Place:
    """Which bucket, and the way to it. Credentials come by the chain of the AWS SDK, or from ``profile``."""

    bucket: str
    region: str = ""
    endpoint: str = ""
    profile: str = ""

    def __str__(self) -> str:
        return f"bucket {self.bucket} at {self.endpoint or 'Amazon S3'}"


class S3Client:
    """A client of boto3 for one place; safe to use from several threads. Making one does not connect.

    ``timeout`` is how many seconds each step of a request may take.
    """

    def __init__(self, place: S3Place, timeout: float = READ_SECONDS) -> None:
        self.place = place
        self._timeout = timeout
        self._lock = threading.Lock()
        self._client: Any = None
        self._seen = False

    def __call__(self) -> Any:
        """The client. Raises ``TargetRefused`` for settings that it does not take."""
        with self._lock:
            if self._client is None:
                with self.errors():
                    self._client = self._made()
            return self._client

    def ask(self, operation: str, *fields: str, **arguments: Any) -> dict[str, Any]:
        """What the server answers, in which ``fields`` are. Raises errors of targets."""
        with self.errors():
            told: dict[str, Any] = getattr(self(), operation)(Bucket=self.place.bucket, **arguments)
            for wanted in fields:
                told[wanted]
            return told

    def need_bucket(self) -> None:
        """Raise ``TargetRefused`` where there is no such bucket: that a blob is missing says nothing then.

        Asked once: a HEAD request answers 404 for either.
        """
        if not self._seen:
            self.ask("head_bucket")
            self._seen = True

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what boto3 raises into errors of targets; those pass."""
        try:
            yield
        except StorageError:
            raise
        except boto.ClientError as error:
            code, message = answer(error)
            if code == "404":
                code = "NoSuchBucket"
            raise said(code, message, str(self.place)) from error
        except _NO_CREDENTIALS as error:
            raise TargetRefused(
                f"No credentials for {self.place} ({error}). Set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, name a `profile` of ~/.aws/credentials, or give this machine a role."
            ) from error
        except _UNUSABLE as error:
            raise self._unusable(error) from error
        except boto.SSLError as error:
            raise TargetRefused(
                f"There is no trusted connection to {self.place} ({error}). AWS_CA_BUNDLE names a file with "
                "certificates of authorities that are trusted."
            ) from error
        except (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError) as error:
            raise TargetUnreachable(
                f"The {self.place} cannot be reached ({error}). Check the network and `endpoint`."
            ) from error
        except (boto.BotoCoreError, KeyError, ValueError) as error:
            raise self._broken(error) from error

    def _made(self) -> Any:
        place = self.place
        session = boto3.Session(profile_name=place.profile or None)
        # Only the wrapper retries; and checksums that every server that speaks S3 knows are our own.
        # The SDK's own name is put together anew for each request, at a tenth of its cost.
        config = Config(
            connect_timeout=min(CONNECT_SECONDS, self._timeout),
            read_timeout=self._timeout,
            retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            user_agent="earwitness",
        )
        region = place.region or session.region_name or ("us-east-1" if place.endpoint else None)
        try:
            client = session.client(
                "s3", region_name=region, endpoint_url=place.endpoint or None, config=config
            )
        except ValueError as error:
            raise self._unusable(error) from error
        client.meta.events.register("needs-retry.s3.HeadBucket", self._sent_elsewhere)
        return client

    def _sent_elsewhere(self, response: tuple[Any, dict[str, Any]] | None, **_: object) -> None:
        """botocore asks for the bucket where it was redirected, and again where that is redirected too."""
        if response is None or response[0].status_code not in _REDIRECTED:
            return
        if "x-amz-bucket-region" not in response[1]["ResponseMetadata"]["HTTPHeaders"]:
            raise TargetRefused(
                f"The server of {self.place} sends everybody elsewhere (HTTP 301). Let `endpoint` be the "
                "address that it names, often the same with https://."
            )

    def _broken(self, error: Exception) -> TargetError:
        if comes_of(error, TimeoutError):
            return TargetUnreachable(
                f"The {self.place} does not answer ({error}). Check that it is well, and the network."
            )
        return TargetError(f"The {self.place} broke off or answers oddly ({error}).")

    def _unusable(self, error: Exception) -> TargetRefused:
        return TargetRefused(
            f"The settings of {self.place} cannot be used ({error}). Check `bucket`, `region`, `endpoint`."
        )


def answer(error: boto.ClientError) -> tuple[str, str]:
    """Code and message of the answer of a server; the code is the HTTP status where there was no body."""
    told = error.response.get("Error", {})
    return str(told.get("Code", "")), str(told.get("Message", ""))
