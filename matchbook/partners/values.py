"""What may stand in a partner's file: our sources, constants and what the partner gave a client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

SOURCES = ("partner_cookie_id", "crm_record_id", "action", "last_seen_at", "delivered_at")
"""`delivered_at` is the moment of the build; the rest are the columns of the delta."""

_SOURCE = re.compile(rf"(?:{'|'.join(SOURCES)}|constant:.*|parameter:[a-z][a-z0-9_]*)", re.DOTALL)


def _checked_source(text: str) -> str:
    if not _SOURCE.fullmatch(text):
        raise ValueError(f"is none of {', '.join(SOURCES)}, constant:… and parameter:…")
    return text


def _checked_template(template: Any) -> Any:
    if isinstance(template, dict):
        return {str(key): _checked_template(value) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [_checked_template(value) for value in template]
    if isinstance(template, str) and template.startswith("$"):
        _checked_source(template[1:])
    elif not isinstance(template, str | int | bool):
        raise ValueError("a line is made of objects, lists, texts, numbers and $sources")
    return template


Source = Annotated[str, AfterValidator(_checked_source)]

JsonTemplate = Annotated[Any, AfterValidator(_checked_template)]
"""JSON in which a text that begins with `$` names a source: `$crm_record_id`."""


def parameters_in(template: Any) -> Iterator[str]:
    """The names of the parameters that columns or a line use."""
    if isinstance(template, dict):
        template = list(template.values())
    if isinstance(template, list):
        for value in template:
            yield from parameters_in(value)
    elif isinstance(template, str):
        kind, _, name = template.removeprefix("$").partition(":")
        if kind == "parameter":
            yield name


class Parameter(BaseModel):
    """Something the partner tells each of its customers, such as a site number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    meaning: str
    pattern: str
    """What a whole value looks like."""
    example: str
    default: str = ""
    is_number: bool = False
    """Written without quotation marks in JSON."""

    def check(self, name: str, value: str) -> None:
        """Raises ValueError; the value is not repeated."""
        if not re.fullmatch(self.pattern, value):
            raise ValueError(f"{name} does not look like {self.pattern}")


class Recipient(BaseModel):
    """The OpenPGP certificate that files are encrypted to, pinned by its fingerprint."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, StringConstraints(pattern=r"^(env:[A-Z0-9_]+|file:[A-Za-z0-9_.-]+)$")]
    """Where the certificate is, by reference like every credential."""
    fingerprint: Annotated[str, StringConstraints(pattern=r"^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$")]
