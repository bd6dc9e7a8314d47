"""OpenPGP: gpg reads what we encrypt, and a key that cannot be used ends it. bad_inputs DL09."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from matchbook.errors import ConfigError
from matchbook.partners.profile import DeliveryProfile
from tests.exporters.formats.pairs import MOMENT, PAIRS, profile, rendered

pytestmark = [pytest.mark.needs("gpg"), pytest.mark.xdist_group("gpg")]


@dataclass(frozen=True)
class Keys:
    """A partner's key ring, in gpg's own hands."""

    home: Path

    def gpg(self, *words: str | Path, given: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", self.home, "--batch", "--quiet", "--no-tty"]
        mode = ["--pinentry-mode", "loopback", "--passphrase", ""]
        done = subprocess.run([*command, *mode, *words], input=given, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def made(self, name: str, *kind: str) -> tuple[bytes, str]:
        """A new key's certificate and fingerprint."""
        self.gpg("--quick-gen-key", name, *kind)
        listed = self.gpg("--with-colons", "--list-keys", name).decode()
        fingerprint = next(line.split(":")[9] for line in listed.splitlines() if line[:3] == "fpr")
        return self.gpg("--export", "--armor", fingerprint), fingerprint


@pytest.fixture(scope="module")
def keys() -> Iterator[Keys]:
    with TemporaryDirectory(prefix="gpg") as short:  # a socket's path has few characters
        Path(short).chmod(0o700)
        yield Keys(Path(short))
        subprocess.run(["gpgconf", "--homedir", short, "--kill", "all"], check=False)


@pytest.fixture(scope="module")
def tealium(keys: Keys) -> tuple[bytes, str]:
    return keys.made("tealium-test", "default", "default", "2y")


def form_for(fingerprint: str, partner_id: str = "tealium") -> DeliveryProfile:
    recipient = {"key": "file:tealium.asc", "fingerprint": fingerprint}
    return profile(partner_id, recipient=recipient)


def test_gpg_decrypts_what_was_packed_before(
    keys: Keys, tealium: tuple[bytes, str], tmp_path: Path
) -> None:
    key, fingerprint = tealium
    (file,) = rendered(form_for(fingerprint), tmp_path, recipient_key=key)
    assert file.name == "match_20261122T031005Z-0001.csv.gz.pgp"
    inside = keys.gpg("--decrypt", file.path)
    (clear,) = rendered(profile("tealium"), tmp_path / "clear")
    assert inside == clear.path.read_bytes(), "compressed, then encrypted"
    assert gzip.decompress(inside).count(b"\n") > len(PAIRS)
    assert [path.name for path in tmp_path.glob("*") if path.is_file()] == [file.name]


def test_a_key_of_an_older_kind_works_too(keys: Keys, tmp_path: Path) -> None:
    _, fingerprint = keys.made("rsa-test", "rsa2048", "sign", "2y")
    keys.gpg("--quick-add-key", fingerprint, "rsa2048", "encr", "2y")
    key = keys.gpg("--export", fingerprint)
    (file,) = rendered(form_for(fingerprint, "selligent"), tmp_path, recipient_key=key)
    assert file.name.endswith(".csv.zip.pgp")
    assert keys.gpg("--decrypt", file.path)[:2] == b"PK"


def refused(form: DeliveryProfile, folder: Path, key: bytes | None, *, days: int = 0) -> str:
    with pytest.raises(ConfigError, match="OpenPGP key") as raised:
        rendered(form, folder, recipient_key=key, moment=MOMENT + timedelta(days=days))
    assert [path for path in folder.rglob("*") if path.is_file()] == [], "not even in clear text"
    return raised.value.happened


@pytest.mark.parametrize("case", ["DL09"])
class TestAKeyThatCannotBeUsed:
    """The row of bad_inputs, once for each way in which a key goes bad."""

    def test_expired(self, case: str, tealium: tuple[bytes, str], tmp_path: Path) -> None:
        key, fingerprint = tealium
        told = refused(form_for(fingerprint), tmp_path, key, days=3 * 365)
        assert "has expired" in told

    def test_replaced(
        self, case: str, keys: Keys, tealium: tuple[bytes, str], tmp_path: Path
    ) -> None:
        other, _ = keys.made("other-test", "default", "default", "2y")
        assert "agreed fingerprint" in refused(form_for(tealium[1]), tmp_path, other)

    def test_revoked(self, case: str, keys: Keys, tmp_path: Path) -> None:
        _, fingerprint = keys.made("revoked-test", "default", "default", "2y")
        certificate = (keys.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_bytes()
        keys.gpg("--import", given=certificate.replace(b":-----BEGIN", b"-----BEGIN"))
        key = keys.gpg("--export", fingerprint)
        assert "revoked" in refused(form_for(fingerprint), tmp_path, key)

    def test_made_for_signing_only(self, case: str, keys: Keys, tmp_path: Path) -> None:
        key, fingerprint = keys.made("sign-test", "ed25519", "sign", "2y")
        assert "no valid key for encryption" in refused(form_for(fingerprint), tmp_path, key)

    @pytest.mark.parametrize("key", [None, b"", b"no key at all"])
    def test_missing_or_damaged(self, case: str, key: bytes | None, tmp_path: Path) -> None:
        refused(form_for("a" * 40), tmp_path, key)


def test_a_profile_that_must_encrypt_asks_for_the_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="recipient"):
        rendered(profile("tealium", encryption="openpgp"), tmp_path)
    assert list(tmp_path.iterdir()) == []
