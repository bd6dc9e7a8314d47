"""OpenPGP: what is packed is encrypted to the partner's certificate, or nothing is written.

The certificate is pinned by its fingerprint. One that is expired, revoked, another than agreed or
without an encryption key ends the delivery before its first byte; clear text is no fallback.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from matchbook.errors import ConfigError
from matchbook.partners.values import Recipient

if TYPE_CHECKING:
    from pysequoia import Cert

SUFFIX = ".pgp"


@dataclass(frozen=True)
class Certificate:
    """A partner's certificate that was found good."""

    cert: Cert


def certificate(recipient: Recipient, key: bytes | None, *, moment: datetime) -> Certificate:
    """The recipient's certificate, checked for use at `moment` (UTC).

    Raises ConfigError when it is missing, not the pinned one, expired, revoked or unusable.
    """
    from pysequoia import Cert, encrypt  # ten megabytes, for the partners that ask for it

    if key is None:
        raise _unusable("is not there")
    try:
        cert = Cert.from_bytes(key)
    except RuntimeError:
        raise _unusable("cannot be read as an OpenPGP certificate") from None
    if cert.fingerprint.lower() != recipient.fingerprint.lower():
        raise _unusable("is not the one with the agreed fingerprint")
    if cert.is_revoked:
        raise _unusable("has been revoked")
    if cert.expiration is not None and cert.expiration <= moment:
        raise _unusable("has expired")
    try:
        encrypt(b"", recipients=[cert])
    except RuntimeError:
        raise _unusable("holds no valid key for encryption") from None
    return Certificate(cert)


@contextmanager
def encrypted(target: Path, recipient: Certificate | None) -> Iterator[Path]:
    """A path to write to; what stands there at the end is encrypted into `target`."""
    if recipient is None:
        yield target
        return
    from pysequoia import encrypt_file

    clear = target.with_name(target.name + ".clear")
    try:
        yield clear
        encrypt_file(clear, target, [recipient.cert], armor=False)
    finally:
        clear.unlink(missing_ok=True)


def _unusable(why: str) -> ConfigError:
    return ConfigError(
        f"The partner's OpenPGP key {why}.",
        kept="Nothing was written or sent; matches never leave in clear text instead.",
        todo="Ask the partner for its current key and set it with its fingerprint.",
    )
