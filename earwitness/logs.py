"""Structured logs on standard error: one event a line, numbers of callers masked."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from qa_api.logs import hide

TALKATIVE = (
    "alembic",
    "asyncssh",
    "boto3",
    "botocore",
    "huey",
    "minio",
    "multipart",
    "s3transfer",
    "urllib3",
    "uvicorn",
)
"""Libraries whose everyday lines say nothing to an operator. Each line of asyncssh is at the level info."""

Record = MutableMapping[str, Any]


def configure(level: str, written: Literal["json", "plain"], part: str) -> None:
    """Set up this process's logs: the least level that is written, and how; ``part`` is in every line."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if written == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _naming(part), renderer],
            foreign_pre_chain=before,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _naming(part: str) -> Any:
    def add(_logger: Any, _method: str, record: Record) -> Record:
        record.setdefault("part", part)
        return record

    return add
