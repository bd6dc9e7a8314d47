"""What the browser's part needs to know to read a file as the server would."""

from __future__ import annotations

from typing import Any

from matchbook.crm_files import personal_data
from matchbook.normalisation import definition, headers


def hasher_config(country: str) -> dict[str, Any]:
    """Rules of reading; `country` is where phones and addresses without one are."""
    return {
        "guards": guards(),
        "headers": headers(),
        "definition": definition(),
        "country": country,
    }


def guards() -> dict[str, Any]:
    """The server's patterns of personal data, as ECMAScript writes them."""
    patterns = personal_data.patterns()
    return {
        name: pattern.replace("(?P<", "(?<") if isinstance(pattern, str) else pattern
        for name, pattern in patterns.items()
    }
