"""A pair as one line of JSON, after the partner's template."""

from __future__ import annotations

import json
from typing import Any

from exporters.formats.sources import constant_of
from matchbook.partners.profile import DeliveryProfile
from matchbook.sql import text


def query_of(
    template: Any, profile: DeliveryProfile, moment: str, *, is_distinct: bool = False
) -> str:
    """SQL for the lines of `partner_rows`, with their ends; each line once, where asked."""
    pieces = object_of(template, profile, moment)
    query = f"select concat({pieces}, {text(chr(10))}) as line from partner_rows"
    return f"select distinct line from ({query}) order by line" if is_distinct else query


def object_of(template: Any, profile: DeliveryProfile, moment: str) -> str:
    """SQL for a template's JSON: its pieces, separated by commas, to be concatenated."""
    pieces = _pieces(template, profile, moment)
    return ", ".join(text(piece) if is_text else _value(piece) for is_text, piece in pieces)


def _value(column: str) -> str:
    """A removal may lack the moment at which its cookie was last seen."""
    is_optional = column == "last_seen_at"
    return f"coalesce(to_json({column})::varchar, 'null')" if is_optional else f"to_json({column})"


def _pieces(template: Any, profile: DeliveryProfile, moment: str) -> list[tuple[bool, str]]:
    """JSON text (True) and columns of the delta (False), in order."""
    if isinstance(template, dict):
        inner = [
            [(True, f"{json.dumps(key)}:"), *_pieces(value, profile, moment)]
            for key, value in template.items()
        ]
        return _joined("{", inner, "}")
    if isinstance(template, list):
        return _joined("[", [_pieces(value, profile, moment) for value in template], "]")
    if isinstance(template, str) and template.startswith("$"):
        return [_source(template[1:], profile, moment)]
    return [(True, _json(template))]


def _source(source: str, profile: DeliveryProfile, moment: str) -> tuple[bool, str]:
    constant = constant_of(source, profile, moment)
    if constant is None:
        return False, source
    kind, _, name = source.partition(":")
    is_number = kind == "parameter" and profile.parameters[name].is_number
    return True, constant if is_number else _json(constant)


def _joined(
    opening: str, inner: list[list[tuple[bool, str]]], closing: str
) -> list[tuple[bool, str]]:
    pieces = [(True, opening)]
    for number, each in enumerate(inner):
        pieces += [(True, ",")] * bool(number) + each
    return [*pieces, (True, closing)]


def _json(value: str | int | bool) -> str:
    return json.dumps(value, ensure_ascii=False)
