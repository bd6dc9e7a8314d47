"""Conditions of an audience: what a marketer can ask of one person. Meaning: docs/audiences.md."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

LONGEST_LOOK_BACK = 400
"""Days; the history is not kept longer."""


class Part(BaseModel):
    """A piece of a definition: nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def storable(text: str) -> str:
    """The text, if UTF-8 and every store can hold it. Raises ValueError."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds a character that no stored text can hold")
    return text


Value = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(storable)]
Days = Annotated[int, Field(ge=1, le=LONGEST_LOOK_BACK)]
Share = Annotated[float, Field(gt=0, le=100, strict=False)]
"""Percent."""


class Match(Part):
    """How a text is compared: letter by letter, upper and lower case apart."""

    operator: Literal["equals", "starts_with", "contains"] = "equals"
    value: Value


class Moment(Part):
    """Days of the week and hours, in the client's time zone."""

    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(
        default=(), max_length=7, strict=False
    )
    """0 is Monday; none means every day."""
    from_hour: int = Field(default=0, ge=0, le=23)
    to_hour: int = Field(default=24, ge=1, le=24)
    """Not included. Smaller than `from_hour`: over midnight, each part on its own weekday."""

    @model_validator(mode="after")
    def _some_time(self) -> Moment:
        if self.from_hour == self.to_hour:
            raise ValueError("the hours leave no time")
        return self


What = Literal["visited", "event", "identified", "clicked", "read", "clicked_or_read", "called"]


class Action(Part):
    """One kind of thing a browser did, narrowed by where and what."""

    what: What
    site: Match | None = None
    section: Match | None = None
    page: Match | None = None
    """The path of the page, without host and query."""
    event: Match | None = None
    message: Match | None = None

    @model_validator(mode="after")
    def _fits(self) -> Action:
        if self.event and self.what != "event":
            raise ValueError("only an event has a name")
        if self.message and self.what not in ("clicked", "read", "clicked_or_read"):
            raise ValueError("only a click or a read has a message")
        return self


class Did(Part):
    """Did something at least so many times, or on so many days."""

    kind: Literal["did"] = "did"
    action: Action
    at_least: int = Field(default=1, ge=1, le=10_000)
    counted: Literal["times", "days"] = "times"
    """Days are UTC days, each counted once for all browsers of a person."""
    days: Days | None = None
    """Look-back; none means the definition's."""
    when: Moment | None = None


class Sequence(Part):
    """Did the first thing, and later the second within so many hours."""

    kind: Literal["sequence"] = "sequence"
    first: Action
    then: Action
    within_hours: int = Field(ge=1, le=24 * LONGEST_LOOK_BACK)
    days: Days | None = None


class Since(Part):
    """First seen, last seen or uploaded in the last days."""

    kind: Literal["since"] = "since"
    what: Literal["first_seen", "last_seen", "uploaded"]
    days: Days


class Total(Part):
    """A number over everything we know of a person, whatever the look-back."""

    kind: Literal["total"] = "total"
    of: Literal["days_active", "hits", "page_views", "events", "clicks", "reads", "identifies"]
    at_least: int = Field(ge=1, le=1_000_000_000)


class Uses(Part):
    """Has a browser that was last seen like this."""

    kind: Literal["uses"] = "uses"
    what: Literal["device_type", "browser", "operating_system", "referrer_host"]
    match: Match


class SeenBy(Part):
    """Has a cookie of the partner that was seen in the look-back."""

    kind: Literal["seen_by"] = "seen_by"
    partner: Value
    days: Days | None = None


class Is(Part):
    """Matched with a CRM record, linked to a CEP contact, or reachable in CEP."""

    kind: Literal["is"] = "is"
    what: Literal["matched", "cep_contact", "cep_reachable"]


class TextTest(Part):
    """Of a text attribute."""

    type: Literal["text"] = "text"
    match: Match


class NumberTest(Part):
    """Of a number: both ends included, one of them may be open."""

    type: Literal["number"] = "number"
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _some_end(self) -> NumberTest:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a number needs a least or a most")
        return self


class DateTest(Part):
    """Of a date: both ends included, one of them may be open."""

    type: Literal["date"] = "date"
    not_before: date | None = Field(default=None, strict=False)
    not_after: date | None = Field(default=None, strict=False)

    @model_validator(mode="after")
    def _some_end(self) -> DateTest:
        if self.not_before is None and self.not_after is None:
            raise ValueError("a date needs a first or a last day")
        return self


class BooleanTest(Part):
    """Of a yes-or-no attribute."""

    type: Literal["boolean"] = "boolean"
    value: bool


class KnownTest(Part):
    """The CRM says something at all."""

    type: Literal["known"] = "known"


class Attribute(Part):
    """What the CRM says of a matched person."""

    kind: Literal["attribute"] = "attribute"
    name: Value
    test: Annotated[
        TextTest | NumberTest | DateTest | BooleanTest | KnownTest, Field(discriminator="type")
    ]


class InAudience(Part):
    """Is in another audience."""

    kind: Literal["in_audience"] = "in_audience"
    audience: Value


class OnList(Part):
    """Is on an uploaded list of CRM record ids; a new upload replaces it."""

    kind: Literal["on_list"] = "on_list"
    list: Value


class InShare(Part):
    """Is in a random share of all people that stays the same for the same salt."""

    kind: Literal["in_share"] = "in_share"
    percent: Share
    salt: Value


FEWEST_SIMILAR = 100
"""People on a lookalike's list; the law of what goes to partners."""

Pool = Literal["everyone", "matched", "cep_contact", "cep_reachable"]


class Similar(Part):
    """Is among the people most like those of another audience; `matchbook.lookalikes` finds them.

    It is the whole box of a lookalike and stands nowhere else.
    """

    kind: Literal["similar"] = "similar"
    seed: Value
    """An audience's id."""
    people: int = Field(ge=FEWEST_SIMILAR, le=1_000_000_000)
    """How many are taken, the likest first."""
    pool: Pool = "everyone"
    """Out of whom; never people who have opted out."""
    exclude: Annotated[tuple[Value, ...], Field(max_length=20, strict=False)] = ()
    """Other audiences whose people are not taken."""
    with_seed: bool = False
    """The seed's own people come in besides."""
    destination: Value = "mapp_cep"
    """Where it is to go: `mapp_cep` or a partner; its reach is told."""
    draw: int = Field(default=1, ge=0, le=1_000_000)
    """Seed of randomness: another number draws other people to learn from."""

    @property
    def key(self) -> str:
        """Names this wish among a client's; the same wish has the same name."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @property
    def study_key(self) -> str:
        """The same without the size: one study answers for all sizes."""
        return self.model_copy(update={"people": FEWEST_SIMILAR}).key


Condition = (
    Did
    | Sequence
    | Since
    | Total
    | Uses
    | SeenBy
    | Is
    | Attribute
    | InAudience
    | OnList
    | InShare
    | Similar
)
