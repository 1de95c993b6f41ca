"""The connection to a server that speaks S3 by the MinIO SDK, made when it is first needed."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.etree import ElementTree

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from minio.helpers import check_bucket_name
from urllib3 import exceptions as http

from storage.errors import StorageError, TargetError, TargetRefused, TargetUnreachable
from storage.targets.s3_errors import CONNECT_SECONDS, comes_of, said

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ElementTree.ParseError)
"""What the SDK raises for answers that are not what they should be."""


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


class MinioClient:
    """A client of the SDK for one place; safe to use from several threads. Making one does not connect.

    ``timeout`` is how many seconds each step of a request may take.
    """

    def __init__(self, place: MinioPlace, timeout: float) -> None:
        self.place = place
        self._timeout = timeout
        self._lock = threading.Lock()
        self._client: Minio | None = None
        self._seen = False
        self._versions: bool | None = None

    def __call__(self) -> Minio:
        """The client. Raises ``TargetRefused`` for settings that it does not take."""
        with self._lock:
            if self._client is None:
                try:
                    self._client = self._made()
                except ValueError as error:
                    raise TargetRefused(
                        f"The settings of {self.place} cannot be used ({error}). Check `bucket` and "
                        "`endpoint`."
                    ) from error
            return self._client

    def need_bucket(self) -> None:
        """Raise ``TargetRefused`` where there is no such bucket: a HEAD request answers the same for a blob
        and for a bucket that is not there. Asked once.
        """
        with self.errors():
            if not self._seen and not self().bucket_exists(self.place.bucket):
                raise said("NoSuchBucket", "", str(self.place))
        self._seen = True

    def keeps_versions(self) -> bool:
        """Whether what is deleted from the bucket may still be there. Asked once."""
        if self._versions is None:
            with self.errors():
                self._versions = self().get_bucket_versioning(self.place.bucket).status != "Off"
        return self._versions

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what the SDK raises into errors of targets; those pass."""
        try:
            yield
        except StorageError:
            raise
        except S3Error as error:
            raise said(error.code or "", error.message or "", str(self.place)) from error
        except ServerError as error:
            raise said(str(error.status_code), "", str(self.place)) from error
        except InvalidResponseError as error:
            raise said(str(error._code), "the answer is not of S3", str(self.place)) from error
        except http.SSLError as error:
            raise TargetRefused(
                f"There is no trusted connection to {self.place} ({error}). Check its certificate and `tls`; "
                "SSL_CERT_FILE names a file with certificates of authorities that are trusted."
            ) from error
        except (http.NewConnectionError, http.ConnectTimeoutError) as error:
            raise TargetUnreachable(
                f"The {self.place} cannot be reached ({error}). Check the network and `endpoint`."
            ) from error
        except (MinioException, http.HTTPError, *_UNREADABLE) as error:
            if comes_of(error, TimeoutError):
                raise TargetUnreachable(
                    f"The {self.place} does not answer ({error}). Check that it is well, and the network."
                ) from error
            raise TargetError(f"The {self.place} broke off or answers oddly ({error}).") from error

    def _made(self) -> Minio:
        place = self.place
        check_bucket_name(place.bucket)
        # Only the wrapper retries; trusted are the authorities that this machine trusts.
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, self._timeout), read=self._timeout),
            retries=False,
            ssl_context=ssl.create_default_context(),
        )
        return Minio(place.endpoint, place.access_key, place.secret_key, secure=place.tls, http_client=pool)
