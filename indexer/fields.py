"""The fields of the query language: their names, their other names, and the values of those with a choice."""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from storage.model import CallState, Direction


class Kind(StrEnum):
    """How the value of a field is read."""

    EXACT = "exact"
    CHOICE = "choice"
    NUMBER = "number"
    KEYS = "keys"
    LENGTH = "length"
    AFTER = "after"
    BEFORE = "before"
    DAY = "day"
    WORDS = "words"


KINDS: Mapping[str, Kind] = {
    "agent": Kind.EXACT,
    "team": Kind.EXACT,
    "tag": Kind.EXACT,
    "codec": Kind.EXACT,
    "id": Kind.EXACT,
    "number": Kind.NUMBER,
    "from": Kind.NUMBER,
    "to": Kind.NUMBER,
    "dtmf": Kind.KEYS,
    "name": Kind.WORDS,
    "after": Kind.AFTER,
    "before": Kind.BEFORE,
    "on": Kind.DAY,
    "duration": Kind.LENGTH,
    "unrecorded": Kind.LENGTH,
    "direction": Kind.CHOICE,
    "state": Kind.CHOICE,
    "has": Kind.CHOICE,
}

EXACT = tuple(name for name, kind in KINDS.items() if kind is Kind.EXACT)

CHOICES: Mapping[str, tuple[str, ...]] = {
    "direction": tuple(direction.value for direction in Direction),
    "state": tuple(state.value for state in CallState),
    "has": ("recording", "encrypted", "undecoded"),
}

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "agent": ("坐席", "座席", "客服", "工号", "分机", "extension"),
    "team": ("团队", "班组", "技能组", "group"),
    "tag": ("标签",),
    "codec": ("编码", "编解码"),
    "id": ("编号", "通话编号"),
    "number": ("号码", "电话", "电话号码"),
    "from": ("主叫", "caller"),
    "to": ("被叫", "called"),
    "dtmf": ("按键", "keys"),
    "name": ("姓名", "名字"),
    "after": ("之后", "开始", "since"),
    "before": ("之前", "截止", "until"),
    "on": ("日期", "当天", "date"),
    "duration": ("时长", "通话时长", "length"),
    "unrecorded": ("漏录", "未录"),
    "direction": ("方向", "呼叫方向"),
    "state": ("状态", "通话状态", "status"),
    "has": ("有", "含有", "包含", "with"),
}

_CHOICE_ALIASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "direction": {
        "inbound": ("呼入", "来电", "in", "incoming"),
        "outbound": ("呼出", "去电", "外呼", "out", "outgoing"),
        "internal": ("内部", "内线"),
        "unknown": ("未知",),
    },
    "state": {
        "answered": ("接通", "已接", "已接通", "应答"),
        "missed": ("未接", "漏接", "未接通"),
        "busy": ("忙", "占线", "忙线"),
        "cancelled": ("取消", "已取消", "canceled"),
        "failed": ("失败",),
        "media-only": ("仅媒体", "仅语音", "media"),
    },
    "has": {
        "recording": ("录音", "audio"),
        "encrypted": ("加密", "未解密", "encryption"),
        "undecoded": ("未解码", "无法解码"),
    },
}

_CODECS: Mapping[str, str] = {
    "g711u": "pcmu", "ulaw": "pcmu", "mulaw": "pcmu", "g711mu": "pcmu", "g711ulaw": "pcmu",
    "g711a": "pcma", "alaw": "pcma", "g711alaw": "pcma",
}  # fmt: skip
_G711 = frozenset({"pcmu", "pcma"})

_NAMES = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}
_VALUES = {
    field: {alias: value for value, aliases in values.items() for alias in (value, *aliases)}
    for field, values in _CHOICE_ALIASES.items()
}


def folded(text: str) -> str:
    """``text`` as exact values are compared: without case, compatible forms and controls."""
    printable = "".join(
        character for character in " ".join(text.split()) if unicodedata.category(character) != "Cc"
    )
    once = unicodedata.normalize("NFKC", printable).casefold()
    return " ".join(unicodedata.normalize("NFKC", once).split())


def codec(name: str) -> str:
    """A codec's one name: ``G.722``, ``g722`` and ``G722`` are the same, and so are ``ulaw`` and ``PCMU``."""
    bare = re.sub(r"[\W_]+", "", folded(name).replace("μ", "mu"))
    return _CODECS.get(bare, bare)


def codec_names(name: str) -> tuple[str, ...]:
    """Every name under which a codec of a call is found: its own, and ``g711`` for both of that standard."""
    own = codec(name)
    return (own, "g711") if own in _G711 else (own,)


@lru_cache(maxsize=10_000)
def exact(field: str, value: str) -> str:
    """``value`` as the exact field compares it."""
    return codec(value) if field == "codec" else folded(value)


def resolve(name: str) -> str | None:
    """The field that ``name`` means, in either language; None where it means none."""
    return _NAMES.get(folded(name))


def resolve_choice(field: str, value: str) -> str | None:
    """The value of a choice field that ``value`` means; None where it means none."""
    return _VALUES[field].get(folded(value))


def nearest(word: str, field: str | None = None) -> str:
    """The field name (or, given a ``field``, its value) most like ``word``; empty where none is like it."""
    known = _NAMES if field is None else _VALUES[field]
    word = folded(word)
    # Chinese names have two characters or so: one wrong leaves half, and its place tells most.
    found = difflib.get_close_matches(word, known, n=5, cutoff=0.6 if word.isascii() else 0.5)
    return max(found, key=lambda name: sum(map(str.__eq__, name, word)), default="")
