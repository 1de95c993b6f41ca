"""Media without signalling that turns out to be a leg's, in the book of calls."""

from typing import NamedTuple

from recorder.assembly.book import CallBook
from recorder.assembly.call import RunningCall
from recorder.assembly.leg import Leg


class Explained(NamedTuple):
    """A leg without signalling whose media is another one's; ``is_turned`` where its sides were guessed the
    other way round."""

    leg: Leg
    is_turned: bool = False


def explain(book: CallBook, orphan: Leg) -> RunningCall | None:
    """The leg ``orphan`` is no more. Answer what is left of its call, None where that was all.

    Its audio may have proven before that others are in the same conversation: these go on.
    """
    call = book.of(orphan.id)
    if call is None:
        return None
    book.drop(call)
    call.legs = [leg for leg in call.legs if leg is not orphan]
    if not call.legs:
        return None
    call.changed = True
    book.restore(call)
    return call
