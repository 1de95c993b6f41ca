"""Tags of calls."""

from qa_api.schemas.wire import Reply


class TagList(Reply):
    """Tags in order."""

    items: tuple[str, ...]
