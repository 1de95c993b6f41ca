"""A call whose times are steady ones (see ``recorder/taps/steadytime.py``), as the clock shows them."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from storage.model import Call


def on_clock(call: Call, shift: int) -> Call:
    """The call with all its times by the clock, which shows ``shift`` ns more."""
    if not shift:
        return call
    shifted = _shifted(call, timedelta(microseconds=round(shift / 1000)))
    assert isinstance(shifted, Call)
    return shifted


def _shifted(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, tuple):
        return tuple(_shifted(one, by) for one in value)
    if isinstance(value, BaseModel):
        fields = {name: _shifted(getattr(value, name), by) for name in type(value).model_fields}
        return value.model_copy(update=fields)
    return value
