"""From the settings of targets to what storage knows: placement, schedules, windows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from earwitness.keeping_settings import TargetSettings
from earwitness.settings import LOCAL, Settings
from storage.copies.placement import Placement, Rule
from storage.copies.schedule import CONTINUOUS, Schedule, Window


@dataclass(frozen=True, slots=True)
class Times:
    """When a target gets copies."""

    schedule: Schedule
    window: Window
    removable: bool = False
    """Whether it is one that people carry about, and so may be away for long."""
    by_hand: bool = False
    """Whether it gets only what people send there, at once."""


def home(settings: Settings) -> str:
    """The name of the target where calls come in."""
    return next((target.name for target in settings.targets if target.role == "primary"), LOCAL)


def elsewhere(settings: Settings) -> tuple[str, ...]:
    """The names of the targets of which each shall bring everything back, should this machine be lost: those
    that get copies, and the one where calls come in unless that is the archive folder."""
    return tuple(target.name for target in settings.targets if target.role != "export")


def placement(settings: Settings) -> Placement:
    """Which calls go where. Targets for export get nothing by themselves; the one where calls come in, unless
    that is the archive folder, gets those that came in elsewhere before."""
    rules = tuple(
        Rule(rule.to, rule.calls, rule.copies, timedelta(days=rule.older_than_days))
        for rule in settings.placement
    )
    takers = tuple(target.name for target in settings.targets if target.role != "export")
    keyless = frozenset(target.name for target in settings.targets if target.write_once)
    carried = frozenset(target.name for target in settings.targets if target.kind == "usb")
    return Placement(takers, rules, keyless, carried)


def times(settings: Settings, zone: tzinfo | None = None) -> Mapping[str, Times]:
    """When each target gets copies; where calls come in, those that came in elsewhere before, at any time.
    Raises ``BadSchedule``, ``BadWindow``."""
    return {target.name: _times(target, zone) for target in settings.targets}


def _times(target: TargetSettings, zone: tzinfo | None) -> Times:
    removable = target.kind == "usb"
    if target.role == "export":
        # What a person asks for waits neither for a schedule nor for a window, wherever it goes.
        return Times(Schedule.parse(CONTINUOUS, zone), Window(zone=zone), removable, by_hand=True)
    return Times(Schedule.parse(target.schedule, zone), Window.parse(target.window, zone), removable)
