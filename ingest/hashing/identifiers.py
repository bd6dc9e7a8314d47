"""Raw cells to hashes, a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from matchbook.identifiers import canonical_sha256, hash_problem
from matchbook.normalisation import NotNormal, normaliser, profiles_of
from matchbook.normalisation.emails import email_form, is_address
from matchbook.normalisation.junk import is_empty_hash, is_junk_email, is_junk_phone
from matchbook.normalisation.phones import has_repaired_zero
from matchbook.normalisation.postal import postal_key

Note = Callable[[int, str], None]
"""Told the row's place in the batch and why its cell got no hash."""


def email_hashes(cells: Sequence[str], refuse: Note) -> list[list[str]]:
    """One column per profile; those after the first only where they differ from it."""
    first, *others = profiles_of("email")
    normalise = normaliser("email", profile=first)
    columns = [[""] * len(cells) for _ in range(1 + len(others))]
    forms = [(email_form(p), column) for p, column in zip(others, columns[1:], strict=True)]
    for i, raw in enumerate(cells):
        if not raw:
            continue
        try:
            text = normalise(raw)
        except NotNormal as error:
            refuse(i, error.reason)
            continue
        if is_junk_email(text):
            refuse(i, "junk_email")
            continue
        columns[0][i] = text
        for form, column in forms:
            other = form(raw)
            if other != text and is_address(other):
                column[i] = other
    return [_hashed(column) for column in columns]


def phone_hashes(
    cells: Sequence[str], refuse: Note, repaired: Note, *, region: str | None
) -> list[str]:
    """One column; numbers that were given with (0) are hashed and told to `repaired`."""
    normalise = normaliser("phone", profile=profiles_of("phone")[0], region=region)
    column = [""] * len(cells)
    for i, raw in enumerate(cells):
        if not raw:
            continue
        try:
            text = normalise(raw)
        except NotNormal as error:
            refuse(i, error.reason)
            continue
        if is_junk_phone(text):
            refuse(i, "junk_phone")
            continue
        column[i] = text
        if "(" in raw and has_repaired_zero(raw):
            repaired(i, "zero")
    return _hashed(column)


def address_hashes(
    parts: Sequence[Sequence[str]], refuse: Note, *, region: str | None
) -> list[str]:
    """One column, of columns of country, postcode, house number and extension."""
    column = [""] * len(parts[0])
    for i, (country, postcode, number, extension) in enumerate(zip(*parts, strict=True)):
        if not postcode and not number:
            continue
        try:
            text = postal_key(country, postcode, number, extension, region=region)
        except NotNormal as error:
            refuse(i, error.reason)
        else:
            column[i] = text
    return _hashed(column)


def postal_hashes(cells: Sequence[str], refuse: Note, *, region: str | None) -> list[str]:
    """The same of addresses whose four parts stand in one cell, between bars."""
    normalise = normaliser("postal", profile=profiles_of("postal")[0], region=region)
    column = [""] * len(cells)
    for i, raw in enumerate(cells):
        try:
            column[i] = normalise(raw) if raw else ""
        except NotNormal as error:
            refuse(i, error.reason)
    return _hashed(column)


def canonical_hashes(cells: Sequence[str], refuse: Note) -> list[str]:
    """A column that came hashed: canonical, without what is no SHA-256 or that of nothing."""
    column = [""] * len(cells)
    for i, given in enumerate(cells):
        if not given:
            continue
        known = canonical_sha256(given)
        if known is None:
            refuse(i, hash_problem(given))
        elif is_empty_hash(known):
            refuse(i, "empty_hash")
        else:
            column[i] = known
    return column


def _hashed(texts: list[str]) -> list[str]:
    return [sha256(text.encode()).hexdigest() if text else "" for text in texts]
