"""Whether the keys of encrypted signalling can be used by whom they must, and by nobody else."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from earwitness import privileges, recording
from earwitness.errors import HostError
from earwitness.host.finding import Finding, warning, well, wrong
from earwitness.settings import Settings
from recorder.errors import KeyFileError


def check(settings: Settings) -> Iterator[Finding]:
    """The key log and the servers' keys, where the settings name any."""
    signalling = settings.signalling
    files = [*filter(None, [signalling.tls_key_log]), *signalling.tls_rsa_keys]
    if not files:
        return
    try:
        recording.tls_keys(signalling)
    except KeyFileError as error:
        yield wrong("TLS keys", str(error).rstrip("."), "mend the file, or take it out of [signalling]")
        return
    user = settings.user if os.geteuid() == 0 else ""
    shut = [file for file in files if user and not may_read(file, user)]
    if shut:
        names = ", ".join(map(str, shut))
        yield wrong(
            "TLS keys",
            f"{names}: not readable by {user}, who records",
            f"chgrp {user} FILE and chmod 640 FILE, and let {user} into its folder",
        )
        return
    bare = [file for file in files if file.stat().st_mode & stat.S_IROTH]
    if bare:
        names = ", ".join(map(str, bare))
        yield warning("TLS keys", f"{names}: everybody on this machine can read them", "chmod o= FILE")
    else:
        yield well("TLS keys", f"{len(files)} in use: encrypted signalling can be read")


def may_read(file: Path, user: str) -> bool:
    """Whether the file's mode lets the user read it, who has given up all other groups."""
    try:
        who = privileges.identity(user)
    except HostError:
        return False
    state = file.stat()
    if state.st_uid == who.uid:
        return bool(state.st_mode & stat.S_IRUSR)
    if state.st_gid == who.gid:
        return bool(state.st_mode & stat.S_IRGRP)
    return bool(state.st_mode & stat.S_IROTH)
