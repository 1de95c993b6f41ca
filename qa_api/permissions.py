"""Who may do what: one table of actions and roles, one of routes and actions. Deny by default.

A route that is in neither ``PUBLIC`` nor ``ROUTES`` is refused to everybody (see ``qa_api.guard``), and a
test walks the application to find such routes.
"""

from enum import StrEnum

from qa_api.errors import NotPermitted


class Role(StrEnum):
    """The ranks of users."""

    AGENT = "agent"
    EVALUATOR = "evaluator"
    SUPERVISOR = "supervisor"
    COMPLIANCE = "compliance"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Action(StrEnum):
    """What a route needs."""

    OWN_SESSION = "session.own"
    STATE_REASON = "session.reason"
    CALLS_READ = "calls.read"
    CALLS_PLAY = "calls.play"
    CALLS_DOWNLOAD = "calls.download"
    CALLS_RELEASE = "calls.release"
    CALLS_TAG = "calls.tag"
    CALLS_KEEPING = "calls.keeping"
    CALLS_VERIFY = "calls.verify"
    TAGS_READ = "tags.read"
    CALLS_COPY = "calls.copy"
    STORAGE_READ = "storage.read"
    STORAGE_RUN = "storage.run"
    RETENTION_PREVIEW = "retention.preview"
    RETENTION_READ = "retention.read"
    RETENTION_REQUEST = "retention.request"
    RETENTION_APPROVE = "retention.approve"
    AGENTS_READ = "agents.read"
    AUDIT_OWN = "audit.own"
    AUDIT_ALL = "audit.all"
    AUDIT_VERIFY = "audit.verify"
    SYSTEM_READ = "system.read"
    DOCUMENT_READ = "document.read"


_ALL = frozenset(Role)
_LISTENERS = _ALL - {Role.ADMIN}
_SORTERS = frozenset({Role.EVALUATOR, Role.SUPERVISOR, Role.COMPLIANCE})
_KEEPERS = frozenset({Role.COMPLIANCE, Role.AUDITOR})

GRANTS: dict[Action, frozenset[Role]] = {
    Action.OWN_SESSION: _ALL,
    Action.STATE_REASON: frozenset({Role.COMPLIANCE, Role.AUDITOR}),
    Action.CALLS_READ: _LISTENERS,
    Action.CALLS_PLAY: _LISTENERS,
    Action.CALLS_DOWNLOAD: frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    Action.CALLS_RELEASE: frozenset({Role.SUPERVISOR}),
    Action.CALLS_TAG: _SORTERS,
    Action.CALLS_KEEPING: _KEEPERS,
    Action.CALLS_VERIFY: _KEEPERS,
    Action.TAGS_READ: _SORTERS | {Role.AUDITOR},
    Action.CALLS_COPY: frozenset({Role.COMPLIANCE}),
    Action.STORAGE_READ: _KEEPERS | {Role.ADMIN},
    Action.STORAGE_RUN: frozenset({Role.ADMIN}),
    Action.RETENTION_PREVIEW: _KEEPERS,
    Action.RETENTION_READ: _KEEPERS,
    Action.RETENTION_REQUEST: frozenset({Role.COMPLIANCE}),
    Action.RETENTION_APPROVE: frozenset({Role.COMPLIANCE}),
    Action.AGENTS_READ: _LISTENERS,
    Action.AUDIT_OWN: frozenset({Role.AGENT, Role.COMPLIANCE, Role.AUDITOR}),
    Action.AUDIT_ALL: frozenset({Role.COMPLIANCE, Role.AUDITOR}),
    Action.AUDIT_VERIFY: frozenset({Role.AUDITOR}),
    Action.SYSTEM_READ: frozenset({Role.ADMIN, Role.AUDITOR}),
    Action.DOCUMENT_READ: _ALL,
}

ROUTES: dict[str, Action] = {
    "get_session": Action.OWN_SESSION,
    "end_session": Action.OWN_SESSION,
    "change_password": Action.OWN_SESSION,
    "state_reason": Action.STATE_REASON,
    "list_calls": Action.CALLS_READ,
    "get_call": Action.CALLS_READ,
    "get_peaks": Action.CALLS_READ,
    "get_audio": Action.CALLS_PLAY,
    "head_audio": Action.CALLS_PLAY,
    "download_call": Action.CALLS_DOWNLOAD,
    "release_call": Action.CALLS_RELEASE,
    "verify_call": Action.CALLS_VERIFY,
    "put_tag": Action.CALLS_TAG,
    "remove_tag": Action.CALLS_TAG,
    "list_tags": Action.TAGS_READ,
    "copy_call": Action.CALLS_COPY,
    "list_targets": Action.STORAGE_READ,
    "get_plan": Action.STORAGE_READ,
    "list_runs": Action.STORAGE_READ,
    "get_run": Action.STORAGE_READ,
    "ask_run": Action.STORAGE_RUN,
    "stop_run": Action.STORAGE_RUN,
    "list_rules": Action.RETENTION_READ,
    "propose_rule": Action.RETENTION_REQUEST,
    "approve_rule": Action.RETENTION_APPROVE,
    "refuse_rule": Action.RETENTION_REQUEST,
    "ask_retirement": Action.RETENTION_REQUEST,
    "retire_rule": Action.RETENTION_APPROVE,
    "keep_rule": Action.RETENTION_REQUEST,
    "preview_retention": Action.RETENTION_PREVIEW,
    "list_holds": Action.RETENTION_READ,
    "place_hold": Action.RETENTION_REQUEST,
    "list_held_calls": Action.RETENTION_READ,
    "name_held_calls": Action.RETENTION_REQUEST,
    "ask_release": Action.RETENTION_REQUEST,
    "release_hold": Action.RETENTION_APPROVE,
    "keep_hold": Action.RETENTION_REQUEST,
    "list_erasures": Action.RETENTION_READ,
    "request_erasure": Action.RETENTION_REQUEST,
    "decide_erasure": Action.RETENTION_APPROVE,
    "list_teams": Action.AGENTS_READ,
    "list_agents": Action.AGENTS_READ,
    "list_audit": Action.AUDIT_OWN,
    "verify_audit": Action.AUDIT_VERIFY,
    "get_system": Action.SYSTEM_READ,
    "get_document": Action.DOCUMENT_READ,
}

PUBLIC = frozenset({"start_session", "get_health", "get_metrics"})
"""Routes without a session: they show nothing of a call. ``get_metrics`` is guarded by address or token."""

NEEDS_REASON = frozenset({Role.COMPLIANCE, Role.AUDITOR})
"""Roles whose reach is every call, and who say why before they use it."""

REASONED = frozenset(
    {
        Action.CALLS_READ,
        Action.CALLS_PLAY,
        Action.CALLS_DOWNLOAD,
        Action.CALLS_TAG,
        Action.CALLS_COPY,
        Action.CALLS_VERIFY,
        Action.RETENTION_PREVIEW,
    }
)
"""The actions that a reason is stated for."""


def permitted(role: Role, action: Action) -> bool:
    """Whether the role has the action at all; scope and reason are checked apart."""
    return role in GRANTS[action]


def refused(role: str, action: Action) -> NotPermitted:
    """The error for a role that does not have the action: it names those who do."""
    able = [each.value for each in Role if each in GRANTS[action]]
    those = f"roles {', '.join(able[:-1])} and {able[-1]}" if len(able) > 1 else f"role {able[0]}"
    return NotPermitted(
        f"The role {role} may not do this; the {those} may.", action=action, role=role, roles=able
    )


def actions_of(role: Role) -> tuple[Action, ...]:
    """The actions of a role in a fixed order, for the page to decide what to show."""
    return tuple(action for action in Action if role in GRANTS[action])
