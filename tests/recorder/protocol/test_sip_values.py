"""Structured values of SIP header fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import sip_values
from recorder.protocol.sip_values import NameAddr, Reason, Replaces, SessionId, Via


@pytest.mark.parametrize(
    ("value", "display", "uri", "tag", "user", "host"),
    [
        ("<sip:8001@pbx>;tag=1", "", "sip:8001@pbx", "1", "8001", "pbx"),
        ("sip:8001@pbx;tag=1", "", "sip:8001@pbx", "1", "8001", "pbx"),
        (
            "Anna Ä <sips:a@[2001:db8::1]:5061>;x;tag=q",
            "Anna Ä",
            "sips:a@[2001:db8::1]:5061",
            "q",
            "a",
            "[2001:db8::1]",
        ),
        ('"<b>; \\\\ \\"q\\"" <sip:b@h:5060;lr?x=y>', '<b>; \\ "q"', "sip:b@h:5060;lr?x=y", "", "b", "h"),
        ("<tel:+49-30-1;phone-context=x>", "", "tel:+49-30-1;phone-context=x", "", "+49-30-1", ""),
        (
            "<sip:+1555;npdi;rn=1:pw@h;user=phone>",
            "",
            "sip:+1555;npdi;rn=1:pw@h;user=phone",
            "",
            "+1555",
            "h",
        ),
        ("<sip:%23%2061@h>", "", "sip:%23%2061@h", "", "# 61", "h"),
        ("<SIP:pbx.example>", "", "SIP:pbx.example", "", "", "pbx.example"),
        ('"unclosed <sip:a@b>', "unclosed", "sip:a@b", "", "a", "b"),
        ("<sip:a@b", "", "sip:a@b", "", "a", "b"),
        ("mailto:a@b", "", "mailto:a@b", "", "", ""),
        ("", "", "", "", "", ""),
    ],
)
def test_addresses(value: str, display: str, uri: str, tag: str, user: str, host: str) -> None:
    assert NameAddr.parse(value)[:5] == (display, uri, tag, user, host)


def test_parameters_in_quotes_and_without_value() -> None:
    assert sip_values.parameters(';A="x;\\"y\\"" ; b= c;;d') == {"a": 'x;"y"', "b": "c", "d": ""}
    assert sip_values.parameters("; Tag = 1 ;lr") == {"tag": "1", "lr": ""}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("SIP/2.0/UDP h:5060;branch=z", Via("UDP", "h", 5060, {"branch": "z"})),
        ("SIP / 2.0 / tcp [::1];branch=z", Via("TCP", "[::1]", 0, {"branch": "z"})),
        ("SIP/2.0/TLS [::1]:5061", Via("TLS", "[::1]", 5061)),
        ("", Via()),
    ],
)
def test_via(value: str, expected: Via) -> None:
    assert Via.parse(value) == expected


def test_replaces_in_a_uri() -> None:
    assert Replaces.from_uri("sip:a@b?x=y&replaces=c%3Bfrom-tag%3D1") == Replaces("c", "", "1")
    assert Replaces.from_uri("sip:a@b") is None


def test_session_ids_of_both_standards() -> None:
    assert SessionId.parse("AB;remote=CD") == SessionId("ab", "cd")
    assert SessionId.parse("ab") == SessionId("ab", "")


def test_lists() -> None:
    assert sip_values.split_list("a, b ,,c") == ["a", "b", "c"]
    assert sip_values.split_list('"a,\\",b" <x,y>,c') == ['"a,\\",b" <x,y>', "c"]
    assert sip_values.split_list('a,"b') == ["a", '"b']
    assert sip_values.split_list("a,<b,c") == ["a", "<b,c"]


@pytest.mark.parametrize("text", ["", "x", "-1", "１２", "12345678901", "1.5"])
def test_what_is_no_number_is_the_default(text: str) -> None:
    assert sip_values.number(text, -1) == -1


@given(st.text(alphabet='<>";,=@:[]\\ ?%a1') | st.text())
def test_nothing_raises(text: str) -> None:
    NameAddr.parse(text)
    Via.parse(text)
    Replaces.from_uri(text)
    SessionId.parse(text)
    assert all(sip_values.split_list(text)) or "," not in text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('Q.850;cause=17;text="User busy"', Reason("Q.850", 17, "User busy")),
        (" q.850 ; cause = 16 ", Reason("Q.850", 16)),
        ("SIP;cause=200;text=Elsewhere", Reason("SIP", 200, "Elsewhere")),
        ("Q.850;cause=many", Reason("Q.850")),
        ("", Reason("")),
    ],
)
def test_why_is_read_as_far_as_it_is_told(text: str, reason: Reason) -> None:
    assert Reason.parse(text) == reason
