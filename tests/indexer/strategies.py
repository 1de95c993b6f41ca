"""Random calls and queries over a small world, so that they often meet."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from indexer.document import SearchDocument, Team, document
from indexer.engine import Key
from indexer.query import (
    After,
    Before,
    Equals,
    Keys,
    Length,
    Number,
    Query,
    Words,
    all_of,
    any_of,
    negated,
)
from indexer.scope import Scope
from storage.model import Call, CallState, Direction, Event, Party, Side

EPOCH = datetime(2026, 11, 1, 8, tzinfo=UTC)
AGENTS = ("8001", "8002", "Anna", "")
TEAMS = ("t1", "t2", "")
NUMBERS = ("13812345678", "+86 138-1234-5678", "008613800001234", "8001", "*97", "Alice B", "alice", "12", "")
INTERNATIONAL = ("", "+8613812345678", "+4930123456")
PATTERNS = (
    "13812345678",
    "013812345678",
    "008613812345678",
    "30123456",
    "0138*",
    "86*78",
    "138*",
    "*1234",
    "*123*",
    "*8*",
    "1*",
    "*2*",
    "138*78",
    "al*",
    "*97",
    "*1*4*",
    "alice b",
)
TEXTS = (
    "refund policy",
    "Refund",
    "退款政策",
    "请问退款",
    "政策",
    "张伟明",
    "iPhone 手机",
    "手机壳",
    "Ünï côde",
    "",
)
WANTED = (
    "refund",
    "policy",
    "退款",
    "退款政策",
    "政",
    "张伟",
    "手机",
    "iphone手机",
    "unicode",
    "8001",
    "uni",
    "明",
    "complaint",
    "vip",
)
CODECS = ("PCMU", "PCMA", "G722")
KEYS = ("", "1", "123#", "0042")

moments = st.integers(-5, 5).map(lambda n: EPOCH + timedelta(milliseconds=n)) | st.integers(0, 40).map(
    lambda n: EPOCH + timedelta(hours=n)
)
lengths = st.sampled_from((0, 1, 999, 1000, 29_999, 30_000, 300_000))


@st.composite
def documents(draw: st.DrawFn) -> SearchDocument:
    start = draw(moments)
    numbers = st.sampled_from(NUMBERS)
    parties = tuple(
        Party(
            side=side,
            name=draw(st.sampled_from(TEXTS)),
            number=draw(numbers),
            codec=draw(st.sampled_from(CODECS)),
            unrecorded_seconds=draw(lengths) / 1000,
        )
        for side in (Side.A, Side.B)
    )
    duration = draw(lengths) / 1000
    call = Call(
        id=f"call-{draw(st.integers(0, 25)):03}",
        start=start,
        end=start + timedelta(seconds=duration),
        duration=duration,
        direction=draw(st.sampled_from(Direction)),
        from_=draw(numbers),
        to=draw(numbers),
        from_e164=draw(st.sampled_from(INTERNATIONAL)),
        to_e164=draw(st.sampled_from(INTERNATIONAL)),
        agent=draw(st.sampled_from(AGENTS)),
        state=draw(st.sampled_from(CallState)),
        codecs=tuple(draw(st.sets(st.sampled_from(CODECS)))),
        parties=parties,
        dtmf=draw(st.sampled_from(KEYS)),
        events=(Event(at=start, kind="hold", detail={"note": draw(st.sampled_from(TEXTS))}),),
    )
    return document(
        call,
        agent_name=draw(st.sampled_from(("", "Anna Smith", "张伟"))),
        team=Team(draw(st.sampled_from(TEAMS)), draw(st.sampled_from(("", "Sales", "客服一组")))),
        tags=draw(st.sets(st.sampled_from(("complaint", "VIP")))),
        released=draw(st.booleans()),
    )


exact = st.one_of(
    st.builds(Equals, st.just("agent"), st.sampled_from(("8001", "anna", "anna smith", "张伟", "9"))),
    st.builds(Equals, st.just("team"), st.sampled_from(("t1", "sales", "客服一组"))),
    st.builds(Equals, st.just("tag"), st.sampled_from(("complaint", "vip"))),
    st.builds(Equals, st.just("codec"), st.sampled_from(("pcmu", "g711", "g722"))),
    st.builds(Equals, st.just("state"), st.sampled_from([state.value for state in CallState])),
    st.builds(Equals, st.just("direction"), st.sampled_from([direction.value for direction in Direction])),
    st.builds(Equals, st.just("has"), st.sampled_from(("recording", "encrypted"))),
    st.builds(Equals, st.just("id"), st.sampled_from(("call-001", "call-007"))),
)
# Digits with a star are a number in the language, so a word that goes on is none of digits.
beginnings = st.sampled_from([word for word in WANTED if not word.isdigit()])
places = st.sampled_from(("text", "name"))
words = st.one_of(
    st.builds(Words, st.sampled_from(WANTED), places, st.booleans()),
    st.builds(Words, beginnings, places, st.just(False), st.booleans()),
    st.builds(Words, st.sampled_from(("refund policy", "请问 退款", "iphone 手")), phrase=st.just(True)),
)
leaves = st.one_of(
    exact,
    words,
    st.builds(Number, st.sampled_from(("number", "from", "to")), st.sampled_from(PATTERNS)),
    st.builds(Keys, st.sampled_from(("1", "12", "123#", "42", "9"))),
    st.builds(
        Length, st.sampled_from(("duration", "unrecorded")), st.sampled_from(("<", "<=", ">", ">=")), lengths
    ),
    st.builds(After, moments),
    st.builds(Before, moments | moments.map(lambda at: at + timedelta(microseconds=1))),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(negated),
        st.lists(inner, min_size=1, max_size=3).map(all_of),
        st.lists(inner, min_size=1, max_size=3).map(any_of),
    ),
    max_leaves=6,
)
queries = st.builds(Query, conditions)
scopes = st.builds(
    Scope,
    everything=st.booleans(),
    agents=st.frozensets(st.sampled_from(AGENTS)),
    teams=st.frozensets(st.sampled_from(TEAMS)),
    calls=st.frozensets(st.sampled_from(("call-001", "call-002", ""))),
    released_only=st.booleans(),
    tags=st.booleans(),
)
keys = st.builds(Key, moments, st.integers(0, 25).map(lambda n: f"call-{n:03}"))
