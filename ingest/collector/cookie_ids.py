"""A partner's cookie id in its one form, or why it is refused; agrees with ingest's SQL."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import unquote

from ingest.pixel_logs import cookie_ids as rules
from matchbook.partners import Partner, load_partners

EMAIL = re.compile(rules.EMAIL)
MAX_LENGTH = 256

_PLACEHOLDERS = frozenset(rules.PLACEHOLDERS)
_PHONE = re.compile(rules.PHONE)
_PHONE_WHERE_NUMBERS_ARE_IDS = re.compile(rules.PHONE_WHERE_NUMBERS_ARE_IDS)
_MACRO = re.compile(r"\$?\{.*\}|%%.*%%|\[.*\]|<.*>|\$\$.*\$\$")
_BARE_NUMBER = "[0-9]{5,19}"
_SPACES = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
"""What DuckDB's trim removes: Unicode's space separators."""
_VISIBLE = re.compile(r"[^\x00-\x20\x7f\s]+", re.ASCII)


def refusal(
    partner_id: str, raw: str, decoded: str, agreed: re.Pattern[str] | None = None
) -> str | None:
    """Why an id is refused: unexpanded_macro, sentinel_id, personal_data, bad_cookie_id, or None.

    `raw` is the parameter as it was sent, `decoded` without its percent encoding; `agreed` is the
    client's own form of the partner's ids.
    """
    rule = _rules()[partner_id]
    if agreed is None and rule.usual.fullmatch(decoded):
        return None
    value = _once_more(decoded) if partner_id == "piano" and "%" in decoded else decoded
    form = _canonical(rule.partner, value)
    if value.lower() in _PLACEHOLDERS:
        return "unexpanded_macro"
    if rule.refused is not None and rule.refused.fullmatch(form):
        return "sentinel_id"
    if value[:1] in ("$", "{", "%", "[", "<") and _MACRO.fullmatch(value):
        return "unexpanded_macro"
    if len(raw) >= 4 and raw.startswith("%%") and raw.endswith("%%"):
        return "unexpanded_macro"
    if "@" in value and EMAIL.search(value):
        return "personal_data"
    if "+" <= value[:1] <= "9" and rule.phone.fullmatch(value):
        return "personal_data"
    if len(value) > MAX_LENGTH or not _VISIBLE.fullmatch(value):
        return "bad_cookie_id"
    if (agreed or rule.is_strict) and not (agreed or rule.form).fullmatch(form):
        return "bad_cookie_id"
    return None


class _Rule:
    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self.form = re.compile(partner.cookie_pattern)
        self.is_strict = partner.cookie_grade == "documented"
        patterns = "|".join(f"(?:{p})" for p in partner.refused_patterns)
        self.refused = re.compile(patterns) if patterns else None
        self.phone = _PHONE_WHERE_NUMBERS_ARE_IDS if partner.bare_number_prefix else _PHONE
        self.usual = _usual(partner, self.phone)


@cache
def _rules() -> dict[str, _Rule]:
    return {partner.partner_id: _Rule(partner) for partner in load_partners()}


def _usual(partner: Partner, phone: re.Pattern[str]) -> re.Pattern[str]:
    """Most ids in one look: of the partner's form, canonical, and refused by no rule."""
    letters = "a-z" if partner.cookie_case == "lower" else "A-Za-z"
    words = "|".join(map(re.escape, sorted(_PLACEHOLDERS)))
    others = [*partner.refused_patterns, phone.pattern, f"(?i:{words})"]
    if partner.bare_number_prefix:
        others.append(_BARE_NUMBER)
    refused = "|".join(f"(?:{other})" for other in others)
    plain = f"[{letters}0-9:._~-]{{1,{MAX_LENGTH}}}"
    return re.compile(rf"(?!(?:{refused})\Z)(?={plain}\Z)(?:{partner.cookie_pattern})")


def _canonical(partner: Partner, value: str) -> str:
    form = value.strip(_SPACES)
    if partner.cookie_case != "preserve":
        form = form.lower()
    if partner.bare_number_prefix and re.fullmatch(_BARE_NUMBER, form):
        return partner.bare_number_prefix + form
    return form


def _once_more(value: str) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        return value
