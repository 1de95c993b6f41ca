"""Every reason that the page can show has its Chinese."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web_ui.sentences import HOLE, sentences

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "web_ui/src/reasons/reasons.zh.json"
SAID = (
    "storage/carrying.py",
    "storage/durable.py",
    "storage/errors.py",
    "storage/helper.py",
    "storage/intake.py",
    "storage/lock.py",
    "storage/passage.py",
    "storage/reception.py",
    "storage/rejection.py",
    "storage/catalogue/engine.py",
    "storage/catalogue/heads.py",
    "storage/catalogue/runs.py",
    "storage/copies",
    "storage/encryption",
    "storage/retention",
    "storage/scrub",
    "storage/seals/keys.py",
    "storage/targets",
    "earwitness/health.py",
    "earwitness/keeping",
    "earwitness/parts",
    "earwitness/public_keys.py",
    "earwitness/rotating.py",
    "earwitness/secret.py",
    "earwitness/verifying.py",
    "qa_api/archive_work.py",
    "recorder/alarms.py",
)
"""Where the reasons of targets, runs and parts, and of what is refused, are written."""
_SENTENCE = re.compile(r"[A-Z{`].*(?:\.|[:.] \{\})", re.DOTALL)


def shown() -> Iterator[tuple[str, str]]:
    """Where each sentence is, and the sentence."""
    for place in SAID:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for line, text in sentences(file):
                if _SENTENCE.fullmatch(text.strip()):
                    yield f"{file.relative_to(ROOT)}:{line}", text.strip()


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    found: dict[str, str] = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return found


def nameless(pattern: str) -> str:
    return re.sub(r"\{\w+\}", HOLE, pattern)


def test_every_reason_in_the_code_is_translated(catalogue: dict[str, str]) -> None:
    known = {nameless(english) for english in catalogue}
    assert [f"{where} {text}" for where, text in shown() if text not in known] == []


def test_every_translated_sentence_is_one_of_the_code(catalogue: dict[str, str]) -> None:
    said = {text for _, text in shown()}
    sentences_of_catalogue = [english for english in catalogue if _SENTENCE.fullmatch(nameless(english))]
    assert [english for english in sentences_of_catalogue if nameless(english) not in said] == []


def test_a_translation_fills_in_what_the_reason_does(catalogue: dict[str, str]) -> None:
    names = re.compile(r"\{(\w+)\}")
    wrong = [one for one, other in catalogue.items() if set(names.findall(one)) != set(names.findall(other))]
    assert wrong == []
