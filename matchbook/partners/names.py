"""Templates of file names, such as `match_{yyyymmdd}T{hhmmss}Z-{part:04d}.csv`; times are UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PART = re.compile(r"part:0([1-9])d")
_TIMES = {"yyyymmdd": "%Y%m%d", "yyyy-mm-dd": "%Y-%m-%d", "hhmmss": "%H%M%S"}
_PARAMETER = re.compile(r"[a-z][a-z0-9_]*")
_LITERAL = re.compile(r"[A-Za-z0-9._=/-]*")


def placeholders_of(text: str) -> list[str]:
    """The names between braces."""
    return _PLACEHOLDER.findall(text)


class FileName(str):
    """A template that has been checked: a relative path with a date in it."""

    @cached_property
    def has_time(self) -> bool:
        """Two deliveries of one day have two names."""
        return "hhmmss" in placeholders_of(self)

    @cached_property
    def has_part(self) -> bool:
        """A delivery can be several files."""
        return any(_PART.fullmatch(name) for name in placeholders_of(self))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """What the partner gives each client to put into its names."""
        return tuple(
            name
            for name in placeholders_of(self)
            if name not in _TIMES and not _PART.fullmatch(name)
        )

    def filled(self, moment: datetime, *, part: int, values: Mapping[str, str]) -> str:
        """The name of one file; parts count from 1. Raises KeyError without a value."""

        def fill(found: re.Match[str]) -> str:
            name = found.group(1)
            if name in _TIMES:
                return moment.strftime(_TIMES[name])
            if digits := _PART.fullmatch(name):
                return f"{part:0{digits.group(1)}d}"
            return values[name]

        return _PLACEHOLDER.sub(fill, self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_checked, core_schema.str_schema())


def _checked(text: str) -> FileName:
    names = placeholders_of(text)
    for name in names:
        if name not in _TIMES and not _PART.fullmatch(name) and not _PARAMETER.fullmatch(name):
            raise ValueError("has a placeholder that is no time, {part:0Nd} or parameter")
    if not {"yyyymmdd", "yyyy-mm-dd"} & set(names):
        raise ValueError("has no {yyyymmdd} or {yyyy-mm-dd}, so every night takes one name")
    literal = _PLACEHOLDER.sub("", text)
    if not _LITERAL.fullmatch(literal) or text.startswith("/") or ".." in literal:
        raise ValueError("is no relative path of letters, digits and . _ = / -")
    return FileName(text)
