"""How much is kept of what may never become a call, so that no flood of it takes the memory or the time."""

from dataclasses import dataclass

from recorder.assembly.call import RunningCall
from recorder.protocol import connections


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each that is kept. Calls on which anything was heard are not limited.

    ``unanswered``: legs of calls that nobody answered and on which nothing was heard; the oldest go first.
    ``silent``: calls that were answered and on which nothing was heard; the oldest go first.
    ``legs``: of one call that others may carry on.
    ``unexplained``: legs of media without signalling; those that were silent longest go first. Where all of
    them speak there may be twice as many.
    ``strangers``: packets of streams that are not known to be media yet.
    ``begun``: INVITEs of new calls that are read in one flush, and as many answers of unknown ones: that of
    an INVITE that was left out begins its call.
    ``remembered``: Call-IDs that are over and whose late messages mean nothing; phones of SCCP, their
    channels and what may become a call of theirs.
    ``streams``: of one leg, and eight times as many where few of them were heard within a minute.
    ``places``: of one dialog, where its SDP wants media. ``happenings``: of one leg.
    ``connections``: of TCP that may carry signalling; those unused for longest go first.
    ``written``: calls of the first kind that are written to the journal in one flush.
    """

    unanswered: int = 5_000
    silent: int = 10_000
    legs: int = 1_000
    unexplained: int = 4_000
    strangers: int = 20_000
    begun: int = 1_000
    remembered: int = 50_000
    streams: int = 256
    places: int = 256
    happenings: int = 1_000
    connections: int = connections.MOST
    written: int = 200


def is_unanswered(call: RunningCall) -> bool:
    """Whether all there is of the call is that somebody rang."""
    return all(leg.dialog is not None and not leg.dialog.answered and not leg.streams for leg in call.legs)


def is_silent(call: RunningCall) -> bool:
    """Whether all there is of the call is that somebody answered, and it is not over."""
    is_answered = any(leg.dialog is not None and leg.dialog.answered for leg in call.legs)
    return is_answered and not call.ended and not any(leg.streams for leg in call.legs)
