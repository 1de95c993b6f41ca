"""Quality of a party by the E-model (ITU-T G.107), from codec, loss, its bursts, and delay where it is known.

Without a delay the score is that of listening alone (MOS-LQ), with it that of the conversation (MOS-CQ).
"""

from dataclasses import dataclass

from recorder.finish.delay import impairment

BASIC = 93.2
"""The rating of a narrowband call that nothing impairs (G.107, table 3 defaults)."""


@dataclass(frozen=True, slots=True)
class Impairment:
    """What a codec takes away: ``ie`` without loss, and its robustness ``bpl`` (G.113, appendix I)."""

    ie: float
    bpl: float


# G.711 without and the others with their own concealment, as G.113 lists them. Wideband codecs are rated on
# the narrowband scale, on which they impair nothing: there is no comparing them with 93.2 otherwise.
_IMPAIRMENTS = {
    "PCMU": Impairment(0.0, 4.3),
    "PCMA": Impairment(0.0, 4.3),
    "L16": Impairment(0.0, 4.3),
    "G722": Impairment(0.0, 4.3),
    "OPUS": Impairment(0.0, 15.0),
    "AMR-WB": Impairment(0.0, 10.0),
    "G726-32": Impairment(7.0, 4.3),
    "AMR": Impairment(5.0, 10.0),
    "GSM": Impairment(20.0, 10.0),
    "G729": Impairment(11.0, 19.0),
    "G723": Impairment(15.0, 16.1),
    "ILBC": Impairment(11.0, 32.0),
    "SPEEX": Impairment(11.0, 15.0),
}


def mos(codec: str, loss: float, bursts: float = 1.0, one_way_ms: float = 0.0) -> float | None:
    """Mean opinion score, 1 to 4.5, rounded to hundredths; None for a codec that has no published values.

    ``loss`` is the share of packets lost, 0 to 1; ``bursts`` is BurstR, how much longer the runs of lost
    packets are than they would be by chance (G.107, 7.5); 1 for loss at random. ``one_way_ms`` is the delay
    from mouth to ear, 0 where it is not known.
    """
    found = _IMPAIRMENTS.get(codec)
    if found is None:
        return None
    percent = 100 * min(max(loss, 0.0), 1.0)
    effective = found.ie
    if percent:
        effective += (95 - found.ie) * percent / (percent / max(bursts, 1.0) + found.bpl)
    return round(_score(BASIC - impairment(one_way_ms) - effective), 2)


def burst_ratio(lost: int, expected: int, runs: int) -> float:
    """BurstR: the mean length of the runs over what it would be if each packet were lost by chance.

    Runs of packets that are each lost with the probability p are 1 / (1 - p) long (G.107, 7.5).
    """
    if not lost or not runs or lost >= expected:
        return 1.0
    return max(lost / runs * (1 - lost / expected), 1.0)


def _score(rating: float) -> float:
    """From rating to score (G.107, annex B)."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    # The cubic dips below 1 for the worst ratings; no call is worse than bad.
    return max(1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6, 1.0)
