"""The keys of recordings, from settings to the objects of storage."""

import os
from collections.abc import Mapping

from earwitness import wiring
from earwitness.settings import Settings
from storage.catalogue import Catalogue
from storage.encryption.keyring import CatalogueKeyring, KeyMaker, KeyOpener
from storage.encryption.masterkey import MasterKey, load_master, secret_text
from storage.encryption.recipients import Passphrase, load_recipient
from storage.encryption.start import refuse_wrong_keys
from storage.encryption.target import EncryptedTarget
from storage.errors import KeyUnusable
from storage.targets.contract import Target


def masters(settings: Settings) -> list[MasterKey]:
    """The master key, and those that it took the place of. Raises ``KeyUnusable``."""
    places = [settings.encryption.master_key, *settings.encryption.previous]
    return [load_master(place) for place in places if place]


def maker(settings: Settings) -> KeyMaker | None:
    """What makes keys for new calls; None where they are not encrypted. Raises ``KeyUnusable``."""
    chosen = settings.encryption
    if not chosen.master_key:
        return None
    words = secret_text(chosen.passphrase, os.environ, "passphrase").rstrip("\n") if chosen.passphrase else ""
    recipients = [load_recipient(path) for path in chosen.recipients]
    return KeyMaker(load_master(chosen.master_key), recipients, Passphrase(words) if words else None)


def keyring(settings: Settings, catalogue: Catalogue, medium: Target | None = None) -> CatalogueKeyring:
    """The keys of the calls of the catalogue.

    Raises ``WrongKey`` where the settings do not hold the master key of some of them, ``KeyUnusable``.
    """
    opener = KeyOpener(masters(settings))
    refuse_wrong_keys(catalogue, opener)
    return CatalogueKeyring(catalogue, opener, maker(settings), medium)


def readable(
    settings: Settings, catalogue: Catalogue, keys: CatalogueKeyring | None = None
) -> Mapping[str, Target]:
    """The archive targets as they are read by people: what is encrypted lies open, with ``keys`` or else with
    those of the settings. Raises as ``keyring``."""
    keys = keys or keyring(settings, catalogue)
    raw = wiring.targets(settings, catalogue)
    return {name: EncryptedTarget(target, keys) for name, target in raw.items()}


def refuse_outdated(opener: KeyOpener, catalogue: Catalogue) -> None:
    """Raise ``KeyUnusable`` where calls are encrypted with a master key that is not here: the settings have
    changed since this process read them, and what it encrypts might not be opened by anybody soon."""
    outdated = opener.outdated(catalogue)
    if outdated:
        raise KeyUnusable(outdated)


def refuse_start(settings: Settings) -> None:
    """Raise ``WrongKey`` or ``KeyUnusable`` where parts that archive or read could not."""
    opener = KeyOpener(masters(settings))
    maker(settings)
    if settings.catalogue.url or settings.folders.catalogue.is_file():
        catalogue = wiring.catalogue(settings)
        try:
            refuse_wrong_keys(catalogue, opener)
        finally:
            catalogue.close()
