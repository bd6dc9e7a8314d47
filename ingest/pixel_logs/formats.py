"""SQL that takes the lines of one log format apart into the same named fields.

Every format yields `FIELDS`; `is_log_line` says whether the line is one at all. Quotes and
blanks are the only structure looked at here: what a field says is checked later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

COMBINED, JSON_LINES, SEGMENT = "combined", "json_lines", "segment"

OURS = "/bakery/"

FIELDS = (
    "line_number", "is_log_line", "at_text", "host", "method", "uri", "status_text", "referrer",
    "user_agent", "ip", "cookie_text", "sec_gpc", "purpose",
)  # fmt: skip

_SEGMENT = re.compile(r'^\{.*"mb"\s*:\s*1[,}\s]')

_JSON_KEYS = {
    "at_text": "time",
    "host": "host",
    "method": "method",
    "uri": "uri",
    "status_text": "status",
    "referrer": "referrer",
    "user_agent": "user_agent",
    "ip": "remote_addr",
    "cookie_text": "cookie",
    "sec_gpc": "sec_gpc",
    "purpose": "purpose",
}

SEGMENT_KEYS = (
    "mb", "hit_id", "at", "host", "type", "site", "publisher", "client", "partner", "cookieid",
    "contact", "message", "event", "page", "referrer", "visitor", "identifiers", "device",
    "browser", "os", "ip_prefix", "decision", "basis", "reason", "bot", "prefetch", "refused",
)  # fmt: skip


def detect(sample: Sequence[str]) -> str:
    """The format that most of the first lines have."""
    objects = [line for line in sample if line.startswith("{")]
    if len(objects) * 2 <= len(sample):
        return COMBINED
    segments = sum(bool(_SEGMENT.match(line)) for line in objects)
    return SEGMENT if segments * 2 > len(objects) else JSON_LINES


def may_be_ours(log_format: str) -> str:
    """SQL that is false only for lines that cannot be a call of ours: the cheap first look."""
    if log_format == COMBINED:
        return f"contains(line, '{OURS}')"
    return "contains(line, 'bakery')" if log_format == JSON_LINES else "true"


def is_foreign_log_line(log_format: str) -> str:
    """SQL over `line`: a well-formed line, with the least work that can tell."""
    if log_format == COMBINED:
        return _combined_shape("string_split(line, '\"')")
    return "json_valid(line) and json_exists(line, '$.time') and json_exists(line, '$.uri')"


def day_text(log_format: str) -> str:
    """SQL over `line`: its date as written, to be parsed once for each distinct one."""
    if log_format == COMBINED:
        opening = "strpos(line, '[')"
        return f"substr(line, {opening} + 1, 17) || ':00' || substr(line, {opening} + 21, 6)"
    return "json_extract_string(line, '$.time')"


def parsed_fields(log_format: str) -> str:
    """SELECT from `sound_lines` (line_number, line) to FIELDS."""
    fields = _COMBINED if log_format == COMBINED else _JSON_LINES
    return f"""
select * replace (
    case when starts_with(uri, '/') then uri
        else regexp_replace(uri, '^(?i:https?)://[^/?#]*', '') end as uri,
    case when starts_with(uri, '/') then host
        else coalesce(regexp_extract(uri, '^(?i:https?)://(?:[^/?#@]*@)?([^/?#]+)', 1), host) end
        as host)
from ({fields})
"""


def parsed_at(column: str) -> str:
    """SQL for a naive UTC timestamp from either notation; null when it is neither.

    A leap second is read as the second before it.
    """
    apache = f"try_strptime({_no_leap(column)}, '%d/%b/%Y:%H:%M:%S %z')"
    iso = f"try_cast({_no_leap(column, iso=True)} as timestamptz)"
    return (
        f"(case when {column} like '__/___/____:__:__:__ _____' then {apache} "
        f"when {column} like '____-__-__T__:__:__%' then {iso} end at time zone 'UTC')"
    )


def _no_leap(column: str, *, iso: bool = False) -> str:
    at = 18 if iso else 19
    return (
        f"case when substr({column}, {at}, 2) = '60' "
        f"then substr({column}, 1, {at - 1}) || '59' || substr({column}, {at + 2}) "
        f"else {column} end"
    )


def _combined_shape(parts: str) -> str:
    p = parts
    return (
        f"(len({p}) in (7, 9, 11) and {p}[1] like '_% % %[__/___/____:__:__:__ _____] ' "
        f"and {p}[3] like ' ___ _%' and {p}[5] = ' ' "
        f"and (len({p}) = 7 or {p}[7] = ' ') and trim({p}[-1], E'\\r\\n') = '')"
    )


_COMBINED = f"""
with split as (
    select line_number,
        string_split(case when contains(line, '\\"') then replace(line, '\\"', '%22') else line end, '"')
            as parts
    from sound_lines
),
shaped as (
    select line_number, parts, {_combined_shape("parts")} as is_log_line,
        string_split(parts[2], ' ') as request
    from split
)
select line_number, is_log_line and len(request) = 3 as is_log_line,
    left(right(parts[1], 28), 26) as at_text,
    null::varchar as host,
    request[1] as method,
    request[2] as uri,
    substr(parts[3], 2, 3) as status_text,
    nullif(parts[4], '-') as referrer,
    nullif(parts[6], '-') as user_agent,
    split_part(parts[1], ' ', 1) as ip,
    case when len(parts) > 7 then parts[-2] end as cookie_text,
    null::varchar as sec_gpc,
    null::varchar as purpose
from shaped
"""  # noqa: E501

_JSON_LINES = f"""
with objects as (
    select line_number,
        case when json_valid(line) then json_extract_string(
            line, [{", ".join(f"'$.{key}'" for key in _JSON_KEYS.values())}]
        ) end as fields
    from sound_lines
)
select line_number,
    fields is not null and fields[1] is not null and fields[4] is not null as is_log_line,
    {", ".join(f"nullif(nullif(fields[{n}], ''), '-') as {name}" for n, name in enumerate(_JSON_KEYS, 1))}
from objects
"""  # noqa: E501
