"""The definition of all profiles, read once; definition.json says what its patterns may hold."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def definition() -> dict[str, Any]:
    """Profiles, patterns and lists of definition.json."""
    return _read("definition.json")


@cache
def headers() -> dict[str, Any]:
    """Which column headers are recognised: headers.json."""
    return _read("headers.json")


@cache
def country_codes() -> dict[str, str]:
    """Country names in lower case → ISO 3166-1 alpha-2."""
    names = definition()["country_names"]
    return {name: code for code, known in names.items() for name in known}


def rules(profile: str, field: str) -> dict[str, Any]:
    """What a profile says of a field. Raises KeyError when it says nothing."""
    found: dict[str, Any] = definition()["profiles"][profile][field]
    return found


def _read(name: str) -> dict[str, Any]:
    text = files("matchbook.normalisation").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
