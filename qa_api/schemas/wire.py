"""The base of everything that crosses HTTP."""

from pydantic import BaseModel, ConfigDict


class Reply(BaseModel):
    """Sent to the client: aliases in JSON (``from``), unknown fields refused so that nothing slips out."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Command(BaseModel):
    """Received from the client: unknown fields are refused, text is stripped of surrounding space."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
