"""The condition in SQL says what ``Criteria.met_by`` says, on both databases."""

from datetime import UTC, datetime

from sqlalchemy import select

from storage.catalogue import Agent
from storage.catalogue.tables import calls
from storage.criteria import Criteria
from storage.model import Party, Side
from storage.retention.condition import meets
from tests.storage.handoffs import a_call

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBERS = [
    "13812348910",
    "+8613812348910",
    "8001",
    "8001@pbx.example",
    "8001@a@b",
    "800[1]",
    "80%01",
    "80_01",
    "Anna.Li",
    "anna.li",
    "",
    "#31#138(0)",
    "8001\n",
    "张",
]
PATTERNS = [
    "*",
    "8001",
    "80*",
    "*01",
    "8*1*",
    "8001@*",
    "*@pbx.example",
    "8001@a",
    "8?01",
    "800[1]",
    "80%01",
    "80_01",
    "Anna*",
    "anna.li",
    "+86*",
    "#31#138(0)",
    "*(*",
    "a.*",
    "",
    "\\",
    "张",
]


def fill(catalogue):
    team = catalogue.teams.create("Sales")
    catalogue.agents.put(Agent("8001", "", team=team.id))
    made = [a_call(0), a_call(1, agent="8002", state="missed", duration=0.0), a_call(2, direction="inbound")]
    for at, number in enumerate(NUMBERS, 10):
        made.append(a_call(at, from_=number, to="", parties=(), agent=""))
        party = Party(side=Side.A, number=number)
        made.append(a_call(at + 100, from_="", to="1", to_e164="+1", parties=(party,), agent=""))
    catalogue.calls.add_many([(call, ()) for call in made])
    catalogue.tags.put(made[0].id, "vip", "qa", NOW)
    catalogue.tags.put(made[1].id, "complaint", "qa", NOW)
    return team.id


def test_they_agree(catalogue):
    team = fill(catalogue)
    found = catalogue.calls.page(limit=1000)
    wanted = [
        {},
        {"teams": (team, "nowhere")},
        {"teams": ("nowhere",)},
        {"agents": ("8002", "8003")},
        {"states": ("missed", "busy")},
        {"directions": ("inbound",)},
        {"tags": ("vip", "complaint")},
        {"tags": ("vip",), "agents": ("8002",)},
        {"shortest": 60},
        {"shortest": 60.001},
        {"longest": 0},
        *({"numbers": (pattern,)} for pattern in PATTERNS),
        {"numbers": ("+1", "张", "80*")},
    ]
    with catalogue.database.read() as connection:
        for fields in wanted:
            criteria = Criteria.model_validate(fields)
            met = {each.call.id for each in found if criteria.met_by(each)}
            condition = meets(criteria)
            assert set(connection.execute(select(calls.c.id).where(condition)).scalars()) == met, fields
            others = set(connection.execute(select(calls.c.id).where(~condition)).scalars())
            assert others == {each.call.id for each in found} - met, fields
