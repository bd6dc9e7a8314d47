"""The one way a call becomes a line of the log: consent, our cookie, flags, then the line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ingest.collector import cookies
from ingest.collector.hits import Hit, hit_line, refused_line
from matchbook.consent import Decision, Signals, decide
from matchbook.identifiers import key_version

if TYPE_CHECKING:
    from ingest.collector.calls import Call
    from ingest.collector.collector import Collector


@dataclass(slots=True)
class Tracked:
    """What became of a call."""

    visitor_id: str | None
    """Whom the call counts for; None when it is not tracked."""
    cookie: str | None
    """The Set-Cookie value to send, when an id was given."""
    decision: Decision

    @property
    def cookies(self) -> tuple[str, ...]:
        """The same as arguments for an answer."""
        return (self.cookie,) if self.cookie else ()


def track(
    collector: Collector,
    call: Call,
    hit: Hit,
    *,
    declared: bool,
    link_consent: str | None = None,
    switched_on: bool = True,
    person_opted_out: bool = False,
    visitor: str | None = None,
    partitioned: bool = False,
) -> Tracked:
    """Decide, read or give our cookie, and give the line to the log.

    `person_opted_out`: the person the call names; whose browser it is may be another, so
    the browser is not withdrawn. `visitor` is one known otherwise (a landing token); our cookie
    goes before it. Nothing was tracked if the log does not take the line (`Answer.if_lost`).
    """
    key = collector.keys.cookie
    ours = cookies.visitor_of(key, call.cookies) if call.cookies else None
    decision = decision_of(
        collector, call, declared=declared, link_consent=link_consent, switched_on=switched_on
    )
    if person_opted_out and decision.tracked:
        decision = Decision(tracked=False, reason="opted_out")
    cookie = None
    if decision.tracked:
        ours = ours or visitor
        if ours is None and call.is_prefetch:
            decision = replace(decision, tracked=False, basis=None, reason="no_cookie")
        elif ours is None:
            ours = cookies.fresh_visitor(partitioned=partitioned)
            cookie = cookies.setting(key, ours, partitioned=partitioned)
    write(collector, call, hit, decision, ours)
    return Tracked(ours if decision.tracked else None, cookie, decision)


def refuse(
    collector: Collector,
    call: Call,
    hit_type: str,
    reason: str,
    *,
    site: str = "",
    partner: str = "",
) -> None:
    """Write the line of a refused call; it holds no id and no text of the call.

    `site` and `partner` are names that the registry has, not what the call says.
    """
    hit_id = collector.next_hit_id()
    line = refused_line(hit_type, reason, call, hit_id=hit_id, site=site, partner=partner)
    collector.log.append(line)
    collector.metrics.refused(hit_type, reason)


def write(
    collector: Collector, call: Call, hit: Hit, decision: Decision, visitor: str | None
) -> None:
    """Write the line of a call that was decided."""
    collector.log.append(
        hit_line(
            hit,
            call,
            decision,
            hit_id=collector.next_hit_id(),
            visitor=visitor,
            key_version=key_version(collector.keys),
        )
    )
    collector.metrics.decided(hit.type, decision)


def decision_of(
    collector: Collector,
    call: Call,
    *,
    declared: bool,
    link_consent: str | None = None,
    switched_on: bool = True,
) -> Decision:
    """What a call's signals of consent decide."""
    if call.has_unreadable_cookies:
        return Decision(tracked=False, reason="unreadable_cookies")
    parameters = call.parameters
    decision = _decided(
        parameters.get("gdpr"),
        parameters.get("gdpr_consent"),
        call.gpc,
        call.opted_out or call.path == "/bakery/optout",
        link_consent,
        declared,
        collector.registry.tcf_vendor_id,
        call.at.date(),
    )
    if not switched_on and not decision.withdraws:
        return Decision(tracked=False, reason="switch_off")
    return decision


@lru_cache(maxsize=2048)
def _decided(
    gdpr: str | None,
    gdpr_consent: str | None,
    gpc: bool,
    opted_out: bool,
    link_consent: str | None,
    declared: bool,
    vendor_id: int | None,
    day: date,
) -> Decision:
    """The decision on signals, which most calls share; TC strings age by the day."""
    return decide(
        Signals(
            gdpr=gdpr,
            gdpr_consent=gdpr_consent,
            gpc=gpc,
            opted_out=opted_out,
            link_consent=link_consent,
            declared=declared,
            vendor_id=vendor_id,
            at=datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
    )
