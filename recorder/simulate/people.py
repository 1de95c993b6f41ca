"""Names and telephone numbers that look like real ones and belong to nobody in particular."""

from dataclasses import dataclass

import numpy as np

HOTLINES = ("4008208888", "02161234567", "95500")
"""Numbers of the call centre that people dial."""

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    "伟",
    "芳",
    "娜",
    "秀英",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "涛",
    "明",
    "超",
    "霞",
    "平",
    "刚",
    "建华",
    "文博",
    "子涵",
    "雨桐",
    "浩然",
    "思远",
    "欣怡",
)
_FIRST = (
    "James",
    "Mary",
    "Wei",
    "Linda",
    "David",
    "Sofia",
    "Daniel",
    "Emma",
    "Ahmed",
    "Olivia",
    "Lucas",
    "Mia",
    "Noah",
    "Grace",
    "Ivan",
    "Chloe",
)
_LAST = (
    "Smith",
    "Garcia",
    "Miller",
    "Brown",
    "Davis",
    "Wilson",
    "Lee",
    "Martin",
    "Clark",
    "Walker",
    "Young",
    "Allen",
    "Scott",
    "Rossi",
)
_CHINESE_MOBILE = ("138", "139", "135", "150", "158", "186", "188", "177", "199")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a telephone: the display name and the number that dials them."""

    name: str
    number: str


def customer(rng: np.random.Generator) -> Person:
    """A caller from outside: mostly Chinese mobiles, some American (555) and British (7700 900) numbers."""
    kind = rng.random()
    if kind < 0.7:
        return Person(_chinese_name(rng), rng.choice(_CHINESE_MOBILE) + _digits(rng, 8))
    if kind < 0.92:
        return Person(_english_name(rng), f"+1{rng.integers(201, 990)}555{_digits(rng, 4)}")
    return Person(_english_name(rng), f"+447700900{_digits(rng, 3)}")


def agents(count: int, rng: np.random.Generator) -> list[Person]:
    """``count`` agents with extensions from 8001 on, names in Chinese and English in turn."""
    names = (_chinese_name, _english_name)
    return [Person(names[index % 2](rng), str(8001 + index)) for index in range(count)]


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _chinese_name(rng: np.random.Generator) -> str:
    return _FAMILY[rng.integers(len(_FAMILY))] + _GIVEN[rng.integers(len(_GIVEN))]


def _english_name(rng: np.random.Generator) -> str:
    return f"{_FIRST[rng.integers(len(_FIRST))]} {_LAST[rng.integers(len(_LAST))]}"
