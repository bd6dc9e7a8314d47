"""Values that are well formed and belong to nobody: they would join strangers."""

from __future__ import annotations

from matchbook.identifiers import EMPTY_SHA256
from matchbook.normalisation.definition import definition

_JUNK = definition()["junk"]
_EMAIL_NAMES = frozenset(_JUNK["email_names"])
_EMAIL_DOMAINS = frozenset(_JUNK["email_domains"])
_PHONE_ENDINGS = tuple(_JUNK["phone_endings"])


def is_junk_email(normalised: str) -> bool:
    """Addresses such as test@…, with or without a suffix."""
    local, _, domain = normalised.partition("@")
    return local.partition("+")[0] in _EMAIL_NAMES or domain in _EMAIL_DOMAINS


def is_junk_phone(normalised: str) -> bool:
    """Numbers that end in seven equal digits."""
    return normalised.endswith(_PHONE_ENDINGS)


def is_empty_hash(sha256_hex: str) -> bool:
    """The hash of nothing, which a careless export makes of an empty cell."""
    return sha256_hex == EMPTY_SHA256
