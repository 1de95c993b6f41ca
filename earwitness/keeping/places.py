"""From the settings of targets to what storage knows: placement, schedules, windows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from earwitness.settings import LOCAL, Settings
from storage.copies.placement import Placement, Rule
from storage.copies.schedule import Schedule, Window


@dataclass(frozen=True, slots=True)
class Times:
    """When a target gets copies."""

    schedule: Schedule
    window: Window
    removable: bool = False
    """Whether it is one that people carry about, and so may be away for long."""


def home(settings: Settings) -> str:
    """The name of the target where calls come in."""
    return next((target.name for target in settings.targets if target.role == "primary"), LOCAL)


def placement(settings: Settings) -> Placement:
    """Which calls go where. Targets for export get nothing by themselves."""
    rules = tuple(
        Rule(rule.to, rule.calls, rule.copies, timedelta(days=rule.older_than_days))
        for rule in settings.placement
    )
    copies = tuple(target.name for target in settings.targets if target.role == "copy")
    keyless = frozenset(target.name for target in settings.targets if target.write_once)
    return Placement(copies, rules, keyless)


def times(settings: Settings, zone: tzinfo | None = None) -> Mapping[str, Times]:
    """When each target gets copies. Raises ``BadSchedule``, ``BadWindow``."""
    return {
        target.name: Times(
            Schedule.parse(target.schedule, zone), Window.parse(target.window, zone), target.kind == "usb"
        )
        for target in settings.targets
        if target.role == "copy"
    }
