"""SQL for what the parts of a call say by themselves.

Each SELECT reads `given` and keeps its `place`.
"""

from __future__ import annotations

from ingest.pixel_logs import cookie_ids
from ingest.pixel_logs.formats import parsed_at
from ingest.pixel_logs.parameters import IDENTIFIERS
from matchbook.sql import text

EVENT_RULE = r"[^\x00-\x1f\x7f]{1,128}"
_URL_RULE = r"(?i)https?://[^\x00-\x20\x7f]+"
_HOST = text(r"^(?i:https?)://(?:[^/?#@]*@)?([^/?#:]+)")
_PATH = text(r"^(?i:https?)://[^/?#]*([^?#]*)")


def decoded(sent: str) -> str:
    """SQL for a parameter's value; null where it cannot be decoded."""
    return f"case when contains({sent}, '%') then try(url_decode({sent})) else {sent} end"


def matches(column: str, rule: str) -> str:
    """SQL: the whole text follows a rule."""
    return f"regexp_full_match({column}, {text(rule)})"


def contact_is_good() -> str:
    """SQL over `contact` and `message`."""
    return (
        "(regexp_full_match(contact, '[0-9]{1,19}') and try_cast(contact as bigint) > 0 "
        f"and coalesce({matches('message', EVENT_RULE)}, true))"
    )


def holds_email(plain: str) -> str:
    """SQL: an address stands in a text, as it is or with its sign encoded."""
    return f"regexp_matches(replace({plain}, '%40', '@'), {text(cookie_ids.EMAIL)})"


def _host(url: str) -> str:
    """SQL for a URL's host; the regular expression only where a plain cut will not do."""
    authority = f"split_part({url}, '/', 3)"
    return (
        f"nullif(lower(case when left({url}, 8) = 'https://' "
        f"and not regexp_matches({authority}, '[:?#@]') then {authority} "
        f"else regexp_extract({url}, {_HOST}, 1) end), '')"
    )


def _page(url: str) -> str:
    return (
        f"{_host(url)} as page_host, "
        f"nullif(left(regexp_extract({url}, {_PATH}, 1), 2000), '') as page_path"
    )


TIMES = f"select place, {parsed_at('at_text')} as hit_at from given"

PAGES = f"""
select place, page_host, page_path, nullif(split_part(page_path, '/', 2), '') as section,
    u is null and r_u is not null as is_undecodable,
    coalesce(not {matches("u", _URL_RULE)}, false) as is_bad
from (select *, {_page("u")} from (select *, {decoded("r_u")} as u from given))
"""

SEGMENT_PAGES = f"""
select place, page_host, page_path, nullif(split_part(page_path, '/', 2), '') as section
from (select place, {_page("page")} from given)
"""

REFERRERS = f"""
select place, {_host("url")} as referrer_host, url is null and referrer is not null
    as is_undecodable
from (select *, case when is_encoded then {decoded("referrer")} else referrer end as url from given)
"""

EVENTS = f"""
select place, name as event, name is null and r_name is not null as is_undecodable,
    coalesce(not {matches("name", EVENT_RULE)}, false) as is_bad
from (select *, {decoded("r_name")} as name from given)
"""

_REFUSAL = cookie_ids.refusal(
    "partner_id", "cookie_raw", "cookie_value", "cookie_form", "is_other_form"
)
_COOKIE_FORMS = f"""
select * exclude (partner_id, cookie_raw, cookie_value), {_REFUSAL} as cookie_fault
from (select *, {cookie_ids.is_other("partner_id", "cookie_form")} as is_other_form from (
    select *, {cookie_ids.canonical("partner_id", "cookie_value")} as cookie_form from (
        select c.* exclude (partner) replace (
            case when p.partner_id = 'piano' and contains(c.cookie_value, '%')
                then coalesce(try(url_decode(c.cookie_value)), c.cookie_value)
                else c.cookie_value end as cookie_value), p.partner_id
        from sent as c left join known_codes as p on p.code = c.partner
    )
))
"""
"""From `sent`: place, partner, cookie_raw (as it was sent), cookie_value and columns to keep."""

PARTNERS = f"""
select place, p.partner_id
from given as g left join known_codes as p on p.code = {decoded("g.r_partner")}
"""

COOKIES = f"""
with sent as (
select place, {decoded("r_partner")} as partner, coalesce(r_cookieid, r_parcid) as cookie_raw,
    coalesce(cookieid, parcid) as cookie_value,
    cookieid is not null and parcid is not null as came_twice,
    coalesce(cookieid is null and r_cookieid is not null, false)
        or coalesce(parcid is null and r_parcid is not null, false) as is_undecodable
from (select *, {decoded("r_cookieid")} as cookieid, {decoded("r_parcid")} as parcid from given)
) {_COOKIE_FORMS}
"""

SEGMENT_COOKIES = f"""
with sent as (
    select place, partner, cookieid as cookie_raw, cookieid as cookie_value from given
) {_COOKIE_FORMS}
"""

_LINKED = ("client", "contact", "message", "u", "sig")

LINKS = f"""
select * exclude (r_client, r_contact, r_message, r_u, r_sig),
    contact is null and r_contact is not null or message is null and r_message is not null
        or sig is null and r_sig is not null as is_undecodable,
    try_cast(contact as bigint) as cep_contact_id,
    coalesce(not {contact_is_good()}, false) as is_bad
from (select *, {", ".join(f"{decoded(f'r_{name}')} as {name}" for name in _LINKED)} from given)
"""

HASHES = f"""
select place, {", ".join(IDENTIFIERS)},
    {" or ".join(f"({name} is null and r_{name} is not null)" for name in IDENTIFIERS)}
        as is_undecodable
from (select *, {", ".join(f"{decoded(f'r_{name}')} as {name}" for name in IDENTIFIERS)} from given)
"""

EMAILS = f"""
select place, coalesce({holds_email("plain")}, false) as holds_email
from (
    select *, case when contains(uri, '@') or contains(uri, '%40') or contains(uri, '%2540')
        then coalesce(try(url_decode(uri)), replace(uri, '%2540', '%40')) end as plain
    from given
)
"""
