"""Swedish personal ids: twelve digits, the century told by the separator of the short form."""

from __future__ import annotations

import re

from matchbook.clock import Clock
from matchbook.normalisation.refusal import NotNormal

_FORM = re.compile(r"([0-9]{2})?([0-9]{2})([0-9]{4})([+-]?)([0-9]{4})")


def swedish_personal_id(text: str) -> str:
    """YYYYMMDDNNNN. In the short form `+` means at least a hundred years old."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise NotNormal("personal_id")
    century, year, day, sign, number = found.groups()
    return (century or _century(int(year), is_old=sign == "+")) + year + day + number


def _century(year: int, *, is_old: bool) -> str:
    """The last one in which such a year has come, or the one before."""
    now, so_far = divmod(Clock().now().year, 100)
    return str(now - (year > so_far) - is_old)
