"""A round's calls: what each says for itself, and of which kind it is.

Calls of one kind become the same, whoever makes them and whatever page they are about; SQL
settles the kinds. `round_kinds`, a view or table, has them: KIND_COLUMNS.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.pixel_logs.distinct import Columns
from ingest.pixel_logs.parameters import IDENTIFIERS, NAMES, bit
from ingest.pixel_logs.values import decoded
from ingest.pixel_logs.views import Places

KIND_COLUMNS = (
    "kind", "reason", "hit_type", "hit_id", "hit_at", "site", "publisher", "client", "partner",
    "gdpr", "gdpr_consent", "link_consent", "gpc", "opted_out", "host", "decision", "basis",
    "untracked_reason", "is_prefetch", "has_visitor", "is_signed", "identifier_fault",
    "cookie_fault", "is_other_form", "agreed_by",
)  # fmt: skip
"""`kind` counts from 0; `reason` is set where a call is refused whatever the registry says."""

OWN_COLUMNS = (
    "line_number", "hit_id", "hit_at", "visitor_id", "partner_cookie_id", "cep_contact_id",
    "message_id", "event_name", "page_host", "page_path", "section", "referrer_host",
    "device_type", "browser", "operating_system", "ip_prefix", "is_bot",
)  # fmt: skip

REQUIRED = {
    "sync": ("partner", "read"),
    "click": ("client", "contact", "message", "u", "sig"),
    "read": ("client", "contact", "message", "sig"),
    "page_view": ("u",),
    "event": ("name",),
    "bake": ("publisher",),
}

_OF_KINDS = ("site", "publisher", "client", "partner", "read", "consent", "gdpr", "gdpr_consent")
"""Parameters with few values; the others are looked at call by call, or value by value."""

WEB_KIND_COLUMNS = (
    "is_log_line", "hit_type", "is_repeated", "sent", *(f"r_{name}" for name in _OF_KINDS),
    "method", "status_text", "host", "sec_gpc", "purpose", "hit_at", "has_opted_out",
    "holds_email", "is_undecodable", "has_bad_value",
    "has_visitor", "is_signed", "identifier_fault", "cookie_fault", "is_other_form", "agreed_by",
)  # fmt: skip
"""What tells the kinds of calls apart that a web server logged."""


@dataclass(frozen=True)
class Identifier:
    """An identifier that came with a call, or the reason why it is none."""

    call: int
    kind: str | None
    key: str | None
    key_version: int | None
    fault: str | None
    past: tuple[str, ...] = ()
    """What the key was in earlier versions: who was erased is known by those of that time."""


@dataclass(frozen=True)
class Calls:
    """A round's calls; their kinds are in `round_kinds`."""

    own: Columns
    """OWN_COLUMNS, a row for each call."""
    kinds: Places
    """For each call, its kind."""
    identifiers: list[Identifier] = field(default_factory=list)
    """In the order of their calls."""


def web_kinds() -> str:
    """SELECT of KIND_COLUMNS from `web_kinds`; needs $oldest and $host."""
    parameters = ", ".join(f"{decoded(f'r_{name}')} as {name}" for name in _OF_KINDS)
    return f"""
select kind, {_web_reason()} as reason,
    case when is_log_line then hit_type end as hit_type, null::varchar as hit_id, hit_at,
    nullif(site, '') as site, publisher, client, partner,
    gdpr, gdpr_consent, consent as link_consent,
    coalesce(sec_gpc = '1', false) as gpc,
    coalesce(hit_type = 'withdraw' or has_opted_out, false) as opted_out,
    coalesce(lower(regexp_replace(host, ':[0-9]*$', '')), $host) as host,
    null::varchar as decision, null::varchar as basis, null::varchar as untracked_reason,
    method = 'HEAD' or coalesce(regexp_matches(purpose, '(?i)prefetch|prerender|preview'), false)
        as is_prefetch,
    has_visitor, is_signed, identifier_fault, cookie_fault, is_other_form, agreed_by
from (select *, {parameters} from web_kinds)
"""


def time_reasons() -> str:
    """SQL, cases: why a time is refused."""
    return (
        "when hit_at is null or not isfinite(hit_at) then 'bad_timestamp' "
        "when hit_at < $oldest then 'too_old'"
    )


def _web_reason() -> str:
    undecodable = " or ".join(f"({name} is null and r_{name} is not null)" for name in _OF_KINDS)
    return f"""case
        when not is_log_line then 'unparseable'
        when hit_type is null then null
        when holds_email then 'personal_data'
        when coalesce(method, '') not in ('GET', 'HEAD') then 'bad_method'
        when coalesce(status_text, '') not similar to '[23][0-9][0-9]' then 'bad_status'
        {time_reasons()}
        when is_repeated then 'dup_param'
        when is_undecodable or {undecodable} then 'bad_encoding'
        when {_missing()} then 'missing_param'
        when read is not null and read <> 'false' then 'bad_param'
        when consent is not null and consent not in ('0', '1') then 'bad_param'
        when has_bad_value then 'bad_param'
    end"""


def _missing() -> str:
    tests = [
        f"when '{hit_type}' then {' or '.join(f'not {_came(name)}' for name in names)}"
        + (f" or not {_came('cookieid', 'parcid')}" if hit_type == "sync" else "")
        + (f" or not {_came(*IDENTIFIERS)}" if hit_type == "bake" else "")
        for hit_type, names in REQUIRED.items()
    ]
    tests.append(f"when 'identify' then not {_came(*IDENTIFIERS)}")
    return f"coalesce(case hit_type {' '.join(tests)} end, false)"


def _came(*names: str) -> str:
    """SQL: one of the parameters came."""
    assert set(names) <= set(NAMES)
    return f"(sent & {sum(bit(name) for name in names)} <> 0)"
