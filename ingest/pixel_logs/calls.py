"""SQL that reads our calls: which kind, which parameters, and what is wrong with them.

`web_calls` reads what a web server logged, `segment_calls` what our collector wrote; both
yield `COLUMNS`. `reason` is set where the call is refused whatever the registry says.
"""

from __future__ import annotations

from ingest.pixel_logs.cookie_ids import EMAIL
from ingest.pixel_logs.formats import SEGMENT_KEYS, parsed_at
from ingest.pixel_logs.parameters import IDENTIFIERS, NAMES, PATHS
from matchbook.sql import text

REQUIRED = {
    "sync": ("partner", "read"),
    "click": ("client", "contact", "message", "u", "sig"),
    "read": ("client", "contact", "message", "sig"),
    "page_view": ("u",),
    "event": ("name",),
    "identify": (),
    "bake": ("publisher",),
    "withdraw": (),
}
COLUMNS = (
    "line_number", "reason", "hit_type", "hit_id", "hit_at",
    "site", "publisher", "client", "partner", "cookie_raw", "cookie_value", "contact", "message",
    "event", "page_url", "referrer_url", "target", "sig", "email", "phone", "postal",
    "identifiers", "gdpr", "gdpr_consent", "link_consent", "gpc", "opted_out", "host", "ip",
    "ip_prefix", "visitor", "decision", "basis", "untracked_reason",
    "device", "browser", "os", "is_bot", "is_prefetch",
)  # fmt: skip

_TEXT_RULE = r"[^\x00-\x1f\x7f]{1,128}"
_URL_RULE = r"(?i)https?://[^\x00-\x20\x7f]+"


def web_calls() -> str:
    """SELECT of COLUMNS from `round_fields`, the fields and parameters of lines; needs $oldest."""
    decoded = ",\n        ".join(f"{_decoded(f'r_{name}')} as {name}" for name in NAMES)
    return f"""
select line_number,
    {_web_reason()} as reason,
    case when is_log_line then hit_type end as hit_type, null::varchar as hit_id, hit_at,
    nullif(site, '') as site, publisher, client, partner,
    coalesce(r_cookieid, r_parcid) as cookie_raw, coalesce(cookieid, parcid) as cookie_value,
    contact, message, name as event,
    u as page_url, case when hit_type = 'page_view' then r else referrer end as referrer_url,
    coalesce(u, '') as target, sig, email, phone, postal, null::varchar as identifiers,
    gdpr, gdpr_consent, consent as link_consent,
    coalesce(sec_gpc = '1', false) as gpc,
    coalesce(hit_type = 'withdraw' or has_opted_out, false) as opted_out,
    lower(regexp_replace(host, ':[0-9]*$', '')) as host,
    ip, null::varchar as ip_prefix, visitor,
    null::varchar as decision, null::varchar as basis, null::varchar as untracked_reason,
    device, browser, os, coalesce(is_bot, false) as is_bot,
    method = 'HEAD' or coalesce(contains(lower(purpose), 'prefetch'), false) as is_prefetch
from (
    select *, {parsed_at("at_text")} as hit_at,
        case when contains(uri, '@') or contains(uri, '%40') or contains(uri, '%2540')
            then coalesce(try(url_decode(uri)), uri) end as plain_uri,
        {decoded}
    from round_fields
)
"""


def segment_calls() -> str:
    """SELECT of COLUMNS from the lines of a collector's segment; needs $oldest."""
    fields = ", ".join(f"fields[{n}] as {key}" for n, key in enumerate(SEGMENT_KEYS, 1))
    paths = ", ".join(f"'$.{key}'" for key in SEGMENT_KEYS)
    return f"""
select line_number,
    {_segment_reason()} as reason,
    type as hit_type, hit_id, hit_at, nullif(site, '') as site, publisher, client, partner,
    cookieid as cookie_raw, cookieid as cookie_value, contact, message, event,
    page as page_url, referrer as referrer_url, null::varchar as target, null::varchar as sig,
    null::varchar as email, null::varchar as phone, null::varchar as postal,
    coalesce(identifiers, '[]') as identifiers,
    null::varchar as gdpr, null::varchar as gdpr_consent, null::varchar as link_consent,
    false as gpc, false as opted_out, lower(regexp_replace(host, ':[0-9]*$', '')) as host,
    null::varchar as ip, ip_prefix, visitor, decision, basis, reason as untracked_reason,
    device, browser, os,
    coalesce(bot = 'true', false) as is_bot, coalesce(prefetch = 'true', false) as is_prefetch
from (
    select *, {parsed_at('"at"')} as hit_at
    from (
        select line_number, coalesce(fields[1] = '1', false) as is_log_line, {fields}
        from (
            select line_number, case when json_valid(line)
                then json_extract_string(line, [{paths}]) end as fields
            from sound_lines
        )
    )
)
"""


def _web_reason() -> str:
    return f"""case
        when not is_log_line then 'unparseable'
        when hit_type is null then null
        when {_holds_email()} then 'personal_data'
        when coalesce(method, '') not in ('GET', 'HEAD') then 'bad_method'
        when coalesce(status_text, '') not similar to '[23][0-9][0-9]' then 'bad_status'
        {_time_reasons()}
        when is_repeated or (cookieid is not null and parcid is not null) then 'dup_param'
        when contains(uri, '%') and ({_is_undecodable()}) then 'bad_encoding'
        when {_missing()} then 'missing_param'
        when read is not null and read <> 'false' then 'bad_param'
        when consent is not null and consent not in ('0', '1') then 'bad_param'
        when hit_type = 'event' and not {_matches("name", _TEXT_RULE)} then 'bad_param'
        when hit_type in ('click', 'read') and not ({_contact_ok()}) then 'bad_param'
        when u is not null and not {_matches("u", _URL_RULE)} then 'bad_param'
    end"""


def _segment_reason() -> str:
    types = ", ".join(text(kind) for kind in PATHS.values())
    return f"""case
        when not is_log_line then 'unparseable'
        when regexp_full_match(refused, '[a-z_]{{1,40}}') then refused
        when regexp_matches(concat_ws(' ', page, event, message, contact, cookieid),
            {text(EMAIL)}) then 'personal_data'
        {_time_reasons()}
        when not coalesce(regexp_full_match(hit_id, '[0-9a-f]{{32}}'), false) then 'bad_param'
        when type is null or type not in ({types}) then 'bad_param'
        when decision is null or decision not in ('tracked', 'untracked', 'withdraw')
            then 'bad_param'
        when not coalesce(regexp_full_match(visitor, '[0-9a-f]{{32}}'), true) then 'bad_param'
        when type = 'bake' and publisher is null then 'missing_param'
        when decision <> 'tracked' then null
        when type = 'sync' and (partner is null or cookieid is null) then 'missing_param'
        when type in ('click', 'read') and (client is null or contact is null) then 'missing_param'
        when type in ('identify', 'bake') and coalesce(identifiers, '[]') = '[]'
            then 'missing_param'
        when type = 'event' and event is null then 'missing_param'
        when type = 'event' and not {_matches("event", _TEXT_RULE)} then 'bad_param'
        when type in ('click', 'read') and not ({_contact_ok()}) then 'bad_param'
    end"""


def _time_reasons() -> str:
    return (
        "when hit_at is null or not isfinite(hit_at) then 'bad_timestamp' "
        "when hit_at < $oldest then 'too_old'"
    )


def _holds_email() -> str:
    """True when an address stands in the query, as it is, encoded, or encoded twice."""
    return (
        "coalesce(plain_uri is not null "
        f"and regexp_matches(replace(plain_uri, '%40', '@'), {text(EMAIL)}), false)"
    )


def _contact_ok() -> str:
    return (
        "regexp_full_match(contact, '[0-9]{1,19}') and try_cast(contact as bigint) > 0 "
        f"and coalesce({_matches('message', _TEXT_RULE)}, true)"
    )


def _missing() -> str:
    tests = []
    for hit_type, names in REQUIRED.items():
        wanted = [f"{name} is null" for name in names]
        if hit_type == "sync":
            wanted.append("(cookieid is null and parcid is null)")
        if hit_type in ("identify", "bake"):
            wanted.append(f"coalesce({', '.join(IDENTIFIERS)}) is null")
        if wanted:
            tests.append(f"when '{hit_type}' then {' or '.join(wanted)}")
    return f"coalesce(case hit_type {' '.join(tests)} end, false)"


def _decoded(sent: str) -> str:
    return f"case when contains({sent}, '%') then try(url_decode({sent})) else {sent} end"


def _is_undecodable() -> str:
    return " or ".join(f"({name} is null and r_{name} is not null)" for name in NAMES)


def _matches(column: str, rule: str) -> str:
    return f"regexp_full_match({column}, {text(rule)})"
