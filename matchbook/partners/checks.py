"""What has to hold between the fields of a partner's profile; each check raises ValueError."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from matchbook.partners.names import FileName, placeholders_of
from matchbook.partners.values import JsonTemplate, parameters_in

if TYPE_CHECKING:
    from matchbook.partners.profile import DeliveryProfile

Format = Literal["csv", "ndjson", "parquet", "json_batches"]

CSV_FACTS = ("columns", "header", "delimiter", "quote", "newline")

FACTS_BY_FORMAT: dict[Format, tuple[str, ...]] = {
    "csv": CSV_FACTS,
    "parquet": ("columns",),
    "ndjson": ("line",),
    "json_batches": ("line",),
}
"""What a profile of a format states beside what all state; it has no other of these fields."""


def check_layout(profile: DeliveryProfile) -> None:
    """The fields go with the format."""
    wanted = FACTS_BY_FORMAT[profile.format]
    for name in (*CSV_FACTS, "line"):
        if (getattr(profile, name) in (None, {})) == (name in wanted):
            raise ValueError(f"{name} does not go with, or is missing for, {profile.format}")
    http = profile.http
    if profile.format == "json_batches":
        if http is None:
            raise ValueError("json_batches needs http, the requests it makes")
        if http.items_per_request > 1 and {"partner_cookie_id", "crm_record_id"} & set(
            placeholders_of(http.path)
        ):
            raise ValueError("a path with an id in it takes one item per request")
    packed = profile.compression in ("zstd", "snappy")
    if packed != (profile.format == "parquet") and profile.compression != "none":
        raise ValueError("zstd and snappy are for parquet, gzip and zip for the other formats")


def check_files(profile: DeliveryProfile) -> None:
    """Limits, names and encryption go together."""
    is_split = profile.max_rows is not None or profile.max_bytes is not None
    if is_split and not profile.file_name.has_part:
        raise ValueError("a profile with max_rows or max_bytes needs {part} in its file_name")
    if profile.format == "parquet" and profile.max_bytes is not None:
        raise ValueError("max_bytes is for lines; Parquet files are split at max_rows")
    if profile.recipient is not None and profile.encryption == "none":
        raise ValueError("a recipient is given where encryption is none")


def check_removals(profile: DeliveryProfile) -> None:
    """A removal can be told as the profile says."""
    removals = profile.removals
    if (removals.how == "file") != (removals.file_name is not None):
        raise ValueError("removals have a file_name exactly where how is file")
    if removals.file_name == profile.file_name:
        raise ValueError("removals in a file of their own need a name of their own")
    if removals.how == "row" and not _tells_action(profile):
        raise ValueError("removals as rows need the action in a column, the line or a method")
    if removals.how == "file" and profile.format == "json_batches":
        raise ValueError("removals of requests are requests: how is row")
    if removals.how == "file" and profile.format == "ndjson" and removals.line is None:
        raise ValueError("removals in a file of their own need a line")


def _tells_action(profile: DeliveryProfile) -> bool:
    if profile.http is not None and profile.http.removal_method:
        return True
    return "action" in (*profile.columns.values(), *(s[1:] for s in _texts(profile.line)))


def check_parameters(profile: DeliveryProfile) -> None:
    """What is used is described, and the client's values look right."""
    if unknown := parameters_of(profile) - set(profile.parameters):
        raise ValueError(f"parameters that are used and not described: {', '.join(unknown)}")
    for name, value in profile.values.items():
        if name not in profile.parameters:
            raise ValueError(f"the partner has no parameter {name}")
        profile.parameters[name].check(name, value)
        in_names = any(name in file_name.parameters for file_name in file_names_of(profile))
        if in_names and not _IN_A_NAME.fullmatch(value):
            raise ValueError(f"{name} stands in file names: letters, digits and . _ - only")


def parameters_of(profile: DeliveryProfile) -> set[str]:
    """The parameters that stand in names, columns, lines and calls."""
    http = profile.http
    before = http.before if http else None
    texts = [http.path] if http else []
    texts += [before.path, *before.body.values(), *before.removal_body.values()] if before else []
    return {
        *(name for file_name in file_names_of(profile) for name in file_name.parameters),
        *(name for text in texts for name in placeholders_of(text)),
        *parameters_in([*profile.columns.values(), profile.line, profile.removals.line]),
    } - {"id", "file", "partner_cookie_id", "crm_record_id"}


def file_names_of(profile: DeliveryProfile) -> list[FileName]:
    """The templates of matches and, where they have files of their own, of removals."""
    own = profile.removals.file_name
    return [profile.file_name, *([own] if own else [])]


_IN_A_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


def _texts(template: JsonTemplate | None) -> Iterator[str]:
    if isinstance(template, dict):
        for value in template.values():
            yield from _texts(value)
    elif isinstance(template, list):
        for value in template:
            yield from _texts(value)
    elif isinstance(template, str):
        yield template
