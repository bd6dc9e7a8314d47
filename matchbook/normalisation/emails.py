"""E-mail addresses: a profile's form, and whether the result is an address at all.

Syntax is email-validator's (RFC 5321, 5322, 6531), without DNS. Most addresses are plain; a
pattern narrower than the library lets those pass at a fortieth of its cost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from matchbook.normalisation.definition import rules
from matchbook.normalisation.refusal import NotNormal
from matchbook.normalisation.steps import composed

_LABEL = "[a-z0-9]+(?:-[a-z0-9]+)*"
_ATOM = "[a-z0-9_+-]+"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+([a-z]{{2,}})")
_PLAIN_LENGTH = 63
"""No part of a shorter address can be too long."""
_SPECIAL = frozenset(SPECIAL_USE_DOMAIN_NAMES)


@cache
def email_form(profile: str) -> Callable[[str], str]:
    """The profile's steps alone: the text, whether or not it is an address."""
    return composed(rules(profile, "email")["steps"])


@cache
def email_normaliser(profile: str) -> Callable[[str], str]:
    """A function from a raw address to its normal form; it raises NotNormal."""
    form = email_form(profile)
    if rules(profile, "email").get("check") != "address":
        return form

    def normalise(raw: str) -> str:
        text = form(raw)
        if not is_address(text):
            raise NotNormal("email_syntax")
        return text

    return normalise


def is_address(text: str) -> bool:
    """Whether a normalised text has the syntax of an e-mail address."""
    if len(text) <= _PLAIN_LENGTH:
        plain = _PLAIN.fullmatch(text)
        if plain and plain[1] not in _SPECIAL:
            return True
    return is_address_by_library(text)


def is_address_by_library(text: str) -> bool:
    """The same without the short cut."""
    try:
        validate_email(text, check_deliverability=False, strict=True)
    except (EmailNotValidError, UnicodeError):
        return False
    return True
