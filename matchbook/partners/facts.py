"""What is known of a partner, in words, each fact with its grade: for pages, lists and docs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from matchbook.partners import Partner
from matchbook.partners.profile import DeliveryProfile, Grade

GRADES: dict[Grade, str] = {
    "documented": "the partner's own documentation says so",
    "observed": "seen in public code or in cookies",
    "inferred": "concluded or proposed; agree it with the partner first",
    "open": "not known",
    "client": "agreed with the partner for this client",
}

NAMES = {
    "cookie": "Cookie id",
    "sync": "Sync pixel",
    "format": "Format",
    "columns": "Columns",
    "line": "A line",
    "header": "Header",
    "delimiter": "Delimiter",
    "quote": "Quotes",
    "newline": "Line ends",
    "compression": "Compression",
    "encryption": "Encryption",
    "file_name": "File name",
    "split": "Split",
    "channels": "Channel",
    "removals": "Removals",
    "semantics": "What the partner does",
    "audience": "An audience there",
}

_FORMATS = {
    "csv": "CSV, UTF-8",
    "ndjson": "NDJSON, UTF-8",
    "parquet": "Parquet",
    "json_batches": "JSON requests, UTF-8",
}
_ENCRYPTIONS = {
    "none": "none beyond the channel's",
    "openpgp_optional": "OpenPGP where the client wants it, after compression",
    "openpgp": "OpenPGP, after compression",
}
_QUOTES = {"needed": "where needed", "always": "always"}


@dataclass(frozen=True)
class Fact:
    """One thing a partner's file states."""

    name: str
    label: str
    text: str
    grade: Grade


def facts_of(partner: Partner, profile: DeliveryProfile | None = None) -> list[Fact]:
    """All facts of a partner; with `profile`, those of a client's own form of its files."""
    form = profile or partner.delivery
    sync = f"{partner.sync.macro} — {partner.sync.fires}"
    own = [
        Fact("cookie", NAMES["cookie"], partner.cookie_pattern, partner.cookie_grade),
        Fact("sync", NAMES["sync"], sync, partner.sync.grade),
    ]
    told = [Fact(name, NAMES[name], _TEXTS[name](form), form.grades[name]) for name in form.facts]
    if partner.audience is None:
        return own + told
    says = f"{partner.audience.says} {partner.audience.name_is}".strip()
    return [*own, *told, Fact("audience", NAMES["audience"], says, partner.audience.grade)]


def _split(profile: DeliveryProfile) -> str:
    rows = f"{profile.max_rows:,} rows" if profile.max_rows else ""
    size = f"{profile.max_bytes / 1e6:,.0f} MB" if profile.max_bytes else ""
    return " or ".join(part for part in (rows, size) if part) or "one file"


def _columns(profile: DeliveryProfile) -> str:
    return ", ".join(
        name if source == name else f"{name} = {source}" for name, source in profile.columns.items()
    )


_TEXTS: dict[str, Callable[[DeliveryProfile], str]] = {
    "format": lambda profile: _FORMATS[profile.format],
    "columns": _columns,
    "line": lambda profile: json.dumps(profile.line),
    "header": lambda profile: "yes" if profile.header else "no",
    "delimiter": lambda profile: {"\t": "tab"}.get(
        profile.delimiter or "", profile.delimiter or ""
    ),
    "quote": lambda profile: _QUOTES[profile.quote or "needed"],
    "newline": lambda profile: (profile.newline or "").upper(),
    "compression": lambda profile: profile.compression,
    "encryption": lambda profile: _ENCRYPTIONS[profile.encryption],
    "file_name": lambda profile: profile.file_name,
    "split": _split,
    "channels": lambda profile: ", ".join(profile.channels),
    "removals": lambda profile: profile.removals.says,
    "semantics": lambda profile: profile.semantics,
}
