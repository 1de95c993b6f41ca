from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import QueryError
from indexer.fields import KINDS
from indexer.language import DEEPEST, LONGEST, parse
from indexer.query import (
    After,
    AllOf,
    AnyOf,
    Before,
    Equals,
    Keys,
    Length,
    Not,
    Number,
    Query,
    Words,
)
from tests.indexer import strategies

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def condition(text: str, zone=UTC):
    return parse(text, now=NOW, zone=zone).condition


def refused(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text, now=NOW, zone=UTC)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("agent:8001", Equals("agent", "8001")),
        ('agent:"Anna Smith"', Equals("agent", "anna smith")),
        ("state:Missed", Equals("state", "missed")),
        ("direction:in", Equals("direction", "inbound")),
        ("has:encrypted", Equals("has", "encrypted")),
        ("has:undecoded", Equals("has", "undecoded")),
        ("有:加密", Equals("has", "encrypted")),
        ("codec:G.722", Equals("codec", "g722")),
        ("codec:ulaw", Equals("codec", "pcmu")),
        ("team:sales", Equals("team", "sales")),
        ("tag:VIP", Equals("tag", "vip")),
        ("number:*1234", Number("number", "*1234")),
        ("from:+86-138-1234*", Number("from", "861381234*")),
        ("to:138****8910", Number("to", "138*8910")),
        ("to:alice", Number("to", "alice")),
        ("dtmf:12#", Keys("12#")),
        ("duration:>5m", Length("duration", ">", 300_000)),
        ("duration:<=1h30m", Length("duration", "<=", 5_400_000)),
        ("unrecorded:>2s", Length("unrecorded", ">", 2_000)),
        ("unrecorded:>=0.25s", Length("unrecorded", ">=", 250)),
        ("refund", Words("refund")),
        ("refund*", Words("refund", prefix=True)),
        ('"refund policy"', Words("refund policy", phrase=True)),
        ("name:anna", Words("anna", "name")),
        ("*1234", Number("number", "*1234")),
        ("12:30", Words("12:30")),
        ("0191b2c4-0000-7000-8000-00000000abcd", Equals("id", "0191b2c4-0000-7000-8000-00000000abcd")),
        ("-state:missed", Not(Equals("state", "missed"))),
        ("NOT a", Not(Words("a"))),
        ("--a", Words("a")),
        ("after:2026-11-01T08:00:00Z", After(datetime(2026, 11, 1, 8, tzinfo=UTC))),
    ],
)
def test_one_condition(text, expected):
    assert condition(text) == expected


def test_conditions_side_by_side_are_all_wanted():
    assert condition("agent:8001 refund agent:8001") == AllOf((Equals("agent", "8001"), Words("refund")))
    assert condition("  ") == AllOf()
    assert not parse("", now=NOW, zone=UTC)


def test_alternatives_bind_less_than_neighbours():
    a, b, c = (Words(letter) for letter in "abc")
    assert condition("a b OR c") == AnyOf((AllOf((a, b)), c))
    assert condition("a (b | c)") == AllOf((a, AnyOf((b, c))))
    assert condition("-(a b)") == Not(AllOf((a, b)))
    assert condition("a AND b") == AllOf((a, b))


def test_a_field_takes_several_values():
    assert condition("agent:8001, 8002") == AnyOf((Equals("agent", "8001"), Equals("agent", "8002")))
    assert condition('-state:busy、未接 "x"') == AllOf(
        (Not(AnyOf((Equals("state", "busy"), Equals("state", "missed")))), Words("x", phrase=True))
    )


def test_lengths_between_two_and_about_one():
    assert condition("duration:30s..2m") == AllOf(
        (Length("duration", ">=", 30_000), Length("duration", "<=", 120_000))
    )
    assert condition("duration:..2m") == Length("duration", "<=", 120_000)
    assert condition("duration:5m") == AllOf(
        (Length("duration", ">=", 300_000), Length("duration", "<", 360_000))
    )
    assert condition("duration:90") == AllOf(
        (Length("duration", ">=", 90_000), Length("duration", "<", 91_000))
    )


def test_times_without_zone_are_in_the_zone_of_the_reader():
    midnight = datetime(2026, 11, 1, tzinfo=SHANGHAI)
    assert condition("after:2026-11-01", SHANGHAI) == After(midnight)
    assert condition("before:2026-11-01T18:00", SHANGHAI) == Before(midnight + timedelta(hours=18))
    assert condition('before:"2026-11-01 18:00:30"', SHANGHAI) == Before(
        midnight + timedelta(hours=18, seconds=30)
    )
    assert condition("after:2026-11-01T00:00+08:00") == After(midnight)


def test_relative_times():
    today = datetime(2026, 11, 21, tzinfo=SHANGHAI)
    assert condition("after:today", SHANGHAI) == After(today)
    assert condition("after:昨天", SHANGHAI) == After(today - timedelta(days=1))
    assert condition("after:-7d") == After(NOW - timedelta(days=7))
    assert condition("before:now") == Before(NOW)
    assert condition("before:09:30", SHANGHAI) == Before(today + timedelta(hours=9, minutes=30))


def test_a_day_a_month_and_a_stretch_of_days_are_whole():
    def between(first: datetime, last: datetime) -> AllOf:
        return AllOf((After(first), Before(last)))

    assert condition("on:2026-11-21") == between(
        datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)
    )
    assert condition("on:2026-02") == between(
        datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    )
    assert condition("日期：2026年11月1日..2026年11月3日") == between(
        datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC)
    )
    # A day on which clocks go back has 25 hours.
    berlin = ZoneInfo("Europe/Berlin")
    assert condition("on:2026-10-25", berlin) == between(
        datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)
    )


def test_chinese_and_full_width_mean_the_same():
    assert condition("坐席：8001 时长：＞５分30秒 状态：未接 方向：呼入 “退款政策”") == condition(
        'agent:8001 duration:>5m30s state:missed direction:inbound "退款政策"'
    )
    assert condition("号码：＊１２３４") == condition("number:*1234")
    assert condition("（a OR b）－c") == condition("(a OR b) -c")


@pytest.mark.parametrize(
    ("text", "code", "position", "length", "suggestion"),
    [
        ("agnt:8001", "unknown_field", 0, 4, "agent"),
        ("x agnt : 8001", "unknown_field", 2, 4, "agent"),
        ("号马:1", "unknown_field", 0, 2, "号码"),
        ("sip:alice", "unknown_field", 0, 3, ""),
        ('a "b c', "unclosed_quote", 2, 4, ""),
        ("“abc", "unclosed_quote", 0, 4, ""),
        ("a (b", "unclosed_parenthesis", 2, 1, ""),
        ("a) b", "unexpected_parenthesis", 1, 1, ""),
        ("agent:", "missing_value", 0, 6, ""),
        ('agent:""', "missing_value", 6, 2, ""),
        ("OR a", "missing_operand", 0, 2, ""),
        ("a | ", "missing_operand", 2, 1, ""),
        ("a -", "nothing_negated", 2, 1, ""),
        ("duration:>5x", "bad_duration", 9, 3, ""),
        ("duration:5s5m", "bad_duration", 9, 4, ""),
        ("duration:", "missing_value", 0, 9, ""),
        ("after:2026-13-01", "bad_time", 6, 10, ""),
        ("after:2026-11T18:00", "bad_time", 6, 13, ""),
        ("after:-999999d", "bad_time", 6, 8, ""),
        ("on:1..2..3", "bad_time", 3, 7, ""),
        ("number:***", "bad_number", 7, 3, ""),
        ("dtmf:xyz", "bad_number", 5, 3, ""),
        ("state:mised", "bad_choice", 6, 5, "missed"),
        ("状态:接同", "bad_choice", 3, 2, "接通"),
        ("a ...", "no_words", 2, 3, ""),
        ("(" * (DEEPEST + 1), "too_deep", DEEPEST, 1, ""),
        ("x" * (LONGEST + 2), "too_long", LONGEST, 2, ""),
    ],
)
def test_it_says_where_a_query_is_wrong(text, code, position, length, suggestion):
    error = refused(text)
    assert (error.code, error.position, error.length, error.suggestion) == (
        code,
        position,
        length,
        suggestion,
    )


def test_quotes_inside_quotes():
    assert condition('"he said “x”"') == Words("he said “x”", phrase=True)
    assert condition(r'"a \"b\" \\"') == Words('a "b" \\', phrase=True)
    assert condition("“a ＂ b”") == Words("a ＂ b", phrase=True)
    assert str(Words('a "＂\\', phrase=True)) == r'"a \"\＂\\"'


def test_errors_are_for_people_and_for_programs():
    error = refused("agnt:8001")
    assert str(error) == "unknown field 'agnt' at 1; did you mean 'agent'?"
    assert error.parameters == {"name": "agnt"}
    assert str(error.of("q")) == "unknown field 'agnt' at 1 in q; did you mean 'agent'?"
    assert "choose from inbound, outbound" in str(refused("direction:up"))


def test_a_suggestion_put_in_place_makes_the_query_right():
    text = "x 号马:1"
    error = refused(text)
    mended = text[: error.position] + error.suggestion + text[error.position + error.length :]
    assert condition(mended) == condition("x number:1")


@given(strategies.queries)
def test_the_canonical_text_reads_back(query: Query):
    later = NOW + timedelta(days=400)
    assert parse(str(query), now=later, zone=SHANGHAI) == query


pieces = st.one_of(
    st.sampled_from(
        [
            '"',
            "“",
            "”",
            "(",
            ")",
            " ",
            "-",
            " OR ",
            ":",
            "：",
            ",",
            "*",
            "\\",
            "..",
            ">",
            "=",
            "退款",
            "ß",
            "a",
        ]
    ),
    st.sampled_from([f"{name}:" for name in KINDS]),
    st.sampled_from(["5m", "2026-11-01", "today", "18:00", "8001", "138*", "missed"]),
    st.text(max_size=3),
)


@settings(max_examples=200)
@given(st.lists(pieces, max_size=12).map("".join))
def test_any_text_parses_or_says_what_is_wrong(text: str):
    found = attempt(text)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= found.position + found.length <= len(text)
        assert str(found)
    else:
        assert parse(str(found), now=NOW, zone=UTC) == found


def attempt(text: str) -> Query | QueryError:
    try:
        return parse(text, now=NOW, zone=SHANGHAI)
    except QueryError as error:
        return error
