"""How recordings are archived."""

from dataclasses import dataclass
from typing import Literal

from recorder.errors import FinishError

ArchiveFormat = Literal["opus", "wav", "flac", "g711", "gsm", "adpcm"]


@dataclass(frozen=True, slots=True)
class ArchivePolicy:
    """What the finisher writes. The defaults are the archive format; bench/finish_opus.py measures them."""

    format: ArchiveFormat = "opus"
    bitrate: int = 24_000
    """Bit/s of all channels together at 8 kHz."""
    wideband_bitrate: int = 32_000
    """Bit/s of all channels together above 8 kHz."""
    complexity: int = 0
    """Effort of libopus, 0 to 10. Going from 0 to 5 costs more than twice the time for 3 % of the size."""
    frame_duration: int = 60
    """Milliseconds in an Opus packet: 20, 40 or 60."""
    application: Literal["voip", "audio"] = "voip"
    dtx: bool = True
    """Whether a channel that is quiet is left out of the stream (RFC 6716, 2.1.9)."""
    dtx_dbfs: float = -60.0
    """A frame whose level is below this, in dB under full scale, is quiet."""
    gap_fill_seconds: float = 0.2
    """Where the preferred source of a channel is missing for longer than this, the next one is heard."""
    drift_seconds: float = 0.08
    """A stream is placed anew where its packets are off their place by more than this."""
    jump_seconds: float = 0.2
    """A step between capture time and RTP timestamp above this may be a hold or a restart, not jitter."""

    tones: bool = True
    """Whether to listen for keys, faxes and modems in the audio; without, only signalling tells of them."""
    conceal_seconds: float = 0.06
    """A loss no longer than this is filled with what was likely said; a longer one is silence."""

    def __post_init__(self) -> None:
        """``FinishError`` where libopus would refuse."""
        for bitrate in (self.bitrate, self.wideband_bitrate):
            if not 12_000 <= bitrate <= 512_000:
                raise FinishError(f"{bitrate} bit/s for two channels is out of range: choose 12000 to 512000")
        if not 0 <= self.complexity <= 10:
            raise FinishError(f"an Opus complexity of {self.complexity} is out of range: choose 0 to 10")
        if self.frame_duration not in (20, 40, 60):
            raise FinishError(
                f"{self.frame_duration} ms is no length of an Opus packet here: choose 20, 40 or 60"
            )

    @property
    def suffix(self) -> str:
        """Of the files: all but Opus and FLAC are WAV."""
        return self.format if self.format in {"opus", "flac"} else "wav"

    def channels(self, heard: int) -> int:
        """Channels of a recording of which ``heard`` are composed."""
        return 1 if self.format == "gsm" else heard

    def total_bitrate(self, rate: int) -> int:
        """Bit/s for a recording at ``rate`` Hz."""
        return self.bitrate if rate <= 8000 else self.wideband_bitrate
