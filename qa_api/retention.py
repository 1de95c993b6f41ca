"""Retention rules and what they would let go, as far as a viewer may see and change them."""

import time
from collections.abc import Callable
from typing import Any

from qa_api import shown, written
from qa_api.schemas.retention import (
    RestoreUnseen,
    RetentionPreview,
    RuleGiven,
    RuleInfo,
    RuleList,
    ShareInfo,
)
from qa_api.services import Services
from qa_api.steps import step
from qa_api.trail import note
from qa_api.viewer import Viewer
from storage.retention.preview import Share
from storage.retention.preview import preview as previewed
from storage.retention.restored import unseen
from storage.retention.rules import Rule, Rules, RuleState

_STANDING = frozenset({RuleState.IN_FORCE, RuleState.RETIRING})
_PREVIEW_SECONDS = 8.0
_KIND = "retention-rule"


def rules(services: Services, viewer: Viewer) -> RuleList:
    """Every rule."""
    return RuleList(items=tuple(_rule(rule, viewer) for rule in Rules(services.catalogue).all()))


def propose(services: Services, viewer: Viewer, given: RuleGiven) -> RuleInfo:
    """A rule that another person may put in force. Raises ``BadRule``."""
    rule = Rules(services.catalogue).propose(
        given.name,
        given.criteria.criteria(),
        given.keep_days,
        priority=given.priority,
        by=viewer.user.username,
        now=services.now(),
    )
    note(services, viewer, "retention.propose", on=(_KIND, rule.id), after=_properties(rule))
    return _rule(rule, viewer)


def take(services: Services, viewer: Viewer, rule_id: str, name: str) -> RuleInfo:
    """The step ``name`` of the life of a rule. Raises ``SamePerson``, ``NotNow``, ``NotInCatalogue``."""
    book = Rules(services.catalogue)
    by, now = viewer.user.username, services.now()
    steps: dict[str, tuple[RuleState, Callable[[], Rule]]] = {
        "approve": (RuleState.IN_FORCE, lambda: book.approve(rule_id, by, now)),
        "refuse": (RuleState.REFUSED, lambda: book.refuse(rule_id, by, now)),
        "ask-retirement": (RuleState.RETIRING, lambda: book.ask_retirement(rule_id, by, now)),
        "retire": (RuleState.RETIRED, lambda: book.retire(rule_id, by, now)),
        "keep": (RuleState.IN_FORCE, lambda: book.keep(rule_id)),
    }
    state, taken = steps[name]
    before = _properties(book.get(rule_id))
    after = before | {"state": state.value}
    with step(services, viewer, f"retention.{name}", (_KIND, rule_id), before=before, after=after):
        return _rule(taken(), viewer)


def preview(services: Services, viewer: Viewer, first: int, *, proposed: bool) -> RetentionPreview:
    """What would go now, and with ``proposed`` as if the proposed rules were in force already."""
    states = _STANDING | {RuleState.PROPOSED} if proposed else _STANDING
    asked = [rule for rule in Rules(services.catalogue).all() if rule.state in states]
    until = time.monotonic() + _PREVIEW_SECONDS
    found = previewed(
        services.catalogue,
        services.now(),
        rules=asked,
        first=first,
        stop=lambda: time.monotonic() > until,
    )
    after = {"calls": found.calls, "proposed": proposed}
    note(services, viewer, "retention.preview", after=after)
    restore = unseen(services.catalogue)
    return RetentionPreview(
        at=found.at,
        whole=found.whole,
        calls=found.calls,
        bytes=sum(share.bytes for share in found.shares),
        seconds=sum(share.seconds for share in found.shares),
        held=sum(share.held for share in found.shares),
        undated=sum(share.undated for share in found.shares),
        restore=RestoreUnseen(at=restore.at, as_of=restore.as_of) if restore else None,
        shares=tuple(_share(services, viewer, share) for share in found.shares),
    )


def _share(services: Services, viewer: Viewer, share: Share) -> ShareInfo:
    calls = services.catalogue.calls.get_many(share.first)
    agents = services.catalogue.agents.get_many([item.call.agent for item in calls if item.call.agent])
    return ShareInfo(
        rule=_rule(share.rule, viewer) if share.rule else None,
        calls=share.calls,
        bytes=share.bytes,
        seconds=share.seconds,
        held=share.held,
        undated=share.undated,
        earliest=share.earliest,
        latest=share.latest,
        first=tuple(shown.item(item, agents, viewer) for item in calls),
    )


def _rule(rule: Rule, viewer: Viewer) -> RuleInfo:
    return RuleInfo(
        id=rule.id,
        name=written.text(rule.name, viewer),
        priority=rule.priority,
        criteria=written.criteria(rule.criteria, viewer),
        keep_days=rule.keep_days,
        state=rule.state,
        proposed_by=written.text(rule.proposed_by, viewer),
        proposed_at=rule.proposed_at,
        approved_by=written.text(rule.approved_by, viewer),
        approved_at=rule.approved_at,
        retirement_asked_by=written.text(rule.retirement_asked_by, viewer),
        retirement_asked_at=rule.retirement_asked_at,
        retired_by=written.text(rule.retired_by, viewer),
        retired_at=rule.retired_at,
    )


def _properties(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "state": rule.state.value,
        "priority": rule.priority,
        "keep_days": rule.keep_days,
        "criteria": rule.criteria.given(),
    }
