"""`matchbook doctor` finds secrets that others can read, that are none, or that stand elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from matchbook import audit, registry
from matchbook.cli.doctor import CHECKS
from matchbook.cli.exposure import leaks, permissions, placeholders
from matchbook.errors import ConfigError
from matchbook.keys import load_keys
from matchbook.registry import Client, Registry, StorageLocation
from matchbook.settings import Settings
from tests.demo_home import describe_world

SECRET = "Zw9-c0rrect-h0rse"
NAME = "MATCHBOOK_CEP_ACME"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    load_keys(settings.keys)
    return settings


def test_P40_a_good_home_has_nothing_to_say(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, SECRET)
    registry.replace(home, Registry(clients=(Client(client_id="acme", name="Acme"),)), by="a test")
    for check in (permissions, placeholders, leaks):
        assert check(home)
    assert {"modes", "secrets", "leaks"} <= set(CHECKS)


@pytest.mark.parametrize(
    ("path", "mode", "todo"),
    [("keys", 0o755, "chmod 700"), ("keys/cookie.key", 0o640, "chmod 600"),
     ("keys/cep/acme", 0o604, "chmod 600"), ("keys/known_hosts", 0o666, "chmod 600"),
     (".", 0o777, "chmod 750")],
)  # fmt: skip
def test_what_is_open_to_others_is_named(home: Settings, path: str, mode: int, todo: str) -> None:
    file = home.home / path
    file.parent.mkdir(exist_ok=True, mode=0o700)
    if not file.exists():
        file.write_text("host key")
    before = file.stat().st_mode
    file.chmod(mode)
    with pytest.raises(ConfigError, match=todo):
        permissions(home)
    file.chmod(before)


def test_host_keys_are_no_secret(home: Settings) -> None:
    (home.keys / "known_hosts").write_text("sftp.example ssh-ed25519 AAAA")
    (home.keys / "known_hosts").chmod(0o644)
    assert permissions(home)


def test_where_others_are_served_the_home_is_not_everybodys(home: Settings) -> None:
    home.home.chmod(0o755)
    assert permissions(home)
    with pytest.raises(ConfigError, match="chmod 750"):
        permissions(Settings(home=home.home, host="192.0.2.1"))


@pytest.mark.parametrize(
    "value",
    ["changeme", "CHANGE_ME", "<password>", "xxxxxx", "your-secret", "${PASSWORD}", "aaaaaa"],
)
def test_placeholders_are_found(
    home: Settings, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ConfigError, match=f"env:{NAME}") as found:
        placeholders(home)
    assert value not in str(found.value)


def test_a_name_that_holds_nothing_is_found(home: Settings) -> None:
    place = StorageLocation(
        location_id="drop", url="s3://drop/in/", credentials="env:MATCHBOOK_STORAGE_NONE"
    )
    acme = Client(client_id="acme", name="Acme", storage=(place,))
    registry.replace(home, Registry(clients=(acme,)), by="a test")
    with pytest.raises(ConfigError, match="holds nothing"):
        placeholders(home)


def test_a_demos_keys_are_for_nobody_else(home: Settings) -> None:
    describe_world(home.home)
    assert placeholders(home)
    with pytest.raises(ConfigError, match="everybody knows"):
        placeholders(Settings(home=home.home, host="192.0.2.1"))


@pytest.mark.parametrize("place", ["registry/3.json", "collector.log"])
def test_P40_a_secret_in_a_file_is_found(
    home: Settings, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv(NAME, SECRET)
    file = home.home / place
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\0" * 100_000 + json.dumps({"password": SECRET}).encode())
    with pytest.raises(ConfigError, match="A secret stands in") as found:
        leaks(home)
    assert SECRET not in str(found.value)


def test_P40_a_secret_in_the_state_is_found(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, SECRET)
    audit.record(home, actor=f"by {SECRET}", client_id=None, action="typed_it_here", subjects=0)
    with pytest.raises(ConfigError, match="the state"):
        leaks(home)


def test_P40_a_key_in_a_file_is_found(home: Settings) -> None:
    (home.home / "night.log").write_text((home.keys / "identifiers.key").read_text())
    with pytest.raises(ConfigError, match="in a log"):
        leaks(home)


def test_P40_a_secret_in_the_process_list_is_found(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, SECRET)
    command = [sys.executable, "-c", "input()", f"--password={SECRET}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        with pytest.raises(ConfigError, match="the process list"):
            leaks(home)
        process.communicate(b"\n")
    assert leaks(home)
