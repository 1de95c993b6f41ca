"""The key of a medium: one for as long as it lies there, wrapped for those who may open it now."""

import pytest

from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.recipients import Passphrase
from storage.errors import WrongKey
from storage.media import About, Upkeep
from storage.media.medium_key import key_for
from storage.media.reading import Reading
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_master
from tests.storage.handoffs import a_call
from tests.storage.media.centre import NOW, arrive


def words(text: str) -> Passphrase:
    return Passphrase(text, rounds=1000)


def keep(catalogue, target, maker: KeyMaker, *masters: int) -> int:
    opener = KeyOpener([a_master(number) for number in masters])
    upkeep = Upkeep(catalogue, "usb", target, About(installation="x"), key_for(target, maker, opener))
    rounds = 0
    while upkeep.run_once(NOW):
        rounds += 1
    return rounds


def opens(target, opener: KeyOpener) -> bool:
    try:
        reading = Reading(target, opener)
    except WrongKey:
        return False
    return [row.id for day in reading.days() for row in reading.rows(day)] == [a_call().id]


def test_another_master_key_another_passphrase(catalogue):
    target = MemoryTarget()
    arrive(catalogue, a_call())
    assert keep(catalogue, target, KeyMaker(a_master(1), passphrase=words("first")), 1) == 1
    shard = next(iter(target.list("browse/2")))
    assert keep(catalogue, target, KeyMaker(a_master(2), passphrase=words("second")), 1, 2) == 0
    assert next(iter(target.list("browse/2"))) == shard
    assert [opens(target, KeyOpener([a_master(number)])) for number in (1, 2)] == [False, True]
    given = [KeyOpener(passphrases=[words(text)]) for text in ("first", "second")]
    assert [opens(target, opener) for opener in given] == [False, True]


def test_what_is_wrapped_for_all_stays(catalogue):
    target = MemoryTarget()
    maker = KeyMaker(a_master(1), passphrase=words("same"))
    arrive(catalogue, a_call())
    keep(catalogue, target, maker, 1)
    before = b"".join(target.get("browse/medium.js"))
    keep(catalogue, target, KeyMaker(a_master(1), passphrase=words("same")), 1)
    assert b"".join(target.get("browse/medium.js")) == before


@pytest.mark.parametrize("masters", [(), (3,)])
def test_a_key_that_nothing_opens_gives_way(catalogue, masters):
    target = MemoryTarget()
    arrive(catalogue, a_call())
    keep(catalogue, target, KeyMaker(a_master(1)), 1)
    assert keep(catalogue, target, KeyMaker(a_master(3)), *masters) == 1
    assert opens(target, KeyOpener([a_master(3)]))
