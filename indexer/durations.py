"""Lengths of time as people write them: ``90``, ``90s``, ``5m30s``, ``1h``, ``1.5s``, ``5分30秒``."""

import re

_UNITS = {
    "h": 3_600_000, "hour": 3_600_000, "hours": 3_600_000, "小时": 3_600_000, "时": 3_600_000,
    "m": 60_000, "min": 60_000, "mins": 60_000, "分钟": 60_000, "分": 60_000,
    "s": 1_000, "sec": 1_000, "secs": 1_000, "秒钟": 1_000, "秒": 1_000,
    "ms": 1, "毫秒": 1,
    "d": 86_400_000, "天": 86_400_000, "日": 86_400_000,
    "w": 604_800_000, "周": 604_800_000,
}  # fmt: skip
_PART = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,3}))?([^\W\d_]*)", re.UNICODE)


def parse(text: str) -> tuple[int, int]:
    """``text`` in milliseconds, and the step of its smallest unit in milliseconds.

    Units go from large to small, each at most once; a number without a unit is seconds. Raises
    ``ValueError`` otherwise.
    """
    total, step = 0, 0
    position = 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(text)
        unit = _unit(part[3], alone=part.span() == (0, len(text)))
        if unit is None or (step and unit >= step):
            raise ValueError(text)
        fraction = part[2] or ""
        total += int(part[1]) * unit + round(int(fraction.ljust(3, "0") or "0") * unit / 1000)
        step = max(1, unit // 10 ** len(fraction))
        position = part.end()
    if not step:
        raise ValueError(text)
    return total, step


def _unit(name: str, *, alone: bool) -> int | None:
    if not name:
        return 1_000 if alone else None
    return _UNITS.get(name.lower())


def clock(seconds: float) -> str:
    """``0:08``, ``1:02:03``: to the second that is over, of milliseconds, as the page shows it.

    ``duration:8s`` finds what shows as ``0:08``.
    """
    minutes, rest = divmod(max(0, round(seconds * 1000)) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def written(milliseconds: int) -> str:
    """Milliseconds as ``parse`` reads them: ``1h5m30s``, ``1.5s``, ``0s``."""
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    text = (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")
    return text + (f"{seconds}s" if rest or not text else "")
