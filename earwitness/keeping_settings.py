"""Settings of how recordings are kept: targets, copies, encryption, checks, room."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from storage.copies import schedule as copies
from storage.criteria import Criteria


class KeepingSection(BaseModel):
    """A table of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKmMgG]?)([iI]?)B/s")
_UNITS = {"": 0, "k": 1, "m": 2, "g": 3}


def bytes_per_second(text: str) -> int | None:
    """``10 MB/s`` or ``512 KiB/s`` as bytes a second; None for an empty text. Raises ``ValueError``.

    ``b`` is not taken for ``B``: it stands for bits elsewhere.
    """
    if not text:
        return None
    found = _RATE.fullmatch(text.strip())
    if not found or not float(found[1]):
        raise ValueError(f"{text!r} is no rate: write it as 10 MB/s or 512 kB/s (B for bytes)")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** _UNITS[found[2].lower()])


def _rate(text: str) -> str:
    bytes_per_second(text)
    return text


Rate = Annotated[str, AfterValidator(_rate)]
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PLACE = re.compile(r"|(env:[A-Za-z_][A-Za-z0-9_]*|(file|kms):.+)")


def _target_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("a name has up to 32 small letters, digits and hyphens, a letter first, as in nas-2")
    return text


def _secret(text: str) -> str:
    if not _PLACE.fullmatch(text) or text.startswith("kms:"):
        raise ValueError("say where the secret is, not the secret itself: env:NAME or file:/path")
    return text


def _master_key(text: str) -> str:
    if not _PLACE.fullmatch(text):
        raise ValueError("say where the key is, not the key itself: file:/path, env:NAME or kms:/path")
    return text


TargetName = Annotated[str, AfterValidator(_target_name)]
Secret = Annotated[str, AfterValidator(_secret)]
"""Where a secret is, never the secret itself: ``env:NAME`` or ``file:/path``."""


def _schedule(text: str) -> str:
    copies.Schedule.parse(text)
    return text


def _window(text: str) -> str:
    copies.Window.parse(text)
    return text


Schedule = Annotated[str, AfterValidator(_schedule)]
Window = Annotated[str, AfterValidator(_window)]


_NOT_FOR = {
    "primary": "calls come in on {}, and do so at once; what waits for its time is a copy. To spare the "
    "line, limit the bandwidth.",
    "export": "what people send to {} goes at once; only targets with the role copy wait for their time.",
}
"""Why a target that is no copy has no times."""


class AnyTarget(KeepingSection):
    """What all targets share."""

    name: TargetName
    """What the catalogue calls it; never change it once calls lie there."""
    role: Literal["primary", "copy", "export"] = "copy"
    """``primary`` takes calls first, in place of the archive folder; ``copy`` gets copies; ``export`` takes
    only what is sent there by hand."""
    schedule: str = "continuous"
    """When copies are made: ``continuous``, ``hourly``, ``daily``, ``weekly``, ``monthly``, or a cron
    expression of five fields (``30 2 * * 1-5``), in the time zone of this machine."""
    window: str = ""
    """Copies are made between these times only: ``20:00-06:00``."""
    bandwidth: str = ""
    """Most that may be used in each direction, for sending and for reading back: ``10 MB/s``. Where calls
    come in, each of the parts that archive and that keep may use so much."""
    write_once: bool = False
    """The medium cannot delete: keys of calls are not kept there, so that erasing a key erases the call."""

    @field_validator("schedule", "window", "bandwidth")
    @classmethod
    def _can_be_read(cls, text: str, info: ValidationInfo) -> str:
        read = {"schedule": _schedule, "window": _window, "bandwidth": _rate}[info.field_name or ""]
        try:
            return read(text)
        except ValueError as error:
            raise ValueError(f"of the target {info.data.get('name', '')}, {error}") from error

    @model_validator(mode="after")
    def _only_copies_wait(self) -> Self:
        for field, value in (("schedule", self.schedule), ("window", self.window)):
            if self.role != "copy" and value != type(self).model_fields[field].default:
                raise ValueError(f"{field}: {_NOT_FOR[self.role].format(self.name)} Take {field} out.")
        return self


class LocalTargetSettings(AnyTarget):
    """Another folder of this machine, or one mounted from a server."""

    kind: Literal["local"]
    folder: Path
    mount: Path | None = None
    """Where the share or disk that ``folder`` lies on is mounted: while nothing is, the target is absent, and
    nothing is written in its place."""

    @model_validator(mode="after")
    def _folder_is_on_the_mount(self) -> Self:
        if self.mount is not None and not self.folder.is_relative_to(self.mount):
            raise ValueError(f"folder: {self.folder} does not lie below mount: {self.mount}")
        return self


class UsbTargetSettings(AnyTarget):
    """A removable disk, known by its marker file wherever it is mounted: `earwitness target prepare`."""

    kind: Literal["usb"]
    volume: str = Field(min_length=1, max_length=64)
    """Name in the marker file."""
    roots: tuple[Path, ...] = (Path("/media"), Path("/run/media"), Path("/mnt"))
    """Where removable disks are mounted."""


class FtpTargetSettings(AnyTarget):
    """A folder of an FTP server, with TLS (FTPS, RFC 4217) unless switched off."""

    kind: Literal["ftp"]
    host: str
    port: int = Field(default=21, ge=1, le=65535)
    user: str
    password: Secret
    folder: str = ""
    tls: bool = True
    ca_file: Path | None = None
    """Certificates that the server's must lead to, where those of the machine do not do."""

    @model_validator(mode="after")
    def _certificates_are_for_tls(self) -> Self:
        if self.ca_file is not None and not self.tls:
            raise ValueError(
                "ca_file: with tls = false nothing is encrypted and no certificate is looked at. Set tls = "
                "true, or take ca_file out."
            )
        return self


class SftpTargetSettings(AnyTarget):
    """A folder of an SSH server."""

    kind: Literal["sftp"]
    host: str
    port: int = Field(default=22, ge=1, le=65535)
    user: str
    known_hosts: Path
    """Keys of the server (``ssh-keyscan``): it is refused where it shows another."""
    key_file: Path | None = None
    password: Secret = ""
    folder: str = ""


class S3TargetSettings(AnyTarget):
    """A bucket of Amazon S3; credentials come by the chain of the AWS SDK."""

    kind: Literal["s3"]
    bucket: str
    prefix: str = ""
    region: str = ""
    endpoint: str = ""
    profile: str = ""
    storage_class: str = ""
    encryption: Literal["", "AES256", "aws:kms"] = ""
    kms_key: str = ""
    lock_days: int = Field(default=0, ge=0)
    """Days for which the bucket refuses to delete (object lock, compliance mode); makes it ``write_once``."""

    @model_validator(mode="after")
    def _a_key_of_kms_is_used(self) -> Self:
        if self.kms_key and self.encryption != "aws:kms":
            raise ValueError(
                'kms_key: it is used with encryption = "aws:kms" only. Set that, or take kms_key out.'
            )
        return self

    @model_validator(mode="after")
    def _what_is_locked_is_written_once(self) -> Self:
        if self.lock_days:
            # Frozen only for those who come later: the one truth that placement, probe and plan go by.
            object.__setattr__(self, "write_once", True)
        return self


class MinioTargetSettings(AnyTarget):
    """A bucket of a server that speaks S3, by the MinIO SDK."""

    kind: Literal["minio"]
    endpoint: str
    """``host:port``."""
    bucket: str
    prefix: str = ""
    tls: bool = True
    access_key: Secret
    secret_key: Secret


TargetSettings = Annotated[
    LocalTargetSettings
    | UsbTargetSettings
    | FtpTargetSettings
    | SftpTargetSettings
    | S3TargetSettings
    | MinioTargetSettings,
    Field(discriminator="kind"),
]


class PlacementSettings(KeepingSection):
    """Which calls go to which targets. A target that no placement names gets every call."""

    to: tuple[TargetName, ...] = Field(min_length=1)
    copies: int = Field(default=0, ge=0)
    """How many of ``to`` get a copy, in their order; 0 is all of them. The next ones stand in for those that
    have been away for an hour, removable disks for a week."""
    older_than_days: float = Field(default=0, ge=0)
    """Copied only once the call is so old."""
    calls: Criteria = Criteria()
    """Which calls; every one without."""

    @model_validator(mode="after")
    def _there_are_so_many_targets(self) -> Self:
        if len(set(self.to)) < len(self.to):
            raise ValueError(f"to: {max(self.to, key=self.to.count)} stands there twice, and holds one copy")
        if self.copies > len(self.to):
            raise ValueError(
                f"copies: {self.copies} are wanted, and to names {len(self.to)} target"
                f"{'s' if len(self.to) > 1 else ''}. Name more of them, or want fewer."
            )
        return self


class EncryptionSettings(KeepingSection):
    """Whether recordings lie encrypted (AES-256-GCM, one key per call, wrapped by a master key)."""

    master_key: Annotated[str, AfterValidator(_master_key)] = ""
    """Where the master key is: ``file:/path``, ``env:NAME`` or ``kms:/path`` (a file that the AWS key
    management service opens). Empty: not encrypted."""
    previous: tuple[str, ...] = ()
    """Master keys that calls may still be wrapped with, until `earwitness keys rotate` is through."""
    recipients: tuple[Path, ...] = ()
    """Public keys (PEM, RSA or X25519) whose owners can open the calls too: escrow."""
    passphrase: Secret = ""
    """Passphrase that opens calls on media that are taken away."""

    @model_validator(mode="after")
    def _others_open_what_is_encrypted(self) -> Self:
        for field in ("recipients", "passphrase"):
            if getattr(self, field) and not self.master_key:
                raise ValueError(
                    f"{field}: without a master_key nothing is encrypted, and there is nothing to open. "
                    f"`earwitness keys new` makes one; or take {field} out."
                )
        return self


class SealSettings(KeepingSection):
    """The signing key of this installation."""

    key: Path | None = None
    """Private key (Ed25519, PEM); ``keys/seal.pem`` in the data folder, made at need, when not given."""


class ScrubSettings(KeepingSection):
    """Reading copies back."""

    days: float = Field(default=90, gt=0)
    """Every copy is read back once in so many days."""
    window: Window = ""
    bandwidth: Rate = ""


class SnapshotSettings(KeepingSection):
    """Snapshots of catalogue and index on every target with the role copy or primary."""

    schedule: Schedule = "daily"
    keep: int = Field(default=14, ge=1)


class SpaceSettings(KeepingSection):
    """Room on the disk of the archive folder."""

    warn_percent: float = Field(default=15, ge=0, lt=100)
    """Free space below which there is an alarm."""
    free_percent: float = Field(default=0, ge=0, lt=100)
    """Free space that is kept by removing the oldest calls that lie on other targets; 0 never removes."""
    copies: int = Field(default=1, ge=1)
    """Good copies elsewhere without which a call is never removed from the archive folder."""
