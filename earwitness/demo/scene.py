"""Who is in the demo: teams, agents named as the simulator names them, and a user for each role."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from earwitness.settings import SimulatorTap
from qa_api.passwords import Passwords
from qa_api.permissions import Role
from qa_api.users import Account, create_user
from recorder.simulate.people import agents
from storage.catalogue import Agent, Catalogue

PASSWORD = "listen-to-this"  # noqa: S105 - printed, for a demo that only this machine can reach
TEAMS = ("客服一组 Service", "销售组 Sales")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user of the demo and what to try as this user."""

    username: str
    role: Role
    name: str
    language: str
    advice: str


VISITORS = (
    Visitor(
        "supervisor",
        Role.SUPERVISOR,
        "林主管 Lin",
        "zh",
        "finds, plays, downloads and releases calls of the teams",
    ),
    Visitor("evaluator", Role.EVALUATOR, "Eva Lang", "en", "listens to the calls of the team Service"),
    Visitor("agent", Role.AGENT, "", "zh", "sees the own calls once they are released"),
    Visitor(
        "compliance",
        Role.COMPLIANCE,
        "Carla Rossi",
        "en",
        "hears every call after saying why; sees whole numbers; keeps rules and holds",
    ),
    Visitor(
        "approver",
        Role.COMPLIANCE,
        "Paul Meyer",
        "en",
        "compliance too: what one of them proposes, the other approves",
    ),
    Visitor(
        "auditor",
        Role.AUDITOR,
        "Otto Prüfer",
        "en",
        "hears every call after saying why; reads the audit log",
    ),
    Visitor(
        "admin",
        Role.ADMIN,
        "管理员 Admin",
        "zh",
        "has no calls, but sees storage and how the parts of the system are",
    ),
)


def furnish(catalogue: Catalogue, tap: SimulatorTap, now: datetime) -> str:
    """Make teams, agents and users, and return the extension of the agent who is a user.

    Those that an earlier demo made on the same data folder stay.
    """
    teams = [(catalogue.teams.named(name) or catalogue.teams.create(name)).id for name in TEAMS]
    people = agents(tap.agents, np.random.default_rng(tap.seed))
    for index, person in enumerate(people):
        catalogue.agents.put(Agent(person.number, person.name, team=teams[index % len(teams)]))
    passwords = Passwords()
    for visitor in VISITORS:
        if catalogue.users.named(visitor.username) is None:
            is_agent = visitor.role is Role.AGENT
            account = Account(
                username=visitor.username,
                password=PASSWORD,
                role=visitor.role,
                display_name=people[0].name if is_agent else visitor.name,
                agent=people[0].number if is_agent else "",
                teams=_teams(visitor.role, teams),
                language=visitor.language,
            )
            create_user(catalogue, account, now=now, passwords=passwords, actor="demo")
    return people[0].number


def _teams(role: Role, teams: list[str]) -> tuple[str, ...]:
    return {Role.SUPERVISOR: tuple(teams), Role.EVALUATOR: tuple(teams[:1])}.get(role, ())
