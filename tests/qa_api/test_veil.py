"""A viewer of masked numbers never gets a whole one, however a stranger wrote it and wherever it stands."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_api import shown
from qa_api.permissions import Role
from qa_api.veil import Veil
from qa_api.viewer import Viewer
from storage.catalogue import CatalogueCall, Session, User
from storage.model import Call, CallState, Event, Leg, Party

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CALL_ID = "00000000-0000-4000-8000-000000000001"
PHONE, CHINESE_ZERO = "+8613800138000", "〇一二三四五六七八九"
SCRIPTS = ("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "⓪①②③④⑤⑥⑦⑧⑨", CHINESE_ZERO)
BETWEEN = st.sampled_from(
    ["", "", " ", "-", "/", "_", "·", ".", "‐", "–", "%20", "@", "x", "tel:", "号", "\u200b"]
)
AROUND = st.sampled_from(
    ["", "Mr ", " (home)", "@pbx", "@10.0.0.1", "ext 8001 ", "+86", "00 ", ";x=1", "a1b2 "]
)
SUPERVISOR = Viewer(
    User(id="u", username="s", display_name="S", password_hash="", role=Role.SUPERVISOR, created=NOW),
    Session(token_hash="t", user_id="u", address="", created=NOW, seen=NOW, expires=NOW),
    Role.SUPERVISOR,
    "t",
    "",
)


@st.composite
def written(draw: st.DrawFn, number: str) -> str:
    """A number as somebody may write it."""
    text = draw(AROUND)
    for digit in number:
        text += draw(st.sampled_from(SCRIPTS))[int(digit)] + draw(BETWEEN)
    return text + draw(AROUND)


def is_told_apart(number: str) -> bool:
    """Whether a text that has its last digits has them of it, and not of a time, an address or an id."""
    others = f"{NOW:%Y%m%d%H%M%S}000 100015060 100025060 {CALL_ID.replace('-', '')}"
    return len(set(number)) > 3 and number[-7:] not in others


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, Call]:
    """A number, and a call that has it in every text that comes from outside."""
    number = draw(st.text("0123456789", min_size=8, max_size=15).filter(is_told_apart))

    def text() -> str:
        return draw(written(number))

    details = {"to": text(), "reason": text(), text(): [text(), {"refer": int(number), "by": text()}]}
    leg = Leg(
        id=text(),
        call_id=text(),
        from_=text(),
        to=text(),
        from_name=text(),
        to_name=text(),
        from_e164=f"+86{number}",
        to_e164=f"+{number}",
        start=NOW,
        end=NOW,
        state=CallState.ANSWERED,
        source="10.0.0.1:5060",
        destination="10.0.0.2:5060",
    )
    parties = tuple(Party(side=side, name=text(), number=text(), codec=text()) for side in "AB")
    kinds = ("transfer", "dtmf", "rejected", "encrypted")
    events = (
        *(Event(at=NOW, kind=kind, detail=details) for kind in kinds),
        Event(at=NOW, kind="dtmf", detail={"digit": number, "suite": f"AES_{number}"}),
    )
    call = Call(
        id=CALL_ID,
        start=NOW,
        end=NOW,
        duration=0,
        from_=draw(st.sampled_from([number, text(), ""])),
        to=text(),
        from_e164=f"+86{number}",
        to_e164=f"+{number}",
        agent=text(),
        state=draw(st.sampled_from(CallState)),
        codecs=(text(),),
        legs=(leg,),
        parties=parties,
        dtmf=number,
        events=events,
    )
    return number, call


def strings(value: Any) -> Iterator[str]:
    """Every string, name and number of a JSON value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from (name, *strings(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield str(value)


def shown_digits(text: str) -> str:
    """The digits of a text in ASCII, hidden ones as they stand."""
    folded = (str(int(unicodedata.numeric(one, -1))) if one.isnumeric() else one for one in text)
    return "".join(one for one in folded if one.isdigit() or one in "*•")


@settings(max_examples=150, deadline=None)
@given(calls())
def test_no_text_of_a_call_carries_the_last_seven_digits(made: tuple[str, Call]) -> None:
    number, call = made
    found = CatalogueCall(call=call, team=None, released_at=None, copies=())
    for reply in (shown.detail(found, {}, SUPERVISOR), shown.item(found, {}, SUPERVISOR)):
        for text in strings(json.loads(reply.model_dump_json(by_alias=True))):
            assert number[-7:] not in shown_digits(text), text


def a_call(**changes: Any) -> Call:
    leg = Leg(id="l", start=NOW, end=NOW, state=CallState.ANSWERED, source="192.168.100.201:5060")
    given = {"id": "c", "start": NOW, "end": NOW, "duration": 0, "from_": PHONE, "state": CallState.ANSWERED}
    return Call(**(given | {"legs": (leg,)} | changes))


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("138/0013/8000", "138/****/8000"),
        ("Wang 138/0013/8000 tel 138_0013_8000", "Wang 138/****/**** tel ***_****_8000"),
        ("sip:13800138000@192.168.100.201:5060", "sip:138****8000@192.168.100.201:5060"),
        ("sip:13800138000@192.168.100.201;user=phone", "sip:138****8000@192.168.100.201;user=phone"),
        ("138.001.38.000", "138.***.*8.000"),
        ("8001", "8001"),
        ("Li Wei 8001", "Li Wei 8001"),
        ("80010001", "80010001"),
    ],
)
def test_names(name: str, masked: str) -> None:
    assert Veil(a_call(), known={"80010001": "Li Wei"}).text(name) == masked


@pytest.mark.parametrize(
    ("call_id", "kept"),
    [
        ("013800138000-138-0013-8000@pbx", "…@pbx"),
        ("a84b4c76e66710@192.168.100.201", "…@192.168.100.201"),
        ("x@13800138000.example", "…@138****8000.example"),
        ("3848276298220188511", "…"),
        ("", ""),
    ],
)
def test_of_a_call_id_the_host_remains(call_id: str, kept: str) -> None:
    assert Veil(a_call()).call_id(call_id) == kept


def test_places_of_media_stay_where_no_signalling_names_a_number() -> None:
    place = "192.168.100.200:10500"
    assert Veil(a_call(state=CallState.MEDIA_ONLY)).number(place) == place
    assert Veil(a_call(state=CallState.MEDIA_ONLY)).number("[2001:db8::1]:10500") == "[2001:db8::1]:10500"
    assert "*" in Veil(a_call()).number("86.138.0.13:8000")
    assert Veil(a_call()).place("[2001:db8::1]:5060") == "[2001:db8::1]:5060"
    assert "*" in Veil(a_call()).place("13800138000")


def test_details_keep_what_the_recorder_says_itself() -> None:
    detail = {"ssrc": 3735928559, "suite": "AES_CM_128_HMAC_SHA1_80", "opened": True, "exchange": "sdes"}
    assert Veil(a_call()).detail(detail) == detail
    hidden = Veil(a_call()).detail({"to": "sip:+86 138/0013/8000@pbx", "n": 13800138000, "digit": "5"})
    assert hidden == {"to": "sip:+86 1**/****/8000@pbx", "n": "138****8000", "digit": "•"}


def test_an_id_of_the_recorder_stays() -> None:
    own = "3f2b1c00-1234-4678-9abc-012345678901"
    assert Veil(a_call()).leg_id(own) == own
    assert Veil(a_call()).leg_id("leg-13800138000") == "leg-138****8000"


def test_who_may_see_whole_numbers_gets_the_call_as_it_is() -> None:
    call = a_call(parties=(Party(side="A", name="138/0013/8000", number=PHONE),))
    found = CatalogueCall(call=call, team=None, released_at=None, copies=())
    granted = replace(SUPERVISOR, user=replace(SUPERVISOR.user, sees_numbers=True))
    assert shown.detail(found, {}, granted).parties == call.parties
