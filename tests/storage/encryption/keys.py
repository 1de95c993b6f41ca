"""Keys of tests."""

from storage.catalogue import Catalogue
from storage.encryption.keyring import CatalogueKeyring, KeyMaker, KeyOpener
from storage.encryption.masterkey import MasterKey
from storage.targets.contract import Target


def a_master(number: int = 1) -> MasterKey:
    """The same master key each time, and another one for each number."""
    return MasterKey(bytes([number]) * 32)


def a_keyring(catalogue: Catalogue, number: int = 1, medium: Target | None = None) -> CatalogueKeyring:
    """A keyring that encrypts new calls with ``a_master(number)``."""
    master = a_master(number)
    return CatalogueKeyring(catalogue, KeyOpener([master]), KeyMaker(master), medium)
