"""Short ids for URLs and files, made of the first name that people give."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

LONGEST_ID = 60


def free_id(name: str, taken: Container[str], *, otherwise: str) -> str:
    """`Lapsed buyers!` → `lapsed-buyers`, or `lapsed-buyers-2`; `otherwise` where no letter is."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_ID].strip("-") or otherwise
    found, number = stem, 1
    while found in taken:
        number += 1
        suffix = f"-{number}"
        found = stem[: LONGEST_ID - len(suffix)].rstrip("-") + suffix
    return found
