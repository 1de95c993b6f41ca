"""Every setting, in one object that is passed down and never reached for.

``earwitness.sources.load`` fills it from a TOML file, the environment and the command line.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from earwitness.folders import Folders
from earwitness.keeping_settings import (
    EncryptionSettings,
    PlacementSettings,
    ScrubSettings,
    SealSettings,
    SnapshotSettings,
    SpaceSettings,
    TargetSettings,
)
from earwitness.same_place import overlapping
from recorder.finish.policy import ArchiveFormat

MOST_PORT_RANGES = 16
TELL_NO_ROOM = {"ftp": "an FTP server", "s3": "a bucket", "minio": "a bucket"}
"""Kinds of targets that never say how much room they have, and what they are called."""
LOCAL = "local"
"""Name of the archive folder among the targets."""


class Section(BaseModel):
    """A table of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class RecorderSettings(Section):
    """Who this recorder is and how it keeps running calls."""

    name: str = "recorder"
    """Name of this recorder in every call that it makes."""
    flush_seconds: float = Field(default=0.5, gt=0, le=10)
    """How often packets in memory are appended to the spool: what a power cut can lose."""


class InterfaceTap(Section):
    """Packets of a network interface, through an AF_PACKET ring."""

    kind: Literal["interface"]
    interface: str
    """Name of the interface, as in ``ip link``."""
    ring_mebibytes: int = Field(default=64, ge=1, le=4096)
    """Memory of the ring: at 100 Mbit/s of calls, 64 MiB last for about two seconds of standstill."""


class FileTap(Section):
    """Packets of a pcap or pcapng file, read once."""

    kind: Literal["pcap"]
    path: Path


class SimulatorTap(Section):
    """A call centre that exists only in this process."""

    kind: Literal["simulator"]
    agents: int = Field(default=12, ge=2, le=1000)
    talk_seconds: float = Field(default=45, ge=1, le=3600)
    """Mean length of a call."""
    codecs: tuple[Literal["PCMU", "PCMA", "G722"], ...] = Field(
        default=("PCMA", "PCMU", "G722"), min_length=1
    )
    loss: float = Field(default=0.0, ge=0, lt=1)
    """Share of RTP packets that never arrive."""
    jitter_milliseconds: float = Field(default=0.0, ge=0, le=500)
    seed: int = 1


Tap = Annotated[InterfaceTap | FileTap | SimulatorTap, Field(discriminator="kind")]


class FinishSettings(Section):
    """How a recording is encoded."""

    format: ArchiveFormat = "opus"
    bitrate: int = Field(default=24_000, ge=8_000, le=256_000)
    """Bit/s for both parties together; silence costs almost nothing."""
    wideband_bitrate: int = Field(default=32_000, ge=8_000, le=256_000)
    """The same for wideband calls (G.722)."""
    complexity: int = Field(default=0, ge=0, le=10)
    """Effort of the Opus encoder; 5 takes more than twice the time for 3 % of the size."""
    tones: bool = True
    """Listen for keys pressed and fax machines in the sound; without it finishing is a quarter cheaper."""
    keep_encrypted: bool = True
    """Keep packets that could not be opened or decoded (G.711: 75 MB/h), for `earwitness decrypt`."""
    workers: int = Field(default=1, ge=1, le=256)
    """Processes that encode; a call stays with one of them."""


class ArchiveSettings(Section):
    """Where finished calls are kept."""

    folder: Path | None = None
    """Root of the archive; inside the data folder when not given."""


class CatalogueSettings(Section):
    """Where what is known of the calls is kept."""

    url: str = ""
    """A PostgreSQL database for many machines: ``postgresql+psycopg://user@host/name``; the password belongs
    into a password file (``PGPASSFILE``). Without one it is a SQLite file in the data folder."""


class ApiSettings(Section):
    """Where the page and the API are served."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    trusted_proxies: str = ""
    """Addresses of proxies (commas between) whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    origins: tuple[str, ...] = ()
    """Other addresses that the page is served from by a proxy: ``https://qa.example.com``."""
    secure_cookies: bool = False
    """Mark the session cookie Secure although the proxy speaks plain HTTP with us."""
    allow_root: bool = False
    """Let the API run as root, which only ``demo`` does."""
    metrics_token: str = ""
    """Bearer token that reads ``/metrics`` from other machines; without one only this machine may."""


# What checks numbers is loaded for those who set some: every command reads the settings.


def _known_region(code: str) -> str:
    if code:
        from phonenumbers import SUPPORTED_REGIONS

        code = code.upper()
        if code not in SUPPORTED_REGIONS:
            raise ValueError(f"there is no country {code}: use two letters of ISO 3166, such as CN, DE or US")
    return code


def _range(text: str) -> str:
    from recorder.assembly.ranges import NumberRange

    NumberRange.parse(text)
    return text


def _trunk(text: str) -> str:
    from recorder.assembly.trunks import Trunk

    Trunk.parse(text)
    return text


def _compilable(pattern: object) -> object:
    try:
        return re.compile(pattern) if isinstance(pattern, str) else pattern
    except re.error:
        return pattern
    except (OverflowError, RecursionError) as error:
        raise ValueError(f"it is too large for a regular expression: {error}") from error


Region = Annotated[str, AfterValidator(_known_region)]
RangeText = Annotated[str, AfterValidator(_range)]
TrunkText = Annotated[str, AfterValidator(_trunk)]
NumberPattern = Annotated[re.Pattern[str], BeforeValidator(_compilable)]


class NumberSettings(Section):
    """Which numbers are the call centre's own: decides who is the agent and the direction of a call."""

    extension_digits: int = Field(default=5, ge=1, le=20)
    """Numbers of up to so many digits are extensions."""
    own: tuple[NumberPattern, ...] = ()
    """Regular expressions of other numbers of our own; each must match the whole number."""
    ranges: tuple[RangeText, ...] = ()
    """Other numbers of our own as ranges: ``02188880000-02188889999``, ``+862188*`` or a single one.

    They are compared as signalled and, where ``region`` tells it, in international form."""
    trunks: tuple[TrunkText, ...] = ()
    """Signalling addresses of the world outside: ``203.0.113.0/24``, ``198.51.100.7:5060``. A call from one
    of them is inbound and a call to one outbound; the numbers tell where no leg touches a trunk."""
    services: tuple[NumberPattern, ...] = ()
    """Regular expressions of what the PBX answers by itself: queues, menus, mailboxes. None is an agent."""
    region: Region = ""
    """Country of numbers without a country code, as two letters of ISO 3166 (``CN``). Without one only
    numbers with a plus are put into their international form, by which every way of writing finds a call."""
    outside_prefix: str = Field(default="", pattern=r"^\d{0,4}$")
    """Digits that fetch an outside line (``9``); they are not part of a number."""


class SignallingSettings(Section):
    """How calls announce themselves over TCP, and the keys of what they encrypt of that."""

    tcp_ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = (1720, 2000, 5060, 5061)
    """TCP ports of signalling: H.323, Skinny, SIP, SIP over TLS. WebSockets have others: 8088, 8089, 443."""
    tls_key_log: Path | None = None
    """Key log of the servers or phones (``SSLKEYLOGFILE``), which may grow and be rotated while we run.

    The user that records must be able to read it, not only root: capture gives its rights up.
    """
    tls_rsa_keys: tuple[Path, ...] = ()
    """Private keys of servers (PEM, RSA, no password), for TLS up to 1.2 without forward secrecy.

    The user that records must be able to read them, and nobody else should.
    """

    @field_validator("tcp_ports")
    @classmethod
    def _fits_the_kernel(cls, ports: tuple[int, ...]) -> tuple[int, ...]:
        """The filter of a live tap has room for so many ranges."""
        ranges = sum(port - 1 not in ports for port in set(ports))
        if ranges > MOST_PORT_RANGES:
            raise ValueError(
                f"these are {ranges} ranges of neighbouring ports, and the kernel's filter takes "
                f"{MOST_PORT_RANGES}: fill gaps between them"
            )
        return ports


class LoggingSettings(Section):
    """What is logged, to standard error, one event a line."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "plain"] = "json"


class Settings(Section):
    """Everything that can be set."""

    data: Path = Path("data")
    """The data folder."""
    user: str = ""
    """User that the parts run as when ``serve`` is started by root."""
    taps: tuple[Tap, ...] = ()
    """Where packets come from."""
    recorder: RecorderSettings = RecorderSettings()
    finish: FinishSettings = FinishSettings()
    archive: ArchiveSettings = ArchiveSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    targets: tuple[TargetSettings, ...] = ()
    """Other places where calls are kept."""
    placement: tuple[PlacementSettings, ...] = ()
    """Which calls go to which of them."""
    encryption: EncryptionSettings = EncryptionSettings()
    seals: SealSettings = SealSettings()
    scrub: ScrubSettings = ScrubSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    space: SpaceSettings = SpaceSettings()
    api: ApiSettings = ApiSettings()
    numbers: NumberSettings = NumberSettings()
    signalling: SignallingSettings = SignallingSettings()
    logging: LoggingSettings = LoggingSettings()

    @model_validator(mode="after")
    def _targets_agree(self) -> Self:
        """Names and places are told apart, at most one target is primary, and placements name copies."""
        names = [target.name for target in self.targets]
        for name in names:
            if name == LOCAL or names.count(name) > 1:
                raise ValueError(f"targets: the name {name} is taken; give each target one of its own")
        if sum(target.role == "primary" for target in self.targets) > 1:
            raise ValueError("targets: only one of them can be primary")
        if pair := overlapping(LOCAL, self.archive_folder, self.targets):
            raise ValueError(
                f"targets: {pair[0]} and {pair[1]} are one place, or one lies within the other; "
                "a copy is one only in a place of its own"
            )
        copies = {target.name for target in self.targets if target.role == "copy"}
        unknown = {name for placement in self.placement for name in placement.to} - copies
        if unknown:
            raise ValueError(f"placement: there is no target {sorted(unknown)[0]} with the role copy")
        return self

    @model_validator(mode="after")
    def _room_can_be_made(self) -> Self:
        """Room that is to be kept can be seen."""
        primary = next((target for target in self.targets if target.role == "primary"), None)
        if self.space.free_percent and primary is not None and primary.kind in TELL_NO_ROOM:
            raise ValueError(
                f"space.free_percent: calls come in on {primary.name}, and {TELL_NO_ROOM[primary.kind]} does "
                "not tell how much room is left. Take free_percent out, and watch the room there."
            )
        return self

    @property
    def folders(self) -> Folders:
        """The data folder's layout."""
        return Folders(self.data)

    @property
    def archive_folder(self) -> Path:
        """Root of the local archive target."""
        return self.archive.folder or self.folders.archive
