"""Whether the keys that were given open what the catalogue holds: asked before it is used."""

from storage.catalogue import Catalogue
from storage.encryption.keyring import KeyOpener
from storage.encryption.wrapping import read_document
from storage.errors import WrongKey


def refuse_wrong_keys(catalogue: Catalogue, opener: KeyOpener) -> None:
    """Raise ``WrongKey`` where calls are encrypted with a master key that is not among those given.

    One call of each master key is tried.
    """
    for master in catalogue.keys.masters():
        row = catalogue.keys.wrapped_with(master, limit=1)[0]
        try:
            opener.open(read_document(row.document))
        except WrongKey:
            count = catalogue.keys.count(master)
            raise WrongKey(
                f"Calls are encrypted with the master key {master} ({count:,} in all), and the settings give "
                f"{opener.masters or 'none'}. Put it back in encryption.master_key, or, after a change "
                "of keys, in encryption.previous; `earwitness keys show` tells which key is which. "
                "Nothing was archived or read."
            ) from None
