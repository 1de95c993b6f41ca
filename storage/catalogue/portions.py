"""As many values at a time as one statement takes: older SQLite allows 999 in all."""

from collections.abc import Iterator, Sequence

_VALUES_A_STATEMENT = 500


def portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """The values in their order, a portion for each statement; none where there are none."""
    for at in range(0, len(values), _VALUES_A_STATEMENT):
        yield values[at : at + _VALUES_A_STATEMENT]
