"""How identifiers are written before they are hashed: named, versioned profiles.

definition.json is the one definition; what is here interprets it, and knows no files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial

from matchbook.normalisation.definition import definition, headers, rules
from matchbook.normalisation.emails import email_normaliser
from matchbook.normalisation.phones import is_region, phone_normaliser
from matchbook.normalisation.postal import postal_key_of
from matchbook.normalisation.refusal import REASONS, NotNormal
from matchbook.normalisation.steps import composed

__all__ = [
    "REASONS",
    "NotNormal",
    "definition",
    "headers",
    "is_region",
    "normalise",
    "normaliser",
    "profiles_of",
    "rules",
    "sha256_hex",
]


def normalise(field: str, raw: str, *, profile: str, region: str | None = None) -> str:
    """A raw value as the profile writes it. Raises NotNormal."""
    return normaliser(field, profile=profile, region=region)(raw)


def normaliser(field: str, *, profile: str, region: str | None = None) -> Callable[[str], str]:
    """The function behind `normalise`, for many values. Raises KeyError of unknown names."""
    said = rules(profile, field)
    if field == "email":
        return email_normaliser(profile)
    if field == "phone":
        return phone_normaliser(profile, region)
    if field == "postal":
        return partial(postal_key_of, region=region)
    return composed(said["steps"])


def profiles_of(identifier_type: str) -> tuple[str, ...]:
    """The profiles that `matchbook hash` writes of a type, the first one always."""
    return tuple(definition()["hashed_with"][identifier_type])


def sha256_hex(normalised: str) -> str:
    """SHA-256 of the UTF-8 text as 64 lower hex digits."""
    return hashlib.sha256(normalised.encode()).hexdigest()
