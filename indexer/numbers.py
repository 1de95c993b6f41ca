"""Telephone numbers as they are compared: digits, whatever the way of writing.

``+86 138-1234-5678`` and ``0086 13812345678`` have the form ``8613812345678`` in common. A user name such as
``alice`` is its own form, folded to lower case. Where the recorder could tell the international form of a
number, whole numbers are found in every usual writing of it.
"""

import re
from functools import lru_cache

import phonenumbers

from indexer.fields import folded

_PUNCTUATION = re.compile(r"[\s()./\-\u2010-\u2015\u2212]+")
_DIALLED = re.compile(r"\+?[0-9*#]+")
_PATTERN = re.compile(r"[0-9#*+]*[0-9#][0-9#*]*")
_INTERNATIONAL_PREFIX = "00"
_INTERNATIONAL_PREFIXES = (_INTERNATIONAL_PREFIX, "011")
_SHORTEST_INTERNATIONAL = 10


def normal(number: str) -> str:
    """``number`` without punctuation, scheme and domain; digits where it is dialled, else lower case text."""
    text = re.sub(r"^(sips?|tel):", "", folded(number)).split("@", 1)[0].split(";", 1)[0].strip()
    bare = _PUNCTUATION.sub("", text)
    if _DIALLED.fullmatch(bare):
        return bare.removeprefix("+")
    return text


@lru_cache(maxsize=10_000)
def forms(number: str) -> tuple[str, ...]:
    """Every form under which ``number`` is found; none for an empty one.

    An international number dialled with 00 is also found without it, and so as it is written with a plus.
    """
    form = normal(number)
    if not form:
        return ()
    short = form.removeprefix(_INTERNATIONAL_PREFIX)
    if short != form and len(short) >= _SHORTEST_INTERNATIONAL and short.isdecimal():
        return (form, short)
    return (form,)


@lru_cache(maxsize=10_000)
def writings(e164: str) -> tuple[str, ...]:
    """How people write a number in international form (``+8613800138000``), in normal forms.

    As it is, as it is dialled in its country, with the digit for long distance there and without, and from
    abroad: ``8613800138000``, ``13800138000``, ``013800138000``, ``008613800138000``, ``0118613800138000``.
    None for what is no number in international form.
    """
    try:
        found = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return ()
    national = phonenumbers.national_significant_number(found)
    region = phonenumbers.region_code_for_country_code(found.country_code or 0)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    trunk = metadata.national_prefix if metadata else None
    dialled = (f"{trunk}{national}",) if trunk else ()
    whole = f"{found.country_code}{national}"
    return (whole, national, *dialled, *(prefix + whole for prefix in _INTERNATIONAL_PREFIXES))


def pattern(value: str) -> str:
    """``value`` as a pattern: a normal form in which ``*`` stands for any characters, none included.

    Runs of stars count as one, so that a masked number (``138****8910``) finds what it masks.
    Raises ``ValueError`` where no letter, digit or ``#`` is left.
    """
    text = folded(value)
    bare = _PUNCTUATION.sub("", text)
    form = bare.replace("+", "") if _PATTERN.fullmatch(bare) else text
    form = re.sub(r"\*+", "*", form)
    if not any(character.isalnum() or character == "#" for character in form):
        raise ValueError(value)
    return form


def is_pattern(word: str) -> bool:
    """Whether a word of free text can only mean a number: digits with a star among them."""
    return "*" in word and _PATTERN.fullmatch(word) is not None


def matches(number_pattern: str, form: str) -> bool:
    """Whether ``form`` fits a pattern made by ``pattern``."""
    parts = number_pattern.split("*")
    return re.fullmatch(".*".join(re.escape(part) for part in parts), form, re.DOTALL) is not None
