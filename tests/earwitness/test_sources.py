"""Settings: layers, origins, and what is said about wrong ones."""

from pathlib import Path

import pytest

from earwitness.errors import SettingsError
from earwitness.settings import InterfaceTap
from earwitness.sources import load
from recorder.protocol.connections import PORTS


def written(folder: Path, text: str) -> Path:
    file = folder / "earwitness.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_each_layer_covers_the_one_below_and_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, '[finish]\nbitrate = 16000\ncomplexity = 1\nformat = "wav"\n')
    environ = {"EARWITNESS_FINISH__COMPLEXITY": "2", "EARWITNESS_FINISH__FORMAT": "flac"}
    loaded = load(file, environ, ["finish.format=opus"])
    assert (loaded.settings.finish.bitrate, loaded.settings.finish.complexity) == (16000, 2)
    assert loaded.settings.finish.format == "opus"
    assert loaded.origins == {
        "finish.bitrate": str(file),
        "finish.complexity": "environment",
        "finish.format": "command line",
    }


def test_taps_are_told_apart_by_their_kind(tmp_path: Path) -> None:
    file = written(tmp_path, '[[taps]]\nkind = "interface"\ninterface = "eth1"\n')
    (tap,) = load(file, {}).settings.taps
    assert isinstance(tap, InterfaceTap)
    assert tap.interface == "eth1"


def test_lists_are_json_in_the_environment() -> None:
    loaded = load(None, {"EARWITNESS_TAPS": '[{"kind": "simulator", "agents": 3}]'})
    assert [tap.kind for tap in loaded.settings.taps] == ["simulator"]


_TARGET = '[[targets]]\nname = "a"\nkind = "local"\nfolder = "/a"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[finish]\nbitrat = 1", "finish.bitrat (from {file}); did you mean finish.bitrate?"),
        ("[finsh]\nbitrate = 16000", "finsh (from {file}); did you mean finish?"),
        ("bitrate = 16000", "bitrate (from {file}); did you mean finish.bitrate?"),
        ('[[taps]]\nkind = "interface"\ninterfac = "x"', "did you mean taps.0.interface?"),
        (
            "[finish]\nbitrate = 10",
            "finish.bitrate (from {file}): input should be greater than or equal to 8000.",
        ),
        (
            '[numbers]\nregion = "XX"',
            "there is no country XX: use two letters of ISO 3166, such as CN, DE or US",
        ),
        ('[numbers]\nranges = ["0218-02199"]', "'0218-02199' is no range of numbers: both must have as many"),
        ('[numbers]\nranges = ["sales"]', "'sales' is no range of numbers: write 02188880000-02188889999,"),
        ('[numbers]\ntrunks = ["pbx"]', "'pbx' is no signalling address: write 203.0.113.0/24,"),
        ('[numbers]\ntrunks = ["203.0.113.7/24"]', "has host bits set"),
        ('[numbers]\ntrunks = ["203.0.113.7:70000"]', "has no port that can be"),
        (
            '[numbers]\nservices = ["*97"]',
            "'*97' is no regular expression: nothing to repeat at character 1; a sign that stands for itself",
        ),
        (
            '[numbers]\nservices = ["5{99999999999}"]',
            "numbers.services.0 (from {file}): it is too large for a regular expression: the repeti",
        ),
        ("[numbers]\nservices = [500]", "it should be a regular expression, in quotes"),
        ('[numbers]\nservices = "500"', 'anything else in single ones: ["…"]'),
        ('[numbers]\noutside_prefix = "+"', "numbers.outside_prefix (from {file})"),
        ("[finish", "{file} is not valid TOML"),
        (
            f'{_TARGET}[[targets]]\nname = "b"\nkind = "ftps"',
            "(from {file}, [[targets]] number 2): there is no kind 'ftps'; there are local, usb, ftp, sftp,",
        ),
        (
            "[[taps]]\nagents = 3",
            "taps.0.kind (from {file}, [[taps]] number 1): it is missing; write one of interface, pcap and",
        ),
        (f"{_TARGET}port = 5", "There is no setting targets.0.port (from {file}, [[targets]] number 1)."),
        (
            '[[targets]]\nname = "b"\nkind = "usb"',
            "targets.0.volume (from {file}, [[targets]] number 1): it is",
        ),
        ('[targets]\nkind = "usb"', "targets (from {file}): it should be a list; a table that there may be"),
        ('targets = ["usb"]', "targets.0 (from {file}): it should be a table, with a name and a value in"),
        ("data = 5", "data (from {file}): it should be a path, in quotes."),
        (
            '[[placement]]\nto = ["a"]\n[placement.calls]\nstates = ["lost"]',
            "placement.0.calls.states.0 (from {file}, [[placement]] number 1): input should be 'answered',",
        ),
        (
            '[[targets]]\nname = "B b"\nkind = "ftp"\nhost = "h"\nuser = "u"\npassword = "file:/p"',
            "targets.0.name (from {file}, [[targets]] number 1): a name has up to 32 small letters,",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load(file, {})
    assert said.format(file=file) in str(caught.value)


def test_a_secret_that_stands_in_the_settings_is_not_said_again(tmp_path: Path) -> None:
    ftp = '[[targets]]\nname = "a"\nkind = "ftp"\nhost = "h"\nuser = "u"\npassword = "hunter2"\n'
    file = written(tmp_path, f'{ftp}[encryption]\nmaster_key = "c2VjcmV0"\n')
    with pytest.raises(SettingsError) as caught:
        load(file, {})
    said = str(caught.value)
    assert "say where the secret is, not the secret itself: env:NAME or file:/path" in said
    assert "say where the key is, not the key itself: file:/path, env:NAME or kms:/path" in said
    assert "hunter2" not in said
    assert "c2VjcmV0" not in said
    for place in ("", "env:A_1", "file:/etc/x"):
        loaded = load(written(tmp_path, ftp.replace("hunter2", place)), {})
        assert loaded.settings.targets[0].password == place
    with pytest.raises(SettingsError, match="say where the secret is"):
        load(written(tmp_path, ftp.replace("hunter2", "kms:/etc/x")), {})


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no settings file"):
        load(tmp_path / "none.toml", {})


def test_an_unknown_variable_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"EARWITNESS_FINSH__FORMAT .* did you mean EARWITNESS_FINISH"):
        load(None, {"EARWITNESS_FINSH__FORMAT": "wav"})


def test_an_unknown_name_below_a_known_variable_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"finish\.formt .*did you mean finish\.format"):
        load(None, {"EARWITNESS_FINISH__FORMT": "wav"})


def test_an_assignment_needs_a_name_and_a_value() -> None:
    with pytest.raises(SettingsError, match="write NAME=VALUE"):
        load(None, {}, ["finish.bitrate"])


def test_text_needs_no_quotes_in_an_assignment() -> None:
    assert load(None, {}, ["recorder.name=hall 2"]).settings.recorder.name == "hall 2"


def test_signalling_ports_are_those_that_the_engine_follows_by_itself() -> None:
    assert sorted(load(None, {}).settings.signalling.tcp_ports) == sorted(PORTS)


def test_more_ports_than_the_kernel_can_tell_are_refused() -> None:
    some = list(range(6000, 6040, 2))
    with pytest.raises(SettingsError, match=r"signalling.tcp_ports .*: these are 20 ranges .* takes 16"):
        load(None, {}, [f"signalling.tcp_ports={some}"])
    assert load(None, {}, [f"signalling.tcp_ports={list(range(6000, 6500))}"])
