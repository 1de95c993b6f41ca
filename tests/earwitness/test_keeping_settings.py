"""Settings of keeping that cannot be meant are refused when they are read, in words for people."""

import pytest
from pydantic import ValidationError

from earwitness.errors import SettingsError
from earwitness.keeping.places import placement
from earwitness.keeping.plan import plan
from earwitness.keeping_settings import SnapshotSettings, bytes_per_second
from earwitness.sources import load
from earwitness.targets import open_target


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10 MB/s", 10_000_000),
        ("100 KB/s", 100_000),
        ("100kB/s", 100_000),
        ("1.5 mB/s", 1_500_000),
        ("512 KiB/s", 524_288),
        ("1 GIB/s", 1 << 30),
        ("7 B/s", 7),
        ("", None),
    ],
)
def test_rates(text, rate):
    assert bytes_per_second(text) == rate


@pytest.mark.parametrize("text", ["fast", "0 MB/s", "10 MB", "10 Mb/s", "-1 kB/s", "1 TB/s"])
def test_what_is_no_rate(text):
    with pytest.raises(ValueError, match="is no rate: write it as 10 MB/s"):
        bytes_per_second(text)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (
            "schedule",
            "every day",
            "'every day' is no schedule: it needs five fields. Write continuous",
        ),
        ("schedule", "99 2 * * *", "'99 2 * * *' is no schedule: Bad minute. Write continuous"),
        (
            "window",
            "25:00-06:00",
            "'25:00-06:00' is no window: write two times of the day, such",
        ),
        ("window", "20-06", "'20-06' is no window"),
        ("bandwidth", "fast", "'fast' is no rate: write it as 10 MB/s"),
    ],
)
def test_times_and_rates_of_a_target_are_read_with_the_settings(tmp_path, field, value, said):
    file = tmp_path / "e.toml"
    file.write_text(f'[[targets]]\nname = "nas"\nkind = "local"\nfolder = "/srv/nas"\n{field} = "{value}"\n')
    with pytest.raises(SettingsError) as raised:
        load(file, {}, [])
    assert str(raised.value).startswith(
        f"targets.0.{field} (from {file}, [[targets]] number 1): of the target nas, {said}"
    )
    assert not str(raised.value).endswith("..")


def test_the_schedule_of_snapshots_is_read_with_the_settings():
    with pytest.raises(ValidationError, match="is no schedule"):
        SnapshotSettings(schedule="never")


@pytest.mark.parametrize(("days", "once"), [(0, False), (30, True)])
def test_a_bucket_that_locks_is_written_once_and_gets_no_keys(tmp_path, days, once):
    file = tmp_path / "e.toml"
    file.write_text(
        f'data = "{tmp_path}"\n[[targets]]\nname = "s3"\nkind = "s3"\nbucket = "calls"\nlock_days = {days}\n'
    )
    settings = load(file, {}, []).settings
    assert settings.targets[0].write_once is once
    assert placement(settings).keyless == ({"s3"} if once else set())
    assert plan(settings).targets[1].write_once is once
    assert open_target(settings.targets[0], patience=None).capabilities.deletes is not once


def refused(tmp_path, text: str) -> str:
    """What is said of these settings."""
    file = tmp_path / "e.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load(file, {}, [])
    return str(raised.value)


NAS = '[[targets]]\nname = "nas"\nkind = "local"\nfolder = "/srv/nas"\n'
BUCKET = '[[targets]]\nname = "cloud"\nkind = "s3"\nbucket = "calls"\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'role = "primary"\nschedule = "daily"',
            (
                "schedule: calls come in on nas, and do so at once; what waits for its time is a copy. To "
                "spare the line, limit the bandwidth. Take schedule out"
            ),
        ),
        ('role = "primary"\nwindow = "20:00-06:00"', "window: calls come in on nas, and do so at once"),
        ('role = "export"\nschedule = "hourly"', "schedule: what people send to nas goes at once"),
        ('role = "export"\nwindow = "20:00-06:00"', "window: what people send to nas goes at once"),
    ],
)
def test_times_of_a_target_that_keeps_to_none_are_refused(tmp_path, line, said):
    assert said in refused(tmp_path, f"{NAS}{line}\n")


def test_times_that_say_what_is_so_anyhow_and_the_bandwidth_of_any_target_are_taken(tmp_path):
    file = tmp_path / "e.toml"
    file.write_text(f'{NAS}role = "primary"\nschedule = "continuous"\nwindow = ""\nbandwidth = "2 MB/s"\n')
    assert load(file, {}, []).settings.targets[0].bandwidth == "2 MB/s"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f'{BUCKET}role = "primary"\n[space]\nfree_percent = 10\n',
            "space.free_percent: calls come in on cloud, and a bucket does not tell how much room is left",
        ),
        (
            f'{NAS}[[placement]]\nto = ["nas"]\ncopies = 2\n',
            "copies: 2 are wanted, and to names 1 target",
        ),
        (
            f'{NAS}[[placement]]\nto = ["nas", "nas"]\ncopies = 2\n',
            "to: nas stands there twice, and holds one copy",
        ),
        (
            (
                '[[targets]]\nname = "f"\nkind = "ftp"\nhost = "h"\nuser = "u"\npassword = "env:P"\n'
                'tls = false\nca_file = "/etc/ca.pem"\n'
            ),
            "ca_file: with tls = false nothing is encrypted",
        ),
        (f'{BUCKET}kms_key = "alias/calls"\n', 'kms_key: it is used with encryption = "aws:kms" only'),
        (
            '[encryption]\nrecipients = ["/etc/escrow.pem"]\n',
            "recipients: without a master_key nothing is encrypted",
        ),
        (
            '[encryption]\npassphrase = "env:WORDS"\n',
            "passphrase: without a master_key nothing is encrypted",
        ),
    ],
)
def test_what_would_be_passed_over_in_silence_is_refused(tmp_path, text, said):
    assert said in refused(tmp_path, text)
