"""What somebody supplies for a call that could not be heard."""

import pytest

from recorder.errors import BadCodec
from recorder.finish.supplied import SuppliedKey
from recorder.finish.supplies import SuppliedCodec, Supplies, codecs
from recorder.media import Format, Renegotiated, Source
from storage.model import Side
from tests.recorder.finish.sealed import key

A, B = Side.A, Side.B
SPEEX = SuppliedCodec((B,), 97, Format("SPEEX", 16_000))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B:97=speex/16000", SPEEX),
        (" b:97=SPEEX/16000 ", SPEEX),
        ("*:111=opus/48000/2", SuppliedCodec((A, B), 111, Format("OPUS", 48_000, 2))),
        ("A:0=G726-32", SuppliedCodec((A,), 0, Format("G726-32"))),
        (
            "A:98=AMR/8000; octet-align=1; crc=1",
            SuppliedCodec((A,), 98, Format("AMR", 8000, 1, "octet-align=1; crc=1")),
        ),
    ],
)
def test_what_sdp_would_say_is_read(text: str, found: SuppliedCodec) -> None:
    assert codecs([text]) == (found,)


@pytest.mark.parametrize(
    "text",
    [
        *("", "B", "B:97", "97=PCMU", "C:97=PCMU/8000", "B:x=PCMU", "B:97=/8000"),
        *("B:97=PCMU/fast", "B:97=PCMU/-8000", "B:97=PCMU/0", "B:97=L16/8000/0", "B:97=L16/8000/2/2"),
    ],
)
def test_what_is_no_codec_says_how_it_is_written(text: str) -> None:
    with pytest.raises(BadCodec, match="as in B:97=G726-32/8000"):
        codecs([text])


def test_a_payload_type_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadCodec, match="0 to 127"):
        codecs(["B:128=PCMU/8000"])


@pytest.mark.parametrize("codec", ["EVS/16000", "PCMU/96000", "OPUS/48000/3"])
def test_what_cannot_be_decoded_says_what_can(codec: str) -> None:
    with pytest.raises(BadCodec, match=r"cannot be decoded; known are .*G729.*SPEEX"):
        codecs([f"B:97={codec}"])


def test_they_are_for_their_side_and_for_every_time() -> None:
    mine = SuppliedKey((B,), key())
    before = {97: Format("PT97"), 0: Format("PCMU")}
    source = Source("s", before, later=(Renegotiated(5, {97: Format("SRTP/PT97")}),))
    supplies = Supplies((mine,), (SPEEX,))
    told = supplies.of(source, B)
    assert told.keys == (mine.key,)
    assert told.formats == {97: SPEEX.format, 0: Format("PCMU")}
    assert told.later == (Renegotiated(5, {97: Format("SRTP/SPEEX", 16_000)}),), "what is encrypted stays so"
    assert supplies.of(source, A) == source
