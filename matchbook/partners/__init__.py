"""The partners: one YAML file each, validated. Adding a partner is adding a file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

from matchbook.partners.agreed import Agreed
from matchbook.partners.audience import AudienceForm
from matchbook.partners.profile import DeliveryProfile, Grade

FOLDER = Path(__file__).parent

WebPlace = Annotated[
    str, StringConstraints(pattern=r"^(cookie [\w-]+( \w+)?|storage [\w-]+|call \w+\.\w+)$")
]


class Sync(BaseModel):
    """How a page tells us the partner's cookie id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    macro: str
    """What the partner, or a script, puts in for the id."""
    fires: str
    """Who makes the call."""
    grade: Grade
    redirect: str = ""
    """The partner's address that puts the id in for `macro` and sends the browser to `{url}`."""
    script: str = ""
    """JavaScript that holds the id where the tag runs; without it the partner's `web_places` do."""
    parameter: Literal["cookieid", "parcid"] = "cookieid"


class Partner(BaseModel):
    """A DMP: how its cookie ids look and what to do with those that do not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partner_id: str
    name: str
    position: int
    """Order of the partners wherever they stand in a row."""
    cookie_pattern: str
    """What a whole cookie id looks like, after `cookie_prefix` and case."""
    cookie_grade: Grade
    """Only a form that is documented or agreed by the client refuses ids; otherwise a mismatch is
    kept with a warning."""
    cookie_case: Literal["lower", "preserve"]
    bare_number_prefix: str = ""
    """Put in front of an id that is 5 to 19 digits only."""
    refused_patterns: tuple[str, ...] = ()
    """Ids that look right but belong to nobody or to everybody."""
    web_places: tuple[WebPlace, ...] = ()
    """Where a page of the client's own finds the id: `cookie NAME [FIELD]`, `storage KEY` or
    `call OBJECT.METHOD`, the first that holds one. Where there is none the page must say it."""
    baseline_cookie_column: str = ""
    baseline_record_column: str = ""
    """What the partner's own export of matched ids calls its two columns, beside our names."""
    sample_ids: tuple[str, ...] = ()
    sync: Sync
    delivery: DeliveryProfile
    audience: AudienceForm | None = None
    """None: it takes no audiences."""

    def as_agreed(self, agreed: Agreed | None) -> Partner:
        """The partner as one client has it; what differs is graded `client`."""
        changes: dict[str, object] = {}
        if agreed and agreed.cookie_pattern:
            changes |= {"cookie_pattern": agreed.cookie_pattern, "cookie_grade": "client"}
        if agreed and (sync := agreed.sync.model_dump(exclude_none=True)):
            changes["sync"] = self.sync.model_copy(update=sync | {"grade": "client"})
        return self.model_copy(update=changes)

    @field_validator("cookie_pattern", "refused_patterns")
    @classmethod
    def _compiles(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for pattern in (value,) if isinstance(value, str) else value:
            re.compile(pattern)
        return value


@cache
def load_partners() -> tuple[Partner, ...]:
    """All partners, in their order."""
    found = [Partner.model_validate(yaml.safe_load(p.read_text())) for p in FOLDER.glob("*.yml")]
    return tuple(sorted(found, key=lambda partner: partner.position))
