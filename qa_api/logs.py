"""The log of the API: one JSON object a line, numbers masked, secrets left out."""

from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from qa_api.masking import mask_json

_SECRETS = ("password", "token", "cookie", "authorization", "csrf", "secret", "key")
_OWN = frozenset({"timestamp", "level"})


def new_log(stream: TextIO) -> structlog.typing.FilteringBoundLogger:
    """A logger that writes to the stream and hides what must not be written. Touches no global setting."""
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    return logger


def hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: masks numbers in every value and drops the values of secrets."""
    return {
        name: value if name in _OWN else "[hidden]" if _secret(name) else mask_json(value, key=name)
        for name, value in event.items()
    }


def _secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRETS)
