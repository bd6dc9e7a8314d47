"""SQL that reads our calls: which kind, which parameters, and what is wrong with them.

`web_calls` reads what a web server logged, `segment_calls` what our collector wrote; both
yield `COLUMNS`. `reason` is set where the call is refused whatever the registry says.
"""

from __future__ import annotations

from ingest.pixel_logs.cookie_ids import EMAIL
from ingest.pixel_logs.formats import SEGMENT_KEYS, parsed_at
from matchbook.sql import text

PATHS = {
    "/bakery/sync/dmpsyncendpoint": "sync",
    "/bakery/click": "click",
    "/bakery/read": "read",
    "/bakery/page": "page_view",
    "/bakery/event": "event",
    "/bakery/identify": "identify",
    "/bakery/bake": "bake",
    "/bakery/optout": "withdraw",
}

_IDENTIFIERS = ("email", "phone", "postal")
PARAMETERS = {
    "sync": ("site", "partner", "cookieid", "parcid", "read"),
    "page_view": ("site", "u", "r"),
    "click": ("client", "contact", "message", "u", "consent", "sig"),
    "read": ("client", "contact", "message", "consent", "sig"),
    "event": ("site", "name", "u"),
    "identify": ("site", *_IDENTIFIERS, "u"),
    "bake": ("publisher", *_IDENTIFIERS),
    "withdraw": ("site",),
}
"""What each call is read for; a parameter's place is its slot, so that few columns serve all."""

_CONSENT = ("gdpr", "gdpr_consent")
_SLOTS = range(max(map(len, PARAMETERS.values())))
_PLACES = (*_SLOTS, *_CONSENT)
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
_NAMES = tuple(dict.fromkeys(name for names in PARAMETERS.values() for name in names))

COLUMNS = (
    "line_number", "byte_offset", "byte_length", "reason", "hit_type", "hit_id", "hit_at",
    "site", "publisher", "client", "partner", "cookie_raw", "cookie_value", "contact", "message",
    "event", "page_url", "referrer_url", "target", "sig", "email", "phone", "postal",
    "identifiers", "gdpr", "gdpr_consent", "link_consent", "gpc", "opted_out", "host", "ip",
    "ip_prefix", "user_agent", "cookie_text", "visitor", "decision", "basis", "untracked_reason",
    "device", "browser", "os", "is_bot", "is_prefetch",
)  # fmt: skip

_TEXT_RULE = r"[^\x00-\x1f\x7f]{1,128}"
_URL_RULE = r"(?i)https?://[^\x00-\x20\x7f]+"


def web_calls(fields: str) -> str:
    """SELECT of COLUMNS from the fields of web-server log lines; needs $oldest."""
    return f"""
{_web_parameters(fields)}
select line_number, byte_offset, byte_length,
    {_web_reason()} as reason,
    case when is_log_line then hit_type end as hit_type, null::varchar as hit_id, hit_at,
    nullif(site, '') as site, publisher, client, partner,
    coalesce({_slot_of("cookieid", "r")}, {_slot_of("parcid", "r")}) as cookie_raw,
    coalesce(cookieid, parcid) as cookie_value,
    contact, message, name as event,
    u as page_url, case when hit_type = 'page_view' then r else referrer end as referrer_url,
    coalesce(u, '') as target, sig, email, phone, postal, null::varchar as identifiers,
    gdpr, gdpr_consent, consent as link_consent,
    coalesce(sec_gpc = '1', false) as gpc,
    coalesce(hit_type = 'withdraw' or contains(cookie_text, 'mb_optout=1'), false) as opted_out,
    lower(regexp_replace(coalesce(uri_host, host), ':[0-9]*$', '')) as host,
    ip, null::varchar as ip_prefix, user_agent,
    case when contains(cookie_text, '=')
        then array_to_string(regexp_extract_all(cookie_text, 'mbid=([^;\\s]+)', 1), ' ')
        else cookie_text end as cookie_text,
    null::varchar as visitor, null::varchar as decision, null::varchar as basis,
    null::varchar as untracked_reason, null::varchar as device, null::varchar as browser,
    null::varchar as os, null::boolean as is_bot,
    method = 'HEAD' or coalesce(contains(lower(purpose), 'prefetch'), false) as is_prefetch
from read_out
"""


def _web_parameters(fields: str) -> str:
    """WITH clauses up to `read_out`: the fields, the kind of call and its parameters by name."""
    values = ",\n        ".join(f"{_decoded(f'r_{place}')} as v_{place}" for place in _PLACES)
    named = ",\n        ".join(f"{_slot_of(name, 'v')} as {name}" for name in _NAMES)
    return f"""
with fields as ({fields}),
timed as (
    select *, {parsed_at("at_text")} as hit_at,
        case when starts_with(uri, '/') then uri
            else regexp_replace(uri, '^(?i:https?)://[^/?#]*', '') end as target_uri,
        case when starts_with(uri, '/') then null
            else regexp_extract(uri, '^(?i:https?)://(?:[^/?#@]*@)?([^/?#]+)', 1) end as uri_host
    from fields
),
asked as (
    select * exclude (target_uri),
        case split_part(target_uri, '?', 1) {_cases(PATHS)} end as hit_type,
        '&' || substr(target_uri, strpos(target_uri || '?', '?') + 1) as query
    from timed
),
needled as (select *, {_needles()} from asked),
found as (
    select *, {_rests()},
        case when contains(query, '@') or contains(query, '%40') or contains(query, '%2540')
            then coalesce(try(url_decode(query)), query) end as plain_query
    from needled
),
sent as (
    select *, {_any("contains(t_{0}, n_{0})")} as is_repeated,
        {", ".join(f"split_part(t_{place}, '&', 1) as r_{place}" for place in _PLACES)}
    from found
),
decoded as (
    select *,
        {values}
    from sent
),
read_out as (
    select *, contains(query, '%') and ({_any("r_{0} is not null and v_{0} is null")})
        as is_undecodable, v_gdpr as gdpr, v_gdpr_consent as gdpr_consent,
        {named}
    from decoded
)"""


def segment_calls() -> str:
    """SELECT of COLUMNS from the lines of a collector's segment; needs $oldest."""
    fields = ", ".join(f"fields[{n}] as {key}" for n, key in enumerate(SEGMENT_KEYS, 1))
    paths = ", ".join(f"'$.{key}'" for key in SEGMENT_KEYS)
    return f"""
with objects as (
    select line_number, byte_offset, byte_length,
        case when json_valid(line) then json_extract_string(line, [{paths}]) end as fields
    from sound_lines
),
named as (
    select line_number, byte_offset, byte_length, coalesce(fields[1] = '1', false) as is_log_line,
        {fields} from objects
),
read_out as (select *, {parsed_at('"at"')} as hit_at from named)
select line_number, byte_offset, byte_length,
    {_segment_reason()} as reason,
    type as hit_type, hit_id, hit_at, nullif(site, '') as site, publisher, client, partner,
    cookieid as cookie_raw, cookieid as cookie_value, contact, message, event,
    page as page_url, referrer as referrer_url, null::varchar as target, null::varchar as sig,
    null::varchar as email, null::varchar as phone, null::varchar as postal,
    coalesce(identifiers, '[]') as identifiers,
    null::varchar as gdpr, null::varchar as gdpr_consent, null::varchar as link_consent,
    false as gpc, false as opted_out, lower(regexp_replace(host, ':[0-9]*$', '')) as host,
    null::varchar as ip, ip_prefix, null::varchar as user_agent, null::varchar as cookie_text,
    visitor, decision, basis, reason as untracked_reason, device, browser, os,
    coalesce(bot = 'true', false) as is_bot, coalesce(prefetch = 'true', false) as is_prefetch
from read_out
"""


def _web_reason() -> str:
    return f"""case
        when not is_log_line then 'unparseable'
        when hit_type is null then null
        when {_holds_email()} then 'personal_data'
        when method not in ('GET', 'HEAD') then 'bad_method'
        when status_text not similar to '[23][0-9][0-9]' then 'bad_status'
        {_time_reasons()}
        when is_repeated or (cookieid is not null and parcid is not null) then 'dup_param'
        when is_undecodable then 'bad_encoding'
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
        when regexp_matches(concat_ws(' ', page, event, message, contact, cookieid),
            {text(EMAIL)}) then 'personal_data'
        {_time_reasons()}
        when not coalesce(regexp_full_match(hit_id, '[0-9a-f]{{32}}'), false) then 'bad_param'
        when type is null or type not in ({types}) then 'bad_param'
        when decision is null or decision not in ('tracked', 'untracked', 'withdraw')
            then 'bad_param'
        when not coalesce(regexp_full_match(visitor, '[0-9a-f]{{32}}'), true) then 'bad_param'
        when type = 'sync' and (partner is null or cookieid is null) then 'missing_param'
        when type = 'bake' and publisher is null then 'missing_param'
        when type in ('click', 'read') and (client is null or contact is null) then 'missing_param'
        when type in ('identify', 'bake') and coalesce(identifiers, '[]') = '[]'
            and decision = 'tracked' then 'missing_param'
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
        "coalesce(plain_query is not null "
        f"and regexp_matches(replace(plain_query, '%40', '@'), {text(EMAIL)}), false)"
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
            wanted.append(f"coalesce({', '.join(_IDENTIFIERS)}) is null")
        if wanted:
            tests.append(f"when '{hit_type}' then {' or '.join(wanted)}")
    return f"coalesce(case hit_type {' '.join(tests)} end, false)"


def _needles() -> str:
    """What stands before a parameter's value, for the slots of each call."""
    needles = []
    for slot in _SLOTS:
        named = {
            hit_type: f"&{names[slot]}="
            for hit_type, names in PARAMETERS.items()
            if slot < len(names)
        }
        needles.append(f"case hit_type {_cases(named)} end as n_{slot}")
    asked = "hit_type is not null and contains(query, '&gdpr')"
    needles += [f"case when {asked} then '&{name}=' end as n_{name}" for name in _CONSENT]
    return ",\n        ".join(needles)


def _rests() -> str:
    """The query after each needle; null where it is not in the query."""
    return ",\n        ".join(
        f"substr(query, nullif(strpos(query, n_{place}), 0) + strlen(n_{place})) as t_{place}"
        for place in _PLACES
    )


def _slot_of(name: str, prefix: str) -> str:
    """SQL for a parameter by its name."""
    slots: dict[int, list[str]] = {}
    for hit_type, names in PARAMETERS.items():
        if name in names:
            slots.setdefault(names.index(name), []).append(text(hit_type))
    cases = (
        f"when hit_type in ({', '.join(types)}) then {prefix}_{slot}"
        for slot, types in slots.items()
    )
    return f"case {' '.join(cases)} end"


def _decoded(sent: str) -> str:
    return f"case when contains({sent}, '%') then try(url_decode({sent})) else {sent} end"


def _any(condition: str) -> str:
    return "(" + " or ".join(f"coalesce({condition.format(p)}, false)" for p in _PLACES) + ")"


def _matches(column: str, rule: str) -> str:
    return f"regexp_full_match({column}, {text(rule)})"


def _cases(mapping: dict[str, str]) -> str:
    return " ".join(f"when {text(key)} then {text(value)}" for key, value in mapping.items())
