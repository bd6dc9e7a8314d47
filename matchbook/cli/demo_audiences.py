"""Example audiences of the demo world: in its full size 150 to 600 contacts reachable in CEP each,
but for the news client's, which sends no mailings and reaches its readers at partners."""

from __future__ import annotations

from typing import Any

from matchbook.audiences import of
from matchbook.kept_audiences import store
from matchbook.settings import Settings


def _did(what: str, days: int, at_least: int = 1, **where: str) -> dict[str, Any]:
    action = {"what": what, **{name: {"value": value} for name, value in where.items()}}
    return {"kind": "did", "action": action, "at_least": at_least, "days": days}


def _attribute(name: str, **test: Any) -> dict[str, Any]:
    return {"kind": "attribute", "name": name, "test": test}


def _both(*of_these: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "all", "of": of_these}


def _not(condition: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "not", "of": condition}


EXAMPLES: dict[str, tuple[dict[str, Any], ...]] = {
    "oakandlinen": (
        {"name": "Answers our mails", "categories": ("E-mail",), "owner": "CRM team",
         "description": "Clicked or read at least two mailings in three months.",
         "enter": _did("clicked_or_read", 90, at_least=2)},
        {"name": "Visits, but does not click", "categories": ("E-mail",), "owner": "CRM team",
         "enter": _both(_did("visited", 30), _not(_did("clicked_or_read", 30)))},
        {"name": "Sale hunters", "categories": ("Shop",), "owner": "Shop team",
         "description": "Whoever has not called for a month is no hunter any more.",
         "enter": _did("visited", 60, at_least=2, section="sale"),
         "leave": _not(_did("called", 30)), "expires_after_days": 90},
        {"name": "Good customers", "categories": ("Shop",), "owner": "Shop team",
         "enter": _attribute("orders", type="number", at_least=8), "holdout_percent": 10},
        {"name": "Filled a basket", "categories": ("Shop",), "owner": "Shop team",
         "description": "Good customers get a mailing of their own.",
         "enter": _both(_did("event", 60, event="add_to_basket"),
                        _not({"kind": "in_audience", "audience": "good-customers"}))},
        {"name": "New contacts", "categories": ("E-mail",), "owner": "CRM team",
         "enter": {"kind": "since", "what": "uploaded", "days": 45}},
    ),
    "farwater": (
        {"name": "Dreaming of the beach", "owner": "Campaigns",
         "enter": _did("visited", 90, at_least=2, section="beach")},
        {"name": "Travelled once", "owner": "Campaigns",
         "enter": _attribute("segment", type="text", match={"value": "lapsed"})},
        {"name": "Looked at cruises", "owner": "Campaigns",
         "enter": _did("visited", 45, site="far_cruise")},
    ),
    "ochtendblad": (
        {"name": "Reads a lot", "owner": "Readers' desk", "enter": _did("visited", 30, at_least=3)},
    ),
}  # fmt: skip
"""By client; an audience refers to others by the id that its name makes."""


def set_up(settings: Settings) -> None:
    """Save those of a client that has none yet."""
    for client_id, examples in EXAMPLES.items():
        if not store.all_of(settings, client_id, archived=True):
            for example in examples:
                store.create(settings, client_id, of(**example), by="demo")
