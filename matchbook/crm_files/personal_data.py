"""Telling raw personal data apart from hashes, ids and attributes, by name and by value.

A file that holds any is refused whole, and the error never repeats what was found.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from matchbook.crm_files.plain import characters
from matchbook.errors import InputRejected

_NUMBER = r"(?:_?(?:address|adres|adress|number|nummer|num|nr|no))?(?:_?\d{1,2})?"
_RAW_NAMES = {
    "e-mail addresses": r"(?:.*_)?e_?mail|(?:.*_)?mail_?adres(?:s)?|mail",
    "phone numbers": r"(?:.*_)?(?:phone|tele?phone|telefoon|tel|mobile|mobiel|gsm|cell_?phone|fax)",
    "postal addresses": (
        r"(?:.*_)?(?:address|adres|street|straat|straatnaam|street_?name|post_?code|"
        r"postal(?:_?code)?|zip(?:_?code)?|house(?:_?number)?|huisnummer|huis_?nr|toevoeging)"
    ),
    "names of people": (
        r"(?:.*_)?(?:(?:first|last|middle|full|given|family|sur|maiden|contact|customer)_?name|"
        r"voornaam|achternaam|tussenvoegsel|roepnaam|klantnaam)|name|naam|initials|voorletters"
    ),
}
_RAW = {kind: re.compile(f"(?:{names}){_NUMBER}") for kind, names in _RAW_NAMES.items()}
_FLAG = re.compile(r"(?:has|is)_.*")

_AT_SIGNS = (b"@", "＠".encode(), b"%40")
_EMAIL = r"[^\s@＠]+(?:@|＠|%40)[^\s@＠]+\.[^\s@＠.\d]{2,}"
_GAP = "[ \u00a0./()-]"
_INTERNATIONAL = rf"\+{_GAP}{{0,2}}[1-9](?:{_GAP}{{0,3}}\d){{8,14}}"
_NATIONAL = (
    r"0[1-9]\d{7,9}|00[1-9]\d{8,12}"  # plain digits: no longer, or article numbers match
    rf"|\(?00?[1-9]\d{{0,4}}(?:{_GAP}{{1,3}}\d{{1,8}}){{1,6}}"
    r"|\(?\d{3}\)?[ .-]\d{3}[.-]\d{4}"
)
_PHONE = rf"(?:^|[\s:;,(\[/])(?P<number>{_INTERNATIONAL}|{_NATIONAL})(?:$|[\s;,)\]/.])"
_PHONE_AS_ID = rf"^(?P<number>{_INTERNATIONAL}|06\d{{8}}|0[1-9]\d{{0,4}}(?:[ -]+\d{{1,8}}){{1,6}})$"
"""An id may be any plain number, even one with zeros in front; not a mobile number."""

_PHONE_DIGITS = range(9, 16)


def raw_kind(name: str) -> str | None:
    """Which raw personal data a column of this normalised name announces, if any."""
    if _FLAG.fullmatch(name):
        return None
    return next((kind for kind, names in _RAW.items() if names.fullmatch(name)), None)


def patterns() -> dict[str, str | list[str]]:
    """The patterns, for browsers that look before they send."""
    return {
        "names": [pattern.pattern for pattern in _RAW.values()],
        "flag": _FLAG.pattern,
        "email": _EMAIL,
        "phone": _PHONE,
        "phoneAsId": _PHONE_AS_ID,
    }


def find_raw(values: pa.Array, *, are_ids: bool = False) -> int | None:
    """Position of the first value that looks like an e-mail address or a phone number."""
    raw = pc.or_(_emails(values), _phones(values, _PHONE_AS_ID if are_ids else _PHONE))
    position = pc.index(raw, pa.scalar(True)).as_py()
    return None if position < 0 else int(position)


def looks_raw(text: str) -> bool:
    """Whether one text looks like an e-mail address or a phone number."""
    return find_raw(pa.array([text], pa.string())) is not None


def refused(where: str) -> InputRejected:
    """The error for a file with raw personal data; `where` never quotes the file."""
    return InputRejected(
        "raw_personal_data",
        f"The file holds raw personal data: {where}.",
        kept="Nothing of it was stored and our copy is removed.",
        todo="Hash e-mail addresses, phone numbers and addresses with SHA-256 and send only those.",
        erase_original=True,
    )


def _emails(values: pa.Array) -> pa.Array:
    text = characters(values)
    if not any(sign in text for sign in _AT_SIGNS):
        return pa.repeat(False, len(values))
    return pc.match_substring_regex(values, _EMAIL)


def _phones(values: pa.Array, pattern: str) -> pa.Array:
    candidates = pc.match_substring_regex(values, pattern)
    if not pc.any(candidates).as_py():
        return candidates
    counted = re.compile(pattern)
    return pa.array(
        [
            is_candidate and any(_digits(m) in _PHONE_DIGITS for m in counted.finditer(text))
            for is_candidate, text in zip(candidates.to_pylist(), values.to_pylist(), strict=True)
        ]
    )


def _digits(match: re.Match[str]) -> int:
    return sum(character.isdigit() for character in match["number"])
