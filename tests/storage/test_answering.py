"""Waiting for what may never answer."""

import threading
import time

import pytest

from storage.answering import Answering, NoAnswer
from tests.waiting import until

SOON = 0.05
LONG = 60.0


def test_what_is_done_is_given_or_raised():
    answering = Answering(1)
    assert answering.within(LONG, lambda: 3) == 3
    with pytest.raises(ValueError, match="as it does"):
        answering.within(LONG, lambda: int("as it does"))
    with pytest.raises(TimeoutError, match="its own"):
        answering.within(LONG, lambda: (_ for _ in ()).throw(TimeoutError("its own")))
    assert answering.owing == 0


def test_what_does_not_answer_is_given_up_and_no_more_than_so_many_are_lost_to_it():
    answering, answer = Answering(2), threading.Event()
    before = threading.active_count()
    for _ in range(5):
        with pytest.raises(NoAnswer):
            answering.within(SOON, lambda: answer.wait(LONG))
    assert answering.owing == 2
    assert threading.active_count() <= before + 2
    answer.set()
    until(lambda: answering.owing == 0)
    assert answering.within(LONG, lambda: "it answers again") == "it answers again"


def test_threads_are_used_again():
    answering = Answering(1)
    names = {answering.within(LONG, threading.get_ident) for _ in range(50)}
    assert len(names) == 1


def test_many_ask_at_once():
    answering, together = Answering(1), threading.Barrier(8)
    found: list[int] = []
    asking = [
        threading.Thread(target=lambda: found.append(answering.within(LONG, lambda: together.wait(LONG))))
        for _ in range(8)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert sorted(found) == list(range(8))


def test_an_answer_that_comes_just_in_time_is_never_lost():
    """Neither side may believe that the other has it."""
    answering = Answering(1000)
    late = 0
    for _ in range(200):
        try:
            assert answering.within(0.001, lambda: time.sleep(0.001) or "answer") == "answer"
        except NoAnswer:
            late += 1
    until(lambda: answering.owing == 0)
    assert late <= 200
