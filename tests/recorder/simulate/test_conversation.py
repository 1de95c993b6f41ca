import numpy as np
import pytest

from recorder.simulate.bank import PayloadBank, payload_bank
from recorder.simulate.conversation import Tape, make_tapes


@pytest.fixture(scope="module")
def bank() -> PayloadBank:
    return payload_bank(("PCMU",), 20)


def talking(bank: PayloadBank, tape: Tape) -> np.ndarray:
    """Who says something at each packet, bool of shape (2, packets)."""
    quiet = np.zeros(bank.rows_per_codec, bool)
    for speaker in bank.speakers:
        quiet[speaker.room.first : speaker.room.first + speaker.room.count] = True
    return ~quiet[tape.rows]


def test_parties_take_turns_overlap_a_little_and_are_silent_at_times(bank: PayloadBank) -> None:
    for tape in make_tapes(bank, 6, seed=3):
        a, b = talking(bank, tape)
        assert 0.2 < a.mean() < 0.7
        assert 0.2 < b.mean() < 0.7
        assert 0 < (a & b).mean() < 0.15
        assert (~a & ~b).mean() > 0.05


def test_each_party_speaks_with_one_voice_and_they_differ(bank: PayloadBank) -> None:
    voices = {each.speaker.name: each for each in bank.speakers}
    for tape in make_tapes(bank, 6, seed=4):
        assert tape.speakers[0] != tape.speakers[1]
        for side, name in enumerate(tape.speakers):
            own = voices[name]
            first, end = own.phrases[0].first, own.room.first + own.room.count
            assert tape.rows[side].min() >= first
            assert tape.rows[side].max() < end


def test_the_called_party_opens_after_silence_where_the_tape_says_so(bank: PayloadBank) -> None:
    tape = make_tapes(bank, 1, seed=5)[0]
    _, b = talking(bank, tape)
    assert len(tape.openings) > 5
    for opening in tape.openings:
        assert b[opening : opening + 25].any()


def test_all_codecs_say_the_same_in_the_same_rows() -> None:
    bank = payload_bank(("PCMU", "PCMA", "G722"), 20)
    assert bank.rows.shape == (3 * bank.rows_per_codec, 160)
    assert payload_bank(("PCMU", "PCMA", "G722"), 20) is bank
    thirty = payload_bank(("PCMU",), 30)
    assert thirty.rows.shape[1] == 240
