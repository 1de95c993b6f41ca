"""Disks that were taken away: with calls, without, and encrypted."""

import base64
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from storage.archive_names import audio_name, key_name, sidecar_name
from storage.catalogue import Agent, Catalogue, Copy, sqlite_url
from storage.encryption import blob
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.masterkey import MasterKey
from storage.encryption.recipients import Passphrase, Recipient
from storage.media import About, Upkeep
from storage.media.medium_key import key_for
from storage.model import CallState
from storage.targets import LocalTarget
from tests.e2e.calls import AGENTS, tell
from tests.e2e.voices import conversation
from tests.qa_api.recordings import opus, sha256

CALLS = 130
SECONDS = 24.0
PASSPHRASE = "open sesame"
_MASTER = b"m" * 32


def fill(folder: Path, now: datetime, calls: int = CALLS, maker: KeyMaker | None = None) -> Path:
    """A disk in ``folder`` with so many calls, the newest just now, the third one tagged; where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue, target = Catalogue(sqlite_url(folder / "catalogue.db")), LocalTarget(folder / "disk")
    for extension, name in AGENTS.items():
        catalogue.agents.put(Agent(extension, name))
    audio = opus(conversation(SECONDS, 1))
    for number in range(calls):
        story = tell(number, now, SECONDS)
        call, name = story.call, audio_name(story.call, "opus")
        if call.state is CallState.ANSWERED:
            call = story.recorded(name, len(audio), sha256(audio))
            stored = audio
            if maker is not None:
                key = maker.new(call.id)
                stored = blob.encrypt(audio, key.data, name)
                target.put(key_name(call), key.row.document.encode())
            target.put(name, stored)
        catalogue.calls.add(call, [Copy("usb", sidecar_name(call), 1, "0" * 64, now)])
        if number == 2:
            catalogue.tags.put(call.id, "投诉", "qa", now)
    lock = key_for(target, maker, KeyOpener()) if maker else None
    upkeep = Upkeep(catalogue, "usb", target, About(volume="box-7", installation="x"), lock)
    while upkeep.run_once(now):
        pass
    catalogue.close()
    return folder / "disk"


def closed(folder: Path, now: datetime) -> Path:
    """An encrypted disk in ``folder``, and beside it the files of the keys that open it."""
    folder.mkdir()
    rsa, x25519 = generate_private_key(65537, 2048), X25519PrivateKey.generate()
    for name, key in (("rsa.pem", rsa), ("x25519.pem", x25519)):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / name).write_bytes(pem)
    (folder / "master").write_bytes(base64.b64encode(_MASTER) + b"\n")
    (folder / "wrong").write_bytes(base64.b64encode(b"w" * 32) + b"\n")
    recipients = [Recipient(rsa.public_key()), Recipient(x25519.public_key())]
    # As many rounds as in use would be a second of each test.
    maker = KeyMaker(MasterKey(_MASTER), recipients, Passphrase(PASSPHRASE, rounds=2000))
    return fill(folder, now, 30, maker)
