"""The payload types that need no rtpmap (RFC 3551, 6).

Two are reserved there for what they once were: 2 was G.721, now G.726 at 32 kbit/s (RFC 1890), and drafts
meant comfort noise by 19. Gateways still do.
"""

from collections.abc import Mapping
from types import MappingProxyType

from recorder.media import Format

STATIC: Mapping[int, Format] = MappingProxyType(
    {
        0: Format("PCMU"),
        2: Format("G721"),
        3: Format("GSM"),
        4: Format("G723"),
        5: Format("DVI4"),
        6: Format("DVI4", 16000),
        7: Format("LPC"),
        8: Format("PCMA"),
        9: Format("G722"),
        10: Format("L16", 44100, 2),
        11: Format("L16", 44100),
        12: Format("QCELP"),
        13: Format("CN"),
        14: Format("MPA", 90000),
        15: Format("G728"),
        16: Format("DVI4", 11025),
        17: Format("DVI4", 22050),
        18: Format("G729"),
        19: Format("CN"),
        25: Format("CELB", 90000),
        26: Format("JPEG", 90000),
        28: Format("NV", 90000),
        31: Format("H261", 90000),
        32: Format("MPV", 90000),
        33: Format("MP2T", 90000),
        34: Format("H263", 90000),
    }
)
