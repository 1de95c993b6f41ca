"""Telephone numbers as the whole world writes them (ITU-T E.164): ``+8613800138000``."""

import re
from collections.abc import Iterator
from functools import lru_cache

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    is_valid_number,
    parse,
)

_BETWEEN = re.compile(r"[\s().\-]")
_DIALLED = re.compile(r"\+?[0-9]{6,24}")
_INTERNATIONAL = "00"


@lru_cache(maxsize=16_384)
def e164(number: str, region: str = "", outside_prefix: str = "") -> str:
    """``number`` with its country code, empty where it is no such number or cannot be told.

    ``region`` is the ISO 3166 code of the country whose people dialled it; without one only numbers with a
    plus are understood. The number is taken as it stands first, then without ``outside_prefix``, the digits
    that fetch an outside line. A number without a plus has to be one that its country gives out.
    """
    bare = _BETWEEN.sub("", number)
    for way in _ways(bare, outside_prefix):
        found = _read(way, region)
        if found:
            return found
    return ""


def _ways(number: str, outside_prefix: str) -> Iterator[str]:
    yield number
    if outside_prefix and number.startswith(outside_prefix):
        yield number.removeprefix(outside_prefix)


def _read(number: str, region: str) -> str:
    if not _DIALLED.fullmatch(number):
        return ""
    if number.startswith("+"):
        return _world(number)
    if not region:
        return ""
    try:
        found = parse(number, region)
    except NumberParseException:
        return ""
    if is_valid_number(found):
        return format_number(found, PhoneNumberFormat.E164)
    # Trunks write it so wherever they are, whatever people dial there (011 in North America).
    is_international = number.startswith(_INTERNATIONAL)
    return _world("+" + number.removeprefix(_INTERNATIONAL)) if is_international else ""


def _world(number: str) -> str:
    try:
        found = parse(number, None)
    except NumberParseException:
        return ""
    return format_number(found, PhoneNumberFormat.E164) if is_possible_number(found) else ""
