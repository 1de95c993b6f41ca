import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import segmenter
from indexer.words import Part, folded, joined, phrases, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Refund policy!", ["refund", "policy"]),
        ("退款政策", ["退款", "款政", "政策", "策"]),
        ("iPhone手机 8001", ["iphone", "手机", "机", "8001"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("Café Straße", ["cafe", "strasse"]),
        ("の", ["の"]),
        ("…", []),
    ],
)
def test_tokens(text, expected):
    assert tokens(text) == expected


def test_unquoted_chinese_is_cut_into_words_and_quoted_is_kept_together():
    assert phrases("退款政策") == ((Part(0, "退款"),), (Part(0, "政策"),))
    assert phrases("退款政策", whole=True) == ((Part(0, "退款"), Part(1, "款政"), Part(2, "政策")),)


def test_a_phrase_goes_over_scripts_in_their_places():
    assert phrases("买手机 case", whole=True) == ((Part(0, "买手"), Part(1, "手机"), Part(3, "case")),)


def test_one_character_is_found_in_any_place():
    assert phrases("政") == ((Part(0, "政", prefix=True),),)
    assert phrases("用iPhone", whole=True) == ((Part(0, "用"), Part(1, "iphone")),)


def test_the_last_word_may_go_on():
    assert phrases("re-fund", prefix=True) == ((Part(0, "re"),), (Part(0, "fund", prefix=True),))


def test_texts_are_kept_apart():
    row = joined(["a b", "", "c"])
    assert [row[0], row[1], row[-1]] == ["a", "b", "c"]
    assert tokens(row[2]) == []


@given(st.text(max_size=30))
def test_tokens_are_folded_and_without_blanks(text: str):
    for token in tokens(text):
        assert token
        assert not any(character.isspace() for character in token)
        assert tokens(token) == tokens(folded(token))


@given(st.text(alphabet="退款政策请问的a 1", min_size=1, max_size=12), st.data())
def test_whatever_stands_in_a_text_is_found_by_any_part_of_it(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    if any(character in "a1" for character in part):
        return
    row = tokens(text)
    for phrase in phrases(part, whole=True):
        assert any(
            all(
                at + wanted.offset < len(row)
                and (
                    row[at + wanted.offset].startswith(wanted.token)
                    if wanted.prefix
                    else row[at + wanted.offset] == wanted.token
                )
                for wanted in phrase
            )
            for at in range(len(row))
        )


def test_the_dictionary_loads_in_silence():
    code = (
        "from indexer import segmenter; segmenter.warm_up().join(); "
        "assert segmenter.cut('我要投诉客服') == ['我要', '投诉', '客服'], segmenter.cut('我要投诉客服')"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_words_joined_are_the_text():
    text = "您好这里是客服中心请问有什么可以帮您"
    assert "".join(segmenter.cut(text)) == text
