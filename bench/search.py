"""Search over many calls: how fast they are indexed, and how long typical queries take.

Times of queries are CPU of the searching thread, in milliseconds, so that a busy machine does not count;
the wall time of the slowest kind stands beside them. Ratios compare kinds of the same run. Run:
``python bench/search.py [--calls 100000] [--rounds 40]``; the budget is 50 ms p95 at a million calls.
"""

import argparse
import itertools
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from indexer.document import SearchDocument, Team, document
from indexer.engine import Key, Searching
from indexer.language import parse
from indexer.query import Query
from indexer.scope import EVERYTHING, Scope, own_released
from indexer.tantivy_engine import TantivyEngine, TantivyReader
from storage.model import Call, CallState, Direction, Event, Leg, Party, Side

START = datetime(2026, 1, 1, tzinfo=UTC)
AGENTS = [str(8000 + number) for number in range(300)]
TEAMS = [Team(f"t{number}", f"team {number}") for number in range(12)]
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周", "伟芳娜敏静丽强磊军洋"
HAN = "退款投诉订单发票物流账户密码套餐流量故障维修预约取消会员积分优惠快递地址合同续费"
CHINESE = [HAN[at : at + 2] for at in range(0, len(HAN), 2)] + [
    "".join(pair) for pair in itertools.permutations(HAN, 2)
]
LATIN = [
    "".join(parts)
    for parts in itertools.product(
        ("re", "con", "de", "pro"), "bdfgklmnprst", "aeiou", ("nt", "st", "rd", "ne")
    )
]
STATES = [CallState.ANSWERED] * 8 + [CallState.MISSED, CallState.BUSY]


def some(words: list[str], number: int, chance: random.Random) -> list[str]:
    """Words as often as in a language: the n-th is 1/n as frequent as the first (Zipf)."""
    return chance.choices(words, cum_weights=_weights(len(words)), k=number)


@cache
def _weights(number: int) -> tuple[float, ...]:
    return tuple(itertools.accumulate(1 / rank for rank in range(1, number + 1)))


def calls(count: int, chance: random.Random) -> Iterator[SearchDocument]:
    """Documents of ``count`` calls, in the order of their start."""
    spacing = timedelta(seconds=max(1, 31_000_000 // count))
    for number in range(count):
        start = START + number * spacing
        outside = f"1{chance.choice('3578')}{chance.randrange(10**9):09}"
        agent = chance.choice(AGENTS)
        end = start + timedelta(seconds=chance.expovariate(1 / 180))
        customer = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        inbound = chance.random() < 0.6
        sender, receiver = (outside, agent) if inbound else (agent, outside)
        note = "".join(some(CHINESE, 20, chance)) + " " + " ".join(some(LATIN, 20, chance))
        state = chance.choice(STATES)
        call = Call(
            id=str(uuid.UUID(int=chance.getrandbits(128))),
            start=start,
            end=end,
            duration=(end - start).total_seconds(),
            direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
            from_=sender,
            to=receiver,
            agent=agent,
            state=state,
            codecs=("PCMU",) if chance.random() < 0.7 else ("G722",),
            legs=(Leg(id="1", from_=sender, to=receiver, start=start, end=end, state=state),),
            parties=(
                Party(side=Side.A, name=customer, number=outside),
                Party(side=Side.B, name=f"Agent {agent}", number=agent),
            ),
            dtmf=str(chance.randrange(1000)) if inbound else "",
            events=(Event(at=start, kind="note", detail={"text": note}),),
        )
        team = TEAMS[int(agent) % len(TEAMS)]
        yield document(call, agent_name=f"Agent {agent}", team=team, released=chance.random() < 0.2)


def build(engine: TantivyEngine, count: int) -> list[SearchDocument]:
    """Index ``count`` calls, say how fast, and return some of them to ask for."""
    chance = random.Random(7)
    samples: list[SearchDocument] = []
    busy = made = 0.0
    batch: list[SearchDocument] = []
    before = time.process_time()
    for number, one in enumerate(calls(count, chance), 1):
        batch.append(one)
        if number % 10_000 == 0 or number == count:
            made += time.process_time() - before
            samples += chance.sample(batch, 20)
            before = time.process_time()
            engine.add(batch)
            engine.commit(number)
            busy += time.process_time() - before
            before = time.process_time()
            batch = []
    print(
        f"indexed {count:,} calls: {count / busy:,.0f} a CPU second (made: {count / made:,.0f} a CPU second)"
    )
    return samples


def kinds(sample: SearchDocument, chance: random.Random) -> dict[str, tuple[str, Scope]]:
    """A query of each kind, about a call that exists."""
    number = next(form for form in sample.numbers["number"] if len(form) == 11)
    day = f"{sample.start:%Y-%m-%d}"
    note = next(text for text in sample.text if " " in text and text[0] in HAN)
    chinese, latin = note.split(" ", 1)
    at = 2 * chance.randrange(len(chinese) // 2 - 1)
    word, *following = latin.split()[chance.randrange(18) :]
    return {
        "newest": ("", EVERYTHING),
        "agent": (f"agent:{sample.agent}", EVERYTHING),
        "whole number": (f"number:{number}", EVERYTHING),
        "end of a number, 4 digits": (f"number:*{number[-4:]}", EVERYTHING),
        "end of a number, 1 digit": (f"number:*{number[-1:]}", EVERYTHING),
        "beginning of a number": (f"number:{number[:7]}*", EVERYTHING),
        "middle of a number": (f"number:*{number[3:8]}*", EVERYTHING),
        "masked number": (f"number:{number[:3]}****{number[-4:]}", EVERYTHING),
        "one day": (f"on:{day}", EVERYTHING),
        "longer than 5 minutes": ("duration:>5m", EVERYTHING),
        "not answered": ("-state:answered", EVERYTHING),
        "word": (word, EVERYTHING),
        "phrase": (f'"{word} {following[0]}"', EVERYTHING),
        "Chinese, two words": (chinese[at : at + 4], EVERYTHING),
        "Chinese phrase": (f'"{chinese[at : at + 4]}"', EVERYTHING),
        "name": (f"name:{chance.choice(SURNAMES)}{chance.choice(GIVEN)}", EVERYTHING),
        "combined": (
            f"agent:{sample.agent} after:{day} duration:>2m state:answered {word}",
            EVERYTHING,
        ),
        "in a team": ("direction:inbound", Scope(teams=frozenset({sample.team}))),
        "own released": ("", own_released(sample.agent)),
    }


def cpu(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall milliseconds of ``work``."""
    thread, wall = time.thread_time(), time.perf_counter()
    work()
    return (time.thread_time() - thread) * 1e3, (time.perf_counter() - wall) * 1e3


def ask(searching: Searching, text: str, scope: Scope, after: Key | None = None) -> int:
    """One search as the API does it, from the text on; how many it found."""
    query = parse(text, now=START, zone=UTC)
    return searching.search(query, scope, after=after, limit=50).total


def measure(searching: Searching, samples: list[SearchDocument], rounds: int) -> None:
    """Print how long each kind of query takes."""
    chance = random.Random(9)
    taken: dict[str, list[tuple[float, float]]] = {}
    found: dict[str, list[int]] = {}
    for sample in [samples[0], *chance.choices(samples, k=rounds)]:
        for kind, (text, scope) in kinds(sample, chance).items():
            taken.setdefault(kind, []).append(
                cpu(
                    lambda text=text, scope=scope, kind=kind: found.setdefault(kind, []).append(
                        ask(searching, text, scope)
                    )
                )
            )
    print(f"{'query':28}{'p50':>9}{'p95':>9}{'wall p95':>10}{'found':>8}   ms")
    every: list[float] = []
    for kind, times in taken.items():
        warm = times[1:]
        every += (time for time, _ in warm)
        (mid, high), (_, wall) = (quantiles([time[side] for time in warm]) for side in (0, 1))
        print(f"{kind:28}{mid:9.2f}{high:9.2f}{wall:10.2f}{statistics.median(found[kind]):8.0f}")
    mid, high = quantiles(every)
    print(f"{'all kinds':28}{mid:9.2f}{high:9.2f}")


def quantiles(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]


def depth(searching: Searching, samples: list[SearchDocument], rounds: int) -> None:
    """Print what a page far down costs, over the first page of the same query."""
    oldest = min(samples, key=lambda sample: sample.start)
    far = Key(oldest.start + timedelta(days=30), "")
    for text in ("", f"agent:{oldest.agent}", "duration:>5m"):
        query = parse(text, now=START, zone=UTC)

        def page(query: Query = query, after: Key | None = None) -> None:
            searching.search(query, EVERYTHING, after=after, limit=50)

        first = quantiles([cpu(page)[0] for _ in range(rounds)])[0]
        deep = quantiles([cpu(lambda page=page: page(after=far))[0] for _ in range(rounds)])[0]
        print(f"deep page / first page, {text or 'all calls':14} {deep / first:5.2f}")


def main() -> None:
    """Build an index in a temporary folder and ask it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--calls", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=40)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = TantivyEngine(Path(folder))
        samples = build(engine, chosen.calls)
        engine.close()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        print(f"{size / chosen.calls:,.0f} bytes a call")
        reader = TantivyReader(Path(folder))
        measure(reader, samples, chosen.rounds)
        depth(reader, samples, chosen.rounds)


if __name__ == "__main__":
    main()
