"""How a partner takes its nightly matches: format, files, channel and removals, each fact graded.

A profile is data of the partner's YAML. A client's own agreement with the partner is a partial
of the same document (`DeliveryProfile.overridden`). Only our record ids and the partner's own
cookie ids can be named as sources, so no identifier hash can leave.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from matchbook.errors import ConfigError
from matchbook.partners.checks import (
    FACTS_BY_FORMAT,
    Format,
    check_files,
    check_layout,
    check_parameters,
    check_removals,
    file_names_of,
    parameters_of,
)
from matchbook.partners.names import FileName
from matchbook.partners.values import JsonTemplate, Parameter, Recipient, Source

Grade = Literal["documented", "observed", "inferred", "open", "client"]
"""`client`: agreed with the partner by this client, in place of what the partner's file says."""

Channel = Literal["local", "sftp", "ftps", "s3", "https", "gcs", "azure"]

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
        return ("format", *FACTS_BY_FORMAT[self.format], *_FACTS)

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
        used = parameters_of(self)
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
        whole = merged(self.model_dump(), changes)
        facts = {"format", *_FACTS, *FACTS_BY_FORMAT.get(whole["format"], ())}
        whole["grades"] = {
            fact: "client" if fact in touched else self.grades.get(fact, "client") for fact in facts
        }
        try:
            return DeliveryProfile.model_validate(whole)
        except ValidationError as error:
            raise _not_held(_told(error)) from None

    def check_cadence(self, hours: float) -> None:
        """Raises ConfigError when files of one day would take each other's names."""
        if hours < 24 and not all(file_name.has_time for file_name in file_names_of(self)):
            raise ConfigError(
                "The partner's file names hold a date and no time, so a day has one delivery.",
                kept="The cadence as it was.",
                todo="Choose 24 hours or more, or agree a name with {hhmmss} with the partner.",
            )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        check_layout(self)
        check_files(self)
        check_removals(self)
        check_parameters(self)
        if set(self.grades) != set(self.facts):
            raise ValueError(f"grades are wanted for exactly: {', '.join(self.facts)}")
        return self


_OVERRIDABLE = set(DeliveryProfile.model_fields) - {"grades", "sources", "confirmation"}


def merged(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A document with a partial of it laid over it: nested documents are merged but for columns
    and lines, everything else is replaced.
    """
    result = dict(before)
    for name, value in changes.items():
        is_nested = isinstance(value, dict) and isinstance(before.get(name), dict)
        keeps_rest = is_nested and name not in ("columns", "line")
        result[name] = merged(before[name], value) if keeps_rest else value
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
