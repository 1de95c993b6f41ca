"""The kinds of parts that ``serve`` has."""

from enum import StrEnum


class Kind(StrEnum):
    """What can be run alone with ``--only``."""

    CAPTURE = "capture"
    FINISH = "finish"
    ARCHIVE = "archive"
    JOBS = "jobs"
    API = "api"
