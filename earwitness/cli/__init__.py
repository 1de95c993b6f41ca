"""The ``earwitness`` command: one file for each of its commands."""

from earwitness.cli.application import main

__all__ = ["main"]
