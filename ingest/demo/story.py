"""The story an analyst can find in the demo world, as shares of its calendar."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gap:
    """One partner's pixel is missing on one site from the first day to before the second; without a
    second, until the world ends."""

    partner_id: str
    site_id: str
    first: float
    end: float | None


LARGE_UPLOAD = 75 / 120
"""The retailer uploads its loyalty cards: the rate falls first, then recovers."""

CLICK_SWITCH = 58 / 120
READ_SWITCH = 62 / 120
"""The retailer approves the two CEP switches."""

BASELINES = 80 / 120
"""Five partners export what they know of the retailer's people by themselves."""

BANNER_CHANGE = 90 / 120
"""A new consent banner at the retailer: fewer people say yes."""

PIXEL_GAPS = (
    Gap("spotler", "oak_nl", 101 / 120, 108 / 120),
    Gap("snowplow", "oak_garden", 118 / 120, None),
)
"""One that is over, and one that is not: somebody has to look."""

CARDS_FORGOTTEN_DAYS = 10
"""Nobody has uploaded who gave back a loyalty card since: a weekly file is three days late."""
