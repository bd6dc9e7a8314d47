"""The small functions that a profile's `steps` name, and their composition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

from matchbook.normalisation.definition import country_codes, definition
from matchbook.normalisation.personal_id import swedish_personal_id
from matchbook.normalisation.refusal import NotNormal

Step = Callable[[str], str]


def composed(steps: list[Any]) -> Step:
    """One function that takes all steps in order."""
    functions = tuple(_step(step) for step in steps)

    def run(text: str) -> str:
        for function in functions:
            text = function(text)
        return text

    return run


def _step(step: Any) -> Step:
    if isinstance(step, str):
        return _SIMPLE[step]
    if "at" in step:
        return _at(tuple("@" + domain for domain in step["at"]), tuple(step["drop"]))
    ((name, argument),) = step.items()
    return _WITH_ARGUMENT[name](argument)


def _remove(pattern: str, count: int = 0) -> Step:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub("", text, count=count)


def _strip(characters: str) -> Step:
    return lambda text: text.strip(characters)


def _keep_first(count: int) -> Step:
    return lambda text: text[:count]


def _at(endings: tuple[str, ...], drop: tuple[str, ...]) -> Step:
    """Drop `dots` and `suffix` of the local part of addresses at some domains only."""

    def run(text: str) -> str:
        if not text.endswith(endings):
            return text
        local, _, domain = text.rpartition("@")
        if "suffix" in drop:
            local = local.partition("+")[0]
        if "dots" in drop:
            local = local.replace(".", "")
        return f"{local}@{domain}"

    return run


def _country_code(text: str) -> str:
    return country_codes().get(text, text)


def _month_day_year(text: str) -> str:
    try:
        month, day, year = map(int, text.split("/"))
        return date(year, month, day).strftime("%Y%m%d")
    except ValueError:
        raise NotNormal("field_value") from None


_SPACE = definition()["space"]
_EDGES = re.compile(f"^{_SPACE}+|{_SPACE}+$")

_SIMPLE: dict[str, Step] = {
    "trim": lambda text: _EDGES.sub("", text),
    "lower": str.lower,
    "upper": str.upper,
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "remove_space": _remove(_SPACE),
    "country_code": _country_code,
    "month_day_year": _month_day_year,
    "swedish_personal_id": swedish_personal_id,
}
_WITH_ARGUMENT: dict[str, Callable[[Any], Step]] = {
    "remove": _remove,
    "remove_first": lambda pattern: _remove(pattern, 1),
    "strip": _strip,
    "keep_first": _keep_first,
}
