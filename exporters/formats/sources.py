"""What a profile's source stands for: a column of the delta, or one text for all rows."""

from __future__ import annotations

from matchbook.partners.profile import DeliveryProfile


def constant_of(source: str, profile: DeliveryProfile, moment: str) -> str | None:
    """The text that is the same in every row; None for a column of the delta.

    Raises ConfigError when a parameter has no value.
    """
    kind, _, rest = source.partition(":")
    if kind == "constant":
        return rest
    if kind == "parameter":
        return profile.value(rest)
    return moment if source == "delivered_at" else None
