"""Settings from environment variables: ``EARWITNESS_FINISH__BITRATE=24000``, lists and tables as JSON."""

from collections.abc import Mapping
from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from earwitness.settings import Settings


class _Variables(Settings, BaseSettings):
    """The settings as a source of variables sees them: their names and types. Never made."""

    model_config = SettingsConfigDict(env_nested_delimiter="__", defer_build=True)


def read(variables: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """The tree of settings in ``variables``, which all begin with ``prefix``, in either case.

    Raises ``ValueError`` where a list or table is not written as JSON.
    """
    source = EnvSettingsSource(_Variables, env_prefix=prefix)
    source.env_vars = {name.lower(): value for name, value in variables.items()}
    return source()
