"""The destinations of pushes in words: what each counts in, wants and does."""

from __future__ import annotations

from matchbook import partner_channels
from matchbook.pushes.targets import CEP, WEBHOOK

OWN_SYSTEM = (
    "It gets your own record ids in signed messages of a hundred, added and removed (docs/cep.md)."
)


def ids(destination: str) -> str:
    """What one of those is that it counts."""
    return {CEP: "contact", WEBHOOK: "record"}.get(destination, "cookie id")


def does(destination: str) -> str:
    """What happens there with an audience."""
    if destination == WEBHOOK:
        return OWN_SYSTEM
    form = None if destination == CEP else partner_channels.partner(destination).audience
    return form.says if form else ""


def name_help(destination: str) -> str:
    """What the audience's name there has to be."""
    form = partner_channels.partner(destination).audience if _is_partner(destination) else None
    return (form.name_is if form else "") or "No other group there may have it."


def _is_partner(destination: str) -> bool:
    return destination not in (CEP, WEBHOOK)
