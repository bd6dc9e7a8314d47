"""How a partner takes its nightly matches: format, files, channel and removals, each fact graded.

A profile is data of the partner's YAML. A client's own agreement with the partner is a partial
of the same document (`DeliveryProfile.overridden`). Only our record ids and the partner's own
cookie ids can be named as sources, so no identifier hash can leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from matchbook.errors import ConfigError
from matchbook.partners.names import FileName, placeholders_of
from matchbook.partners.values import JsonTemplate, Parameter, Recipient, Source, parameters_in

Format = Literal["csv", "ndjson", "parquet", "json_batches"]
Grade = Literal["documented", "observed", "inferred", "open", "client"]
"""`client`: agreed with the partner by this client, in place of what the partner's file says."""

Channel = Literal["local", "sftp", "ftps", "s3", "https", "gcs", "azure"]

_CSV_FACTS = ("columns", "header", "delimiter", "quote", "newline")
_FACTS_BY_FORMAT: dict[Format, tuple[str, ...]] = {
    "csv": _CSV_FACTS,
    "parquet": ("columns",),
    "ndjson": ("line",),
    "json_batches": ("line",),
}
_FACTS = ("compression", "encryption", "file_name", "split", "channels", "removals", "semantics")
_FACT_OF = {"max_rows": "split", "max_bytes": "split", "recipient": "encryption"}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Before(_Model):
    """A call that opens an import; the files then go to the path that holds its `{id}`."""

    path: str
    body: dict[str, str]
    removal_body: dict[str, str] = {}
    """In place of `body` where the file holds removals."""
    id_at: str
    """Where the answer holds the id, such as `data.id`."""


class Http(_Model):
    """The calls of a partner that takes requests or files over HTTPS; the host is the channel's."""

    method: Literal["POST", "PUT"] = "POST"
    path: str
    removal_method: Literal["", "POST", "PUT", "DELETE"] = ""
    content_type: str = "application/json"
    items_per_request: int = Field(default=1, ge=1, le=10_000)
    before: Before | None = None
    authentication: Literal["basic", "bearer", "authorization"]
    skip: tuple[int, ...] = (400,)
    """Answers that refuse one request: it is recorded, the others go on."""
    halt: tuple[int, ...] = (401, 403)
    """Answers that refuse us: the delivery stops."""


class Removals(_Model):
    """How a pair that may no longer be held is taken back."""

    how: Literal["row", "file", "unable"]
    """A row or request of the same files, a file of its own, or not at all."""
    file_name: FileName | None = None
    line: JsonTemplate | None = None
    says: str
    """For people: what happens with a removal at this partner."""


class DeliveryProfile(_Model):
    """The form and channel in which one partner takes its files."""

    format: Format
    columns: dict[str, Source] = {}
    """CSV and Parquet: the column's name at the partner → what stands in it, in this order."""
    line: JsonTemplate | None = None
    """NDJSON: the object of one pair; JSON batches: one item of a request's list."""
    header: bool | None = None
    delimiter: Literal[",", ";", "|", "\t"] | None = None
    quote: Literal["needed", "always"] | None = None
    newline: Literal["lf", "crlf"] | None = None
    encoding: Literal["utf-8"] = "utf-8"
    compression: Literal["none", "gzip", "zip", "zstd", "snappy"]
    encryption: Literal["none", "openpgp_optional", "openpgp"]
    recipient: Recipient | None = None
    """Whose OpenPGP key the files are encrypted to; a client sets it."""
    file_name: FileName
    max_rows: int | None = Field(default=None, ge=1)
    max_bytes: int | None = Field(default=None, ge=1000)
    """Of a file before compression, so that no form of it is larger."""
    channels: tuple[Channel, ...] = Field(min_length=1)
    """In order of preference; a client may always take a local folder instead."""
    removals: Removals
    semantics: str
    parameters: dict[str, Parameter] = {}
    """What the partner tells each client, such as a site number."""
    values: dict[str, str] = {}
    """The parameters' values for one client."""
    confirmation: str = ""
    """What the client must have confirmed before this partner can be activated."""
    http: Http | None = None
    grades: dict[str, Grade]
    sources: tuple[str, ...] = ()
    """Where the documented facts stand."""
    has_manifest: bool = True
    """Whether a manifest may stand beside the files."""

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of what the profile states, in reading order; each has a grade."""
        return ("format", *_FACTS_BY_FORMAT[self.format], *_FACTS)

    def value(self, name: str, *, example: bool = False) -> str:
        """A parameter's value; with `example` its documented example where it has none.

        Raises ConfigError when the client has not given it.
        """
        spec = self.parameters[name]
        found = self.values.get(name, spec.default) or (spec.example if example else "")
        if not found:
            raise ConfigError(
                f"The partner's setting {name} is not given: {spec.meaning}.",
                kept="No file was written.",
                todo=f"Ask the partner for it and set {name} for this client.",
            )
        return found

    def missing(self) -> tuple[str, ...]:
        """The parameters a client still has to give before files can be written."""
        used = _used(self)
        open_ = [
            name
            for name, spec in self.parameters.items()
            if name in used and not self.values.get(name, spec.default)
        ]
        needs_key = self.encryption == "openpgp" and self.recipient is None
        return (*open_, *(("recipient",) if needs_key else ()))

    def with_examples(self) -> DeliveryProfile:
        """The profile with every open parameter set to its example, for samples."""
        values = {name: self.value(name, example=True) for name in self.parameters}
        return self.model_copy(update={"values": values})

    def overridden(self, changes: dict[str, Any]) -> DeliveryProfile:
        """The profile as one client has agreed it with the partner: a partial of this document.

        Nested documents are merged, everything else is replaced; what is changed is graded
        `client`. Raises ConfigError when the result is no valid profile.
        """
        if not set(changes) <= _OVERRIDABLE:
            raise _not_held(f"{', '.join(sorted(set(changes) - _OVERRIDABLE))} cannot be changed")
        touched = {_FACT_OF.get(name, name) for name in changes}
        merged = _merged(self.model_dump(), changes)
        facts = {"format", *_FACTS, *_FACTS_BY_FORMAT.get(merged["format"], ())}
        merged["grades"] = {
            fact: "client" if fact in touched else self.grades.get(fact, "client") for fact in facts
        }
        try:
            return DeliveryProfile.model_validate(merged)
        except ValidationError as error:
            raise _not_held(_told(error)) from None

    def check_cadence(self, hours: float) -> None:
        """Raises ConfigError when files of one day would take each other's names."""
        if hours < 24 and not self.file_name.has_time:
            raise ConfigError(
                "The partner's file names hold a date and no time, so a day has one delivery.",
                kept="The cadence as it was.",
                todo="Choose 24 hours or more, or agree a name with {hhmmss} with the partner.",
            )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        _check_layout(self)
        _check_files(self)
        _check_removals(self)
        _check_parameters(self)
        if set(self.grades) != set(self.facts):
            raise ValueError(f"grades are wanted for exactly: {', '.join(self.facts)}")
        return self


_OVERRIDABLE = set(DeliveryProfile.model_fields) - {"grades", "sources", "confirmation"}


def _check_layout(profile: DeliveryProfile) -> None:
    wanted = _FACTS_BY_FORMAT[profile.format]
    for name in (*_CSV_FACTS, "line"):
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


def _check_files(profile: DeliveryProfile) -> None:
    is_split = profile.max_rows is not None or profile.max_bytes is not None
    if is_split and not profile.file_name.has_part:
        raise ValueError("a profile with max_rows or max_bytes needs {part} in its file_name")
    if profile.format == "parquet" and profile.max_bytes is not None:
        raise ValueError("max_bytes is for lines; Parquet files are split at max_rows")
    if profile.recipient is not None and profile.encryption == "none":
        raise ValueError("a recipient is given where encryption is none")


def _check_removals(profile: DeliveryProfile) -> None:
    removals = profile.removals
    if (removals.how == "file") != (removals.file_name is not None):
        raise ValueError("removals have a file_name exactly where how is file")
    if removals.how == "row" and not _tells_action(profile):
        raise ValueError("removals as rows need the action in a column, the line or a method")
    if removals.how == "file" and profile.format == "ndjson" and removals.line is None:
        raise ValueError("removals in a file of their own need a line")


def _tells_action(profile: DeliveryProfile) -> bool:
    if profile.http is not None and profile.http.removal_method:
        return True
    return "action" in (*profile.columns.values(), *(s[1:] for s in _texts(profile.line)))


def _check_parameters(profile: DeliveryProfile) -> None:
    if unknown := _used(profile) - set(profile.parameters):
        raise ValueError(f"parameters that are used and not described: {', '.join(unknown)}")
    for name, value in profile.values.items():
        if name not in profile.parameters:
            raise ValueError(f"the partner has no parameter {name}")
        profile.parameters[name].check(name, value)
        if name in profile.file_name.parameters and not _IN_A_NAME.fullmatch(value):
            raise ValueError(f"{name} stands in file names: letters, digits and . _ - only")


def _used(profile: DeliveryProfile) -> set[str]:
    """The parameters that stand in names, columns, lines and calls."""
    http, removals = profile.http, profile.removals
    before = http.before if http else None
    texts = [http.path] if http else []
    texts += [before.path, *before.body.values(), *before.removal_body.values()] if before else []
    return {
        *profile.file_name.parameters,
        *(removals.file_name.parameters if removals.file_name else ()),
        *(name for text in texts for name in placeholders_of(text)),
        *parameters_in([*profile.columns.values(), profile.line, removals.line]),
    } - {"id", "file", "partner_cookie_id", "crm_record_id"}


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


def _merged(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    result = dict(before)
    for name, value in changes.items():
        is_nested = isinstance(value, dict) and isinstance(before.get(name), dict)
        keeps_rest = is_nested and name not in ("columns", "line")
        result[name] = _merged(before[name], value) if keeps_rest else value
    return result


def _not_held(why: str) -> ConfigError:
    return ConfigError(
        f"The client's own form of the partner's files does not hold: {why}.",
        kept="The form as it was.",
        todo="Correct that field; docs/partners.md lists them all.",
    )


def _told(error: ValidationError) -> str:
    """Where it is wrong and why, without the value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
