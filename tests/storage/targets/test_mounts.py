"""What is mounted, as the kernel tells it."""

from pathlib import Path

from storage.targets.mounts import Mount, mounts, parse

TEXT = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 8:1 / /media/ann/Backup\\040Disk\\0111\\1342 rw,nosuid shared:5 master:2 - vfat /dev/sdb1 rw,uid=1000
41 27 8:17 / /mnt/usb ro,relatime - exfat /dev/sdc1 rw
42 27 8:33 / /mnt/broken rw,relatime - ext4 /dev/sdd1 ro,errors=remount-ro
43 27 8:49 / /mnt/usb rw,relatime - ext4 /dev/sde1 rw
44 27 0:33 / /mediastore rw - tmpfs - rw
not a line of this file
45 27 0:33 / /cut rw - tmpfs -
"""


def test_places_devices_kinds_and_what_may_be_written():
    assert parse(TEXT) == [
        Mount(Path("/"), "/dev/vda", "ext4", True),
        Mount(Path("/media/ann/Backup Disk\t1\\2"), "/dev/sdb1", "vfat", True),
        Mount(Path("/mnt/broken"), "/dev/sdd1", "ext4", False),
        Mount(Path("/mnt/usb"), "/dev/sde1", "ext4", True),
        Mount(Path("/mediastore"), "-", "tmpfs", True),
    ]


def test_those_below_the_roots_and_at_them():
    found = parse(TEXT, (Path("/media"), Path("/mnt/usb/")))
    assert [mount.device for mount in found] == ["/dev/sdb1", "/dev/sde1"]


def test_this_machine_has_a_root():
    assert Path("/") in [mount.point for mount in mounts()]
