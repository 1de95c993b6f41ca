"""From the settings of a target to the target. Nothing here connects."""

import os
from collections.abc import Mapping

from earwitness.keeping_settings import (
    FtpTargetSettings,
    LocalTargetSettings,
    MinioTargetSettings,
    S3TargetSettings,
    SftpTargetSettings,
    TargetSettings,
    UsbTargetSettings,
    bytes_per_second,
)
from earwitness.late import LateTarget
from earwitness.secret import secret
from storage.targets import LocalTarget, Target
from storage.targets.mounted import MountedTarget
from storage.targets.retrying import Patience, RetryingTarget
from storage.targets.throttled import Limiter, ThrottledTarget
from storage.targets.timely import TimelyTarget
from storage.targets.usb import UsbTarget

PATIENCE = Patience(attempts=3, longest_pause=5, seconds=30)
"""Short, for people and other targets wait meanwhile: who copies comes back later anyhow."""
AT_HAND = frozenset({"local", "usb"})
"""Kinds that are there or not: asking again at once changes nothing."""


def open_target(
    spec: TargetSettings,
    *,
    environ: Mapping[str, str] = os.environ,
    patience: Patience | None = PATIENCE,
    paced: bool = False,
) -> Target:
    """The target that ``spec`` describes; servers are asked again with ``patience``, if any, and folders are
    not waited for without end.

    ``paced`` keeps it below the bandwidth that copying may use in each direction. Raises ``TargetRefused``
    for a secret that is not where the settings say, or a file of certificates that cannot be used.
    """
    target = bare_target(spec, environ)
    if spec.kind in AT_HAND:
        target = TimelyTarget(target)
    rate = bytes_per_second(spec.bandwidth) if paced else None
    if rate is not None:
        target = ThrottledTarget(target, sending=Limiter(rate), receiving=Limiter(rate))
    if patience is None or spec.kind in AT_HAND:
        return target
    return RetryingTarget(target, patience)


def late_target(
    spec: TargetSettings,
    *,
    environ: Mapping[str, str] = os.environ,
    patience: Patience | None = PATIENCE,
    paced: bool = False,
) -> Target:
    """As ``open_target``, but opened when first used: what is wrong with it is said then, every time."""
    return LateTarget(lambda: open_target(spec, environ=environ, patience=patience, paced=paced))


def bare_target(spec: TargetSettings, environ: Mapping[str, str] = os.environ) -> Target:
    """The target itself, which fails at once where something is wrong. Raises as ``open_target`` does."""
    match spec:
        case LocalTargetSettings():
            return MountedTarget(spec.folder, spec.mount) if spec.mount else LocalTarget(spec.folder)
        case UsbTargetSettings():
            return UsbTarget(spec.volume, spec.roots)
        case FtpTargetSettings():
            return _ftp(spec, environ)
        case SftpTargetSettings():
            return _sftp(spec, environ)
        case S3TargetSettings():
            return _s3(spec)
        case MinioTargetSettings():
            return _minio(spec, environ)


def _ftp(spec: FtpTargetSettings, environ: Mapping[str, str]) -> Target:
    from storage.targets.ftp import FtpTarget

    password = secret(spec.password, environ, f"password of the target {spec.name}")
    tls = (spec.ca_file or True) if spec.tls else False
    return FtpTarget(spec.host, spec.user, password, port=spec.port, folder=spec.folder, tls=tls)


def _sftp(spec: SftpTargetSettings, environ: Mapping[str, str]) -> Target:
    # Slow to import, as are the SDKs below: who has no such target does not wait for them.
    from storage.targets.sftp import SftpTarget

    return SftpTarget(
        spec.host,
        spec.user,
        spec.known_hosts,
        port=spec.port,
        password=secret(spec.password, environ, f"password of the target {spec.name}"),
        key_file=spec.key_file,
        folder=spec.folder,
    )


def _s3(spec: S3TargetSettings) -> Target:
    from storage.targets.s3 import Keeping, S3Target
    from storage.targets.s3_client import S3Client, S3Place

    place = S3Place(spec.bucket, spec.region, spec.endpoint, spec.profile)
    keeping = Keeping(spec.storage_class, spec.encryption, spec.kms_key, spec.lock_days)
    return S3Target(S3Client(place), spec.prefix, keeping)


def _minio(spec: MinioTargetSettings, environ: Mapping[str, str]) -> Target:
    from storage.targets.minio import MinioPlace, MinioTarget

    place = MinioPlace(
        spec.endpoint,
        spec.bucket,
        secret(spec.access_key, environ, f"access key of the target {spec.name}"),
        secret(spec.secret_key, environ, f"secret key of the target {spec.name}"),
        spec.tls,
    )
    return MinioTarget(place, spec.prefix)
