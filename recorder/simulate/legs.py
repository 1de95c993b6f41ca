"""The legs of a call: one dialog between two stations each, in order from the caller to the callee."""

from dataclasses import dataclass

from recorder.simulate.chance import scramble_number
from recorder.simulate.dialog import Dialog, Identity
from recorder.simulate.people import HOTLINES, Person
from recorder.simulate.scenario import CallPlan
from recorder.simulate.site import PBX, TRUNK, Site, Station, phone_address
from storage.model import Direction


@dataclass(frozen=True, slots=True)
class Leg:
    """Caller and callee of a dialog and how they are named in it."""

    caller: Station
    callee: Station
    from_: Identity
    to: Identity
    dialog: Dialog


def make_legs(plan: CallPlan, site: Site, count: int) -> list[Leg]:
    """One direct leg, or two with the PBX between them; a call that the PBX refuses never gets its second."""
    choice = scramble_number(plan.seed, "gateway")
    inbound, outbound = plan.direction is Direction.INBOUND, plan.direction is Direction.OUTBOUND
    caller = site.trunk(choice) if inbound else site.phone(plan.caller)
    callee = site.trunk(choice) if outbound else site.phone(plan.callee)
    callee_domain = TRUNK if outbound else phone_address(plan.callee)
    if count == 1:
        from_ = _identity(plan.caller, TRUNK if inbound else phone_address(plan.caller))
        to = Identity("", plan.callee.number, callee_domain)
        return [_leg(plan, 0, caller, callee, from_, to, asserted=inbound)]
    outside = _identity(plan.caller, TRUNK if inbound else PBX)
    dialled = Identity("", plan.dialled, PBX)
    shown = Identity("", HOTLINES[0], PBX) if outbound else _identity(plan.caller, PBX)
    reached = Identity("", plan.callee.number, callee_domain)
    return [
        _leg(plan, 0, caller, site.pbx(), outside, dialled, asserted=inbound),
        _leg(plan, 1, site.pbx(), callee, shown, reached, asserted=True),
    ]


def _identity(person: Person, domain: str) -> Identity:
    return Identity(person.name, person.number, domain)


def _leg(
    plan: CallPlan,
    index: int,
    caller: Station,
    callee: Station,
    from_: Identity,
    to: Identity,
    *,
    asserted: bool,
) -> Leg:
    seed = scramble_number(plan.seed, f"leg{index}")
    return Leg(
        caller, callee, from_, to, Dialog(caller, callee, from_, to, seed, from_ if asserted else None)
    )
