"""A pair as a line of CSV (RFC 4180 but for the partner's delimiter and line ends).

Ids stand as they are, quoted where they must be: an id that begins with = + - or @ is loaded
back as the same id. Other text that comes from outside, such as a client's own settings, is
written so that no spreadsheet takes it for a formula.
"""

from __future__ import annotations

from exporters.formats.sources import constant_of
from matchbook.formulas import unformulated
from matchbook.partners.profile import DeliveryProfile
from matchbook.sql import text

_NEWLINES = {"lf": "\n", "crlf": "\r\n", None: "\n"}


def header_of(profile: DeliveryProfile) -> bytes:
    """The first line of every file; empty where the partner takes none."""
    if not profile.header:
        return b""
    cells = [_quoted(unformulated(column), profile) for column in profile.columns]
    return ((profile.delimiter or "").join(cells) + _newline(profile)).encode()


def query_of(profile: DeliveryProfile, moment: str) -> str:
    """SQL for the lines of `partner_rows`, with their ends."""
    cells = [_cell(source, profile, moment) for source in profile.columns.values()]
    line = f", {text(profile.delimiter or '')}, ".join(cells)
    return f"select concat({line}, {text(_newline(profile))}) as line from partner_rows"


def _cell(source: str, profile: DeliveryProfile, moment: str) -> str:
    constant = constant_of(source, profile, moment)
    if constant is not None:
        return text(_quoted(unformulated(constant), profile))
    if source not in ("partner_cookie_id", "crm_record_id") and profile.quote == "needed":
        return source  # our own words and times never need quotes
    doubled = f"""'"' || replace(coalesce({source}, ''), '"', '""') || '"'"""
    if profile.quote == "always":
        return doubled
    return f"case when {_needs_quotes(source, profile)} then {doubled} else {source} end"


def _needs_quotes(source: str, profile: DeliveryProfile) -> str:
    special = (profile.delimiter or ",", '"', "\n", "\r")
    return " or ".join(f"contains({source}, {text(character)})" for character in special)


def _quoted(cell: str, profile: DeliveryProfile) -> str:
    special = (profile.delimiter or ",", '"', "\n", "\r")
    if profile.quote == "needed" and not any(character in cell for character in special):
        return cell
    return '"' + cell.replace('"', '""') + '"'


def _newline(profile: DeliveryProfile) -> str:
    return _NEWLINES[profile.newline]
