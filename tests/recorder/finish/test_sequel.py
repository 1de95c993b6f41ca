"""What is under way longer for a while covers nothing that was said before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.finish.run import Run
from recorder.finish.sequel import Sequel, without_pauses
from tests.recorder.finish.finishing import finish
from tests.recorder.finish.packets import START, packets, pick, plan, voice

PACKET = 160
PACKET_NS = 20_000_000


def late(block, chosen, seconds):
    """The block with those packets captured later; none before the one that it follows."""
    times = block.times.copy()
    times[chosen] += round(seconds * 1e9)
    block.times = np.maximum.accumulate(times)
    return block


def heard(sound, start=0.0):
    """The samples on the first channel from then on (s)."""
    return sound[round(start * 8000) :, 0]


@pytest.mark.parametrize("step", [500_000_000, None])
def test_what_was_late_for_seconds_covers_nothing_when_it_is_on_time_again(tmp_path, step):
    sent = packets(voice(8), stream="a")
    _, whole = finish(tmp_path, plan(("a",)), [sent], 8)
    _, sound = finish(tmp_path, plan(("a",)), [late(sent, slice(100, 250), 0.5)], 8, step=step)
    said = heard(whole)
    assert (heard(sound)[: 2 * 8000] == said[: 2 * 8000]).all()
    assert (heard(sound, 2.5) == said[2 * 8000 :]).all()


def test_a_pause_lets_the_stream_catch_up(tmp_path):
    pcm = voice(10)
    pcm[7 * 8000 : 8 * 8000] = 8
    sent = packets(pcm, stream="a")
    _, whole = finish(tmp_path, plan(("a",)), [sent], 10)
    done, sound = finish(tmp_path, plan(("a",)), [late(sent, slice(100, 200), 0.5)], 10)
    assert (heard(sound, 2.5)[: 5 * 8000] == heard(whole, 2)[: 5 * 8000]).all()
    assert (heard(sound, 8) == heard(whole, 8)).all()
    assert done.gaps == ()
    assert done.seconds == 10


def test_a_pause_of_the_timestamps_lets_the_stream_catch_up(tmp_path):
    sent = packets(voice(8), stream="a")
    sent.timestamps[300:] += 8000
    sent.times[300:] += 1_000_000_000
    _, whole = finish(tmp_path, plan(("a",)), [sent], 9)
    _, sound = finish(tmp_path, plan(("a",)), [late(sent, slice(100, 200), 0.5)], 9)
    assert (heard(sound, 2.5)[: 4 * 8000] == heard(whole, 2)[: 4 * 8000]).all()
    assert (heard(sound, 7) == heard(whole, 7)).all()


@pytest.mark.parametrize("seconds", [0.1, 0.7])
def test_a_call_that_begins_with_a_burst_is_whole(tmp_path, seconds):
    sent = packets(voice(5), stream="a")
    _, whole = finish(tmp_path, plan(("a",)), [sent], 5)
    burst = late(sent, slice(0, 1), seconds)
    burst.times -= round(seconds * 1e9)
    done, sound = finish(tmp_path, plan(("a",)), [burst], 5)
    assert (heard(sound)[: len(whole)] == heard(whole)).all()
    assert done.late == {"a": 0}


def test_a_party_whose_stream_begins_with_a_burst_is_in_its_place(tmp_path):
    blocks = [packets(voice(5), stream="a"), packets(voice(4, seed=1), stream="b", at=1)]
    _, whole = finish(tmp_path, plan(("a",), ("b",)), blocks, 5)
    blocks[1] = late(blocks[1], slice(0, 1), 0.6)
    _, sound = finish(tmp_path, plan(("a",), ("b",)), blocks, 5, step=None)
    assert (sound == whole).all()


def test_what_comes_when_its_place_is_encoded_is_heard_later(tmp_path):
    blocks = [packets(voice(6), stream="a"), packets(voice(6, seed=1), stream="b")]
    _, whole = finish(tmp_path, plan(("a",), ("b",)), blocks, 6)
    blocks[1] = late(blocks[1], slice(100, 101), 1.2)
    done, sound = finish(tmp_path, plan(("a",), ("b",)), blocks, 6)
    shift = len(sound) - len(whole)
    assert 0 < shift < 8000
    assert (sound[:, 0][: len(whole)] == whole[:, 0]).all()
    assert (sound[2 * 8000 + shift :, 1] == whole[2 * 8000 :, 1]).all()
    assert done.late == {"a": 0, "b": 0}


def test_nothing_of_it_is_cut_off_where_it_is_converted_to_the_rate_of_the_other_party(tmp_path):
    """Conversion is ahead of what is encoded."""
    blocks = [packets(voice(6), stream="a"), packets(voice(6, 16_000, seed=1), 9, stream="b")]
    blocks[0] = late(blocks[0], slice(100, 101), 1.2)
    done, _ = finish(tmp_path, plan(("a",), ("b",), rate=16_000), blocks, 6, step=500_000_000)
    assert done.late == {"a": 0, "b": 0}


def test_a_sender_that_starts_again_after_a_delay_covers_nothing(tmp_path):
    sent = packets(voice(8), stream="a")
    sent.timestamps[200:] += 3_000_000_000
    _, whole = finish(tmp_path, plan(("a",)), [sent], 8)
    _, sound = finish(tmp_path, plan(("a",)), [late(sent, slice(80, 200), 0.5)], 8)
    assert (heard(sound)[: int(1.6 * 8000)] == heard(whole)[: int(1.6 * 8000)]).all()
    assert (heard(sound, 2.1) == heard(whole, 1.6)).all()


def test_what_is_lost_while_a_stream_is_late_keeps_its_length(tmp_path):
    sent = late(packets(voice(8), stream="a"), slice(100, 200), 0.5)
    kept = np.ones(len(sent), np.bool_)
    kept[250:260] = False
    done, sound = finish(tmp_path, plan(("a",)), [pick(sent, kept)], 8)
    ((start, seconds),) = ((gap.start, gap.seconds) for gap in done.gaps)
    assert (start, round(seconds, 3)) == (5.5, 0.2)
    assert len(sound) == 8.5 * 8000
    assert done.seconds == 8.5


def run(sequence, timestamp, position, count=1, ticks=PACKET):
    times = START + PACKET_NS * (sequence + np.arange(count))
    return Run(0, ticks, ticks, sequence, timestamp, times, np.zeros(count * ticks, np.uint8), position)


def test_a_clock_that_runs_fast_is_followed():
    follows = Sequel(START, 8000, 0.08)
    fast = 0.9995
    places = []
    for number in range(0, 30_000, 64):
        # The timeline anchors it anew where it is off by more than the drift.
        base = -(round(number * PACKET * (1 - fast)) // 640) * 640
        placed = follows.placed(run(number, number * PACKET, number * PACKET + base, 64))
        places.append(placed.position - number * PACKET * fast)
    assert max(map(abs, places)) <= 2 * 640


def test_of_a_clock_that_runs_fast_pauses_are_left_out_and_nothing_else(tmp_path):
    pcm = voice(300)
    quiet = np.zeros(len(pcm), bool)
    for start in range(10, 300, 20):
        quiet[start * 8000 : start * 8000 + 4000] = True
    pcm[quiet] = 8
    sent = packets(pcm, stream="a")
    _, whole = finish(tmp_path, plan(("a",)), [sent], 300)
    sent.times = START + ((sent.times - START) * 0.999).astype(np.int64)
    done, sound = finish(tmp_path, plan(("a",)), [sent], 299.7)
    said, got = heard(whole)[~quiet], heard(sound)
    assert done.seconds < 299.9
    assert (got[abs(got) > 20] == said[abs(said) > 20]).all()


def test_packets_that_hold_more_than_their_timestamps_say_stay_in_their_places():
    follows = Sequel(START, 8000, 0.08)
    positions = [follows.placed(run(n, n * PACKET, n * PACKET, ticks=240)).position for n in range(500)]
    assert positions == [n * PACKET for n in range(500)]


def test_what_comes_out_of_order_from_another_start_holds_up_nothing():
    follows = Sequel(START, 8000, 0.08)
    stray = run(99, 0, 300 * PACKET)
    stray.times[:] += 200 * PACKET_NS
    places = [follows.placed(one).position for one in (run(0, 0, 0, 99), stray, run(100, 16_000, 16_000, 99))]
    assert places == [0, 300 * PACKET, 16_000]


def test_what_was_captured_before_the_recording_stays_there():
    follows = Sequel(START + 10 * PACKET_NS, 8000, 0.08)
    assert follows.placed(run(0, 0, -1600)).position == -1600


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 30))), st.integers(0, 60), st.integers(0, 79))
def test_of_quiet_sound_alone_at_most_so_much_is_left_out(parts, most, rest):
    """Samples are their own numbers where it is loud, so that each is found again."""
    loud = np.repeat([is_loud for is_loud, _ in parts], [80 * size for _, size in parts]).astype(bool)
    pcm = np.where(loud, 1000 + np.arange(len(loud)) % 9000, 1).astype(np.int16)
    pcm = np.concatenate([pcm, np.full(rest, 5000, np.int16)])
    pieces, cut = without_pauses(pcm, 80, most)
    assert cut <= most
    left = np.concatenate([piece for _, piece in pieces])
    assert [at for at, _ in pieces] == np.cumsum([0, *(len(piece) for _, piece in pieces[:-1])]).tolist()
    assert len(left) == len(pcm) - 80 * cut
    assert left[left >= 1000].tolist() == pcm[pcm >= 1000].tolist()
