"""How far back the newest calls of an index reach: enough of them to answer most searches."""

from dataclasses import dataclass

import tantivy

CALLS = 20_000
"""Calls in a window: asked in about a millisecond, and enough for a capped total of one in twenty."""

_OUTLIERS = 100
"""So many starts in the future, from clocks that were wrong, do not stretch the window."""

_WORTH = 5
"""An index of less than so many windows is asked as a whole."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some ``CALLS`` started at ``newest`` or later, within ``width``; both in milliseconds."""

    newest: int
    width: int


class Windows:
    """The window of an index as it grows. Measuring looks at every call: done when a tenth has changed."""

    def __init__(self, calls: tantivy.Query) -> None:
        """``calls`` finds every call."""
        self._calls = calls
        self._measured = 0
        self._window: Window | None = None

    def of(self, searcher: tantivy.Searcher) -> Window | None:
        """The window, None where the index is too small for one."""
        number = searcher.num_docs
        if abs(number - self._measured) * 10 > self._measured:
            self._window = self._measure(searcher) if number > CALLS * _WORTH else None
            self._measured = number
        return self._window

    def _measure(self, searcher: tantivy.Searcher) -> Window | None:
        last, first = (
            searcher.search(self._calls, limit=1, offset=place, order_by_field="start", count=False).hits
            for place in (_OUTLIERS, CALLS)
        )
        if not first:
            return None
        newest = first[0][0]
        return Window(newest, max(1, last[0][0] - newest))
