"""An alert in one sentence: where, how far from usual, since when, and what it is likely about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matchbook.alerts.episodes import Cause, Direction
from matchbook.alerts.measures import ALL
from matchbook.alerts.store import Alert

NO_SITE = "pages without a site"

_LIKELY: dict[tuple[Cause, Direction], str] = {
    ("volume", "low"): "fewer visits, or the tag is on fewer pages",
    ("volume", "high"): "more visits, or the tag is on more pages",
    ("consent", "low"): "more people refuse consent: did the banner change?",
    ("consent", "high"): "more people consent than usual: does the banner still ask?",
    ("gone", "low"): "its tag is gone from the site",
    ("format", "low"): "the partner's cookie ids have another form",
    ("duplicates", "high"): "the tag fires twice, or a log was delivered twice",
}
_ALL_GONE = "the site's tags are gone, the site is down, or its log is missing"
CAUSES: dict[Cause, str] = {
    "volume": "Volume",
    "consent": "Consent",
    "gone": "Pixel gone",
    "format": "Id format",
    "duplicates": "Duplicates",
}


@dataclass(frozen=True)
class Names:
    """Of partners and sites, by their ids."""

    partners: Mapping[str, str]
    sites: Mapping[str, str]

    def place(self, alert: Alert) -> str:
        """`Spotler on shop.example`, `All partners on shop.example`."""
        every = alert.partner_id == ALL
        partner = "All partners" if every else self.partners.get(alert.partner_id, alert.partner_id)
        site = self.sites.get(alert.site_id, alert.site_id) if alert.site_id else NO_SITE
        return f"{partner} on {site}"


def what(alert: Alert) -> str:
    """`calls 38 % below usual`."""
    below = f"{_percent(1 - alert.ratio)} below usual"
    above = f"{_percent(alert.ratio - 1)} above usual"
    match alert.cause:
        case "gone":
            return "no calls" if alert.ratio < 0.005 else f"calls {below}"
        case "format":
            return f"usable cookie ids {below}"
        case "duplicates":
            return f"calls per cookie id {above}"
        case "consent":
            return f"consent {below if alert.direction == 'low' else above}"
        case "volume":
            return f"calls {below if alert.direction == 'low' else above}"


def likely(alert: Alert) -> str:
    """The likely cause, without a full stop."""
    if alert.cause == "gone" and alert.partner_id == ALL:
        return _ALL_GONE
    return _LIKELY[alert.cause, alert.direction]


def sentence(alert: Alert, names: Names) -> str:
    """All of it, without the day."""
    return f"{names.place(alert)}: {what(alert)}. Likely: {likely(alert)}"


def in_chart(alert: Alert, names: Names) -> str:
    """What stands beside a chart on which the day is marked."""
    is_long = not alert.is_open and alert.until_date > alert.since_date
    until = f" until {alert.until_date.day} {alert.until_date:%b}" if is_long else ""
    said = alert.note or likely(alert)
    return f"{names.place(alert)}: {what(alert)}{until}. {said[:1].upper()}{said[1:]}"


def _percent(share: float) -> str:
    return f"{max(0.0, 100 * share):.0f} %"
