"""SQL that brings a partner's cookie id into its one form, or says why it is refused."""

from __future__ import annotations

from matchbook.partners import Partner, load_partners
from matchbook.sql import text

PLACEHOLDERS = (
    "", "dmpcookieid", "undefined", "null", "none", "nan", "0", "-1", "optout", "cookieid",
)  # fmt: skip
"""What a tag sends when it has nothing to send."""

PHONE = r"(?:\+|00)[0-9][0-9 ().-]{6,18}|0[1-9][0-9 ().-]{7,14}|[0-9]{9,15}"
PHONE_WHERE_NUMBERS_ARE_IDS = r"(?:\+|00)[0-9][0-9 ().-]{6,18}"
EMAIL = r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+\.[A-Za-z]"
"""Loose on purpose: what might be an address is refused."""


def canonical(partner: str, value: str) -> str:
    """SQL: the decoded value with the partner's case and prefix."""
    cases = []
    for each in load_partners():
        form = f"trim({value})" if each.cookie_case == "preserve" else f"lower(trim({value}))"
        if each.bare_number_prefix:
            form = (
                f"case when regexp_full_match({form}, '[0-9]{{5,19}}') "
                f"then {text(each.bare_number_prefix)} || {form} else {form} end"
            )
        cases.append(f"when {text(each.partner_id)} then {form}")
    return f"case {partner} {' '.join(cases)} else {value} end"


def refusal(partner: str, raw: str, value: str, form: str, is_other: str) -> str:
    """SQL: the reason why the id is refused, or null.

    `raw` is the parameter as sent, `value` decoded, `form` canonical; `is_other` is whether
    that does not look like the partner's ids.
    """
    return f"""case
        when lower({value}) in ({", ".join(text(word) for word in PLACEHOLDERS)})
            then 'unexpanded_macro'
        when {_by_partner(partner, form, _is_sentinel)} then 'sentinel_id'
        when left({value}, 1) in ('$', '{{', '%', '[', '<') and regexp_full_match({value},
            '\\$?\\{{.*\\}}|%%.*%%|\\[.*\\]|<.*>|\\$\\$.*\\$\\$') then 'unexpanded_macro'
        when {raw} like '\\%\\%%\\%\\%' escape '\\' then 'unexpanded_macro'
        when contains({value}, '@') and regexp_matches({value}, {text(EMAIL)})
            then 'personal_data'
        when {_by_partner(partner, value, _is_phone)} then 'personal_data'
        when length({value}) > 256 or not regexp_full_match({value}, '[^\\x00-\\x20\\x7f\\s]+')
            then 'bad_cookie_id'
        when {is_other} and {partner} in ({", ".join(_strict_partners())}) then 'bad_cookie_id'
    end"""


def is_other(partner: str, form: str) -> str:
    """SQL: true when the id does not look like the partner's ids."""
    return _by_partner(partner, form, is_not)


def is_not(partner: Partner, form: str) -> str:
    """SQL: true when the id does not look like one partner's ids."""
    return f"not regexp_full_match({form}, {text(partner.cookie_pattern)})"


def _by_partner(partner: str, value: str, condition: object) -> str:
    assert callable(condition)
    cases = [
        f"when {text(each.partner_id)} then {condition(each, value)}" for each in load_partners()
    ]
    return f"coalesce(case {partner} {' '.join(cases)} end, false)"


def _is_sentinel(partner: Partner, form: str) -> str:
    if not partner.refused_patterns:
        return "false"
    return (
        f"regexp_full_match({form}, {text('|'.join(f'(?:{p})' for p in partner.refused_patterns))})"
    )


def _is_phone(partner: Partner, value: str) -> str:
    pattern = PHONE_WHERE_NUMBERS_ARE_IDS if partner.bare_number_prefix else PHONE
    return f"(left({value}, 1) between '+' and '9' and regexp_full_match({value}, {text(pattern)}))"


def _strict_partners() -> list[str]:
    """The partners whose ids are documented: what looks different is not one."""
    return [text(p.partner_id) for p in load_partners() if p.cookie_grade == "documented"]
