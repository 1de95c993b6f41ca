#!/bin/sh
# Sees to the programs that the tests use and pip cannot install: as root on Debian installs them,
# elsewhere says what is missing; the tests that need it then skip by name.
set -eu

missing=""
has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"
command -v ip >/dev/null 2>&1 || missing="$missing iproute2"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
has mkfs.vfat || missing="$missing dosfstools"
has mkfs.exfat || missing="$missing exfatprogs"
grep -qw exfat /proc/filesystems || has mount.exfat-fuse || missing="$missing exfat-fuse"
has sshd || missing="$missing openssh-server"
has proftpd || missing="$missing proftpd-core"
[ -e /usr/lib/proftpd/mod_tls.so ] || missing="$missing proftpd-mod-crypto"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing from Debian for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # Servers are started by the tests that use them and by nobody else: in this run level none is.
    export RUNLEVEL=1
    apt-get -qq update
    # shellcheck disable=SC2086
    apt-get -qq install -y --no-install-recommends $missing >/dev/null
else
    echo "Not installed:$missing. The tests that need them will be skipped." >&2
    echo "On Debian: sudo apt-get install$missing" >&2
fi
