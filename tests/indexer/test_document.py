from datetime import UTC, datetime, timedelta, timezone

from indexer.document import Team, document
from storage.model import Call, CallState, Direction, Event, Gap, Leg, Party, Recording, Side

START = datetime(2026, 11, 21, 20, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=8)))


def call(**fields) -> Call:
    values = {
        "id": "c1",
        "start": START,
        "end": START + timedelta(seconds=61),
        "duration": 60.0004,
        "state": CallState.ANSWERED,
        "direction": Direction.INBOUND,
        **fields,
    }
    return Call(**values)


def test_times_are_utc_milliseconds():
    found = document(call())
    assert found.start == datetime(2026, 11, 21, 12, 0, 0, 123_000, tzinfo=UTC)
    assert found.duration == 60_000


def test_numbers_of_all_legs_and_parties_are_found():
    leg = Leg(id="l", from_="8002", to="8003", start=START, end=START, state=CallState.ANSWERED)
    found = document(
        call(from_="+86 138", to="8001", legs=(leg,), parties=(Party(side=Side.A, number="555"),))
    )
    assert found.numbers["from"] == ("86138", "8002")
    assert found.numbers["to"] == ("8001", "8003")
    assert found.numbers["number"] == ("86138", "8002", "8001", "8003", "555")


def test_a_whole_number_is_found_in_every_writing_and_its_parts_as_it_came():
    leg = Leg(id="l", to_e164="+8613812345678", start=START, end=START, state=CallState.ANSWERED)
    found = document(call(from_="90138 0013 8000", from_e164="+8613800138000", to="8001", legs=(leg,)))
    assert found.numbers["from"] == ("9013800138000", "8613800138000")
    assert found.numbers["to"] == ("8001", "8613812345678")
    assert {"13800138000", "013800138000"} <= set(found.writings["from"])
    assert "13812345678" in found.writings["to"]
    assert {*found.writings["from"], *found.writings["to"]} == set(found.writings["number"])
    assert "013800138000" in found.text


def test_what_the_catalogue_knows_is_found():
    found = document(
        call(agent="8001"), agent_name="Anna Smith", team=Team("t1", "Sales"), tags=("VIP",), released=True
    )
    assert found.exact["agent"] == ("8001", "anna smith")
    assert found.exact["team"] == ("t1", "sales")
    assert found.exact["tag"] == ("vip",)
    assert (found.agent, found.team, found.released) == ("8001", "t1", True)
    assert "Anna Smith" in found.names


def test_text_has_names_numbers_and_what_happened():
    event = Event(at=START, kind="screen", detail={"title": "退款", "count": 3})
    found = document(call(from_="138", events=(event,), parties=(Party(side=Side.A, name="张伟"),)))
    assert {"张伟", "138", "screen", "退款"} <= set(found.text)


def test_codecs_have_one_name():
    found = document(call(codecs=("PCMU", "G.722"), parties=(Party(side=Side.A, codec="PCMU"),)))
    assert found.exact["codec"] == ("pcmu", "g711", "g722")


def test_what_a_call_has_is_found():
    closed = Gap(side=Side.B, start=0, seconds=5, cause="encrypted")
    heard = Recording(
        path="a", format="opus", start=START, channels=2, rate=8000, seconds=1, bytes=1, sha256=""
    )
    lost = Gap(side=Side.B, start=0, seconds=5)
    brief, long = (Gap(side=Side.A, start=0, seconds=seconds, cause="codec") for seconds in (0.5, 1))
    assert document(call(gaps=(closed,))).exact["has"] == ("encrypted",)
    assert document(call(gaps=(lost,), recording=heard)).exact["has"] == ("recording",)
    assert document(call(gaps=(lost, brief))).exact["has"] == ()
    assert document(call(gaps=(long, closed))).exact["has"] == ("encrypted", "undecoded")
    alone = [Gap(side=Side.A, start=start, seconds=0.02, cause="codec") for start in range(0, 3600, 15)]
    assert document(call(gaps=tuple(alone))).exact["has"] == (), "they keep a way open, for hours"
    between = [
        Gap(side=Side.A, start=at / 50, seconds=0.02, cause=("lost", "codec")[at % 2]) for at in range(110)
    ]
    assert document(call(gaps=tuple(between))).exact["has"] == ("undecoded",)
    others = [gap.model_copy(update={"side": Side.B}) if gap.cause == "lost" else gap for gap in between]
    assert document(call(gaps=tuple(others))).exact["has"] == (), "what another side lost is not beside them"
