"""Keys that came on more than one way are one."""

from recorder.keys import Digit, distinct

MS = 1_000_000


def pressed(rank, text, *times, side=0):
    return [(rank, Digit(time * MS, side, key)) for key, time in zip(text, times, strict=True)]


def shown(heard):
    return [(digit.time // MS, digit.side, digit.digit) for digit in distinct(heard)]


def test_a_copy_on_another_way_is_no_second_digit():
    heard = pressed(0, "11", 0, 200) + pressed(1, "117", 30, 230, 900) + pressed(0, "1", 40, side=1)
    assert shown(heard) == [(0, 0, "1"), (40, 1, "1"), (200, 0, "1"), (900, 0, "7")]


def test_a_copy_may_be_held_back():
    assert shown(pressed(0, "*#", 0, 800) + pressed(1, "*#", 1080, 1280)) == [(0, 0, "*"), (800, 0, "#")]


def test_the_same_key_three_times_on_two_ways_is_three():
    assert shown(pressed(0, "555", 0, 300, 600) + pressed(1, "555", 500, 700, 900)) == [
        (0, 0, "5"),
        (300, 0, "5"),
        (600, 0, "5"),
    ]


def test_a_key_that_one_way_missed_is_taken_from_the_other():
    assert shown(pressed(0, "13", 0, 600) + pressed(1, "123", 20, 320, 620)) == [
        (0, 0, "1"),
        (320, 0, "2"),
        (600, 0, "3"),
    ]
