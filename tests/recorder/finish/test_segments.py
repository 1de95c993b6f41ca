"""Audio at its places, and arithmetic on spans."""

import numpy as np

from recorder.finish.segments import Segments, holes, join


def samples(*values):
    return np.array(values, np.int16)


def test_pieces_and_holes():
    audio = Segments()
    audio.put(2, samples(1, 2))
    audio.put(6, samples(3))
    assert audio.read(0, 8).tolist() == [0, 0, 1, 2, 0, 0, 3, 0]
    assert audio.spans(0, 8) == [(2, 4), (6, 7)]
    assert audio.read(4, 6) is None
    assert audio.spans(3, 7) == [(3, 4), (6, 7)]


def test_the_later_of_two_is_heard():
    audio = Segments()
    audio.put(0, samples(1, 1, 1, 1))
    audio.put(2, samples(2, 2, 2, 2))
    assert audio.read(0, 6).tolist() == [1, 1, 2, 2, 2, 2]
    assert audio.spans(0, 9) == [(0, 6)]


def test_what_was_dropped_is_late():
    audio = Segments()
    audio.put(0, samples(1, 2, 3, 4))
    audio.drop(2)
    assert audio.read(2, 4).tolist() == [3, 4]
    assert audio.put(0, samples(9, 9, 9)) == 2
    assert audio.put(-5, samples(9, 9)) == 2
    assert audio.read(2, 4).tolist() == [9, 4]


def test_a_covered_window_is_no_copy():
    audio = Segments()
    pcm = samples(1, 2, 3, 4)
    audio.put(10, pcm)
    assert np.shares_memory(audio.read(11, 13), pcm)


def test_spans():
    assert join([(0, 2), (2, 3), (5, 6)]) == [(0, 3), (5, 6)]
    assert join([(0, 2), (4, 6), (9, 10)], within=2) == [(0, 6), (9, 10)]
    assert holes([(2, 4), (6, 8)], 0, 10) == [(0, 2), (4, 6), (8, 10)]
    assert holes([], 3, 5) == [(3, 5)]
    assert holes([(0, 9)], 3, 5) == []
    assert holes([(0, 4)], 3, 5) == [(4, 5)]


def test_what_is_dropped_is_given_back():
    segments = Segments()
    segments.put(0, np.ones(100_000, np.int16))
    segments.drop(99_000)
    assert all(pcm.base is None for _, pcm, _ in segments._pieces)
    assert len(segments.read(99_000, 100_000)) == 1000
