"""Keys: 0600 from the first byte, versions that understand each other, secrets nobody can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from matchbook import secrets, visitor_cookie
from matchbook.errors import ConfigError
from matchbook.keys import MOST_VERSIONS, NAMES, add_version, load_keys, retire, versions
from matchbook.links import Link, is_signed, sign_link
from matchbook.settings import Settings

VISITOR = "5" * 32
LINK = Link("click", "acme", "123", "m1", "https://shop.example/")


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


def test_keys_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load_keys(tmp_path / "keys")
        add_version(tmp_path / "keys", "links")
    finally:
        os.umask(before)
    assert modes(tmp_path / "keys") == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", NAMES)
def test_a_new_version_keeps_the_old_ones(tmp_path: Path, name: str) -> None:
    first = getattr(load_keys(tmp_path), name)
    assert add_version(tmp_path, name) == 2
    both = getattr(load_keys(tmp_path), name)
    assert both[:1] == first
    assert len(set(both)) == 2


def test_a_cookie_is_known_until_its_key_is_retired(tmp_path: Path) -> None:
    old = visitor_cookie.sign(load_keys(tmp_path).cookie, VISITOR)
    add_version(tmp_path, "cookie")
    both = load_keys(tmp_path).cookie
    new = visitor_cookie.sign(both, VISITOR)
    assert (old[:2], new[:2]) == ("1.", "2.")
    assert visitor_cookie.verify_all(both, [new, old, f"1{new[1:]}", f"3{new[1:]}", "x"]) == [
        VISITOR, VISITOR, None, None, None,
    ]  # fmt: skip
    assert retire(tmp_path, "cookie") == 1
    assert visitor_cookie.verify_all(load_keys(tmp_path).cookie, [new, old]) == [VISITOR, None]
    assert versions(tmp_path, "cookie")[0] == b""


def test_a_link_leads_on_until_its_key_is_retired(tmp_path: Path) -> None:
    old = sign_link(load_keys(tmp_path).links, **vars(LINK))
    add_version(tmp_path, "links")
    both = load_keys(tmp_path).links
    assert [is_signed(both, LINK, sig) for sig in (old, sign_link(both, **vars(LINK)))] == [
        True
    ] * 2
    retire(tmp_path, "links")
    assert not is_signed(load_keys(tmp_path).links, LINK, old)


def test_versions_of_the_identifiers_key_are_all_needed(tmp_path: Path) -> None:
    load_keys(tmp_path)
    with pytest.raises(ConfigError, match="all of them are needed"):
        retire(tmp_path, "identifiers")


def test_a_cookie_has_one_digit_for_its_version(tmp_path: Path) -> None:
    load_keys(tmp_path)
    for _ in range(MOST_VERSIONS - 1):
        add_version(tmp_path, "cookie")
    with pytest.raises(ConfigError, match="one digit"):
        add_version(tmp_path, "cookie")
    assert len(load_keys(tmp_path).cookie) == MOST_VERSIONS


@pytest.mark.parametrize("content", ["", "zz", "ab" * 31, "retired", f"{'ab' * 32}\nretired"])
def test_a_damaged_key_file_is_told_and_not_replaced(tmp_path: Path, content: str) -> None:
    load_keys(tmp_path)
    (tmp_path / "cookie.key").write_text(content)
    with pytest.raises(ConfigError, match="Restore it from your backup"):
        load_keys(tmp_path)
    assert (tmp_path / "cookie.key").read_text() == content


def test_entered_secrets_are_encrypted_anew(settings: Settings) -> None:
    reference = secrets.keep(settings, "hunter2hunter2", folder="cep", name="acme")
    by_hand = settings.keys / "cep" / "own"
    by_hand.write_bytes(b"a password that somebody put here")
    before = {path: path.read_bytes() for path in (settings.keys / "cep").iterdir()}
    add_version(settings.keys, "secrets")
    assert secrets.seal_anew(settings) == 1
    retire(settings.keys, "secrets")
    assert secrets.secret(settings, reference, folder="cep", kept="") == "hunter2hunter2"
    after = {path: path.read_bytes() for path in (settings.keys / "cep").iterdir()}
    assert [path.name for path in before if before[path] == after[path]] == ["own"]
    assert not any(b"hunter2" in content for content in after.values())
    kept = next(path for path in after if path != by_hand)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
