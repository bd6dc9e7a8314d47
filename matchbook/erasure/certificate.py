"""The certificate of a request: what was done, store by store, and who was told what."""

from __future__ import annotations

from typing import Any

from matchbook.erasure import requests, tombstones
from matchbook.partners import load_partners
from matchbook.settings import Settings

STORES = {
    "hits": "log lines",
    "crm_rows": "rows of CRM files",
    "record_identifiers": "rows with identifiers",
    "record_attributes": "rows with attributes",
    "partner_baselines": "pairs that partners had by themselves",
    "quarantine": "excerpts of rejected lines",
    "stored_files": "stored nightly files, removed whole",
    "held_pairs": "pairs noted as held by partners, older versions included",
    "audience_members": "places in audiences, older versions included",
    "audience_lists": "places on uploaded lists",
    "cep_pushes": "entries of pushes to CEP",
    "partner_audiences": "entries of audiences at partners and in the client's own system",
}

_HOW = {
    "removed": "took the removals",
    "unable": "has no way to remove: what it got stays there until it is removed by hand",
    "not_reached": "did not take the removals in time",
    "never_had": "had nothing of the person in the last 30 days",
}


def certificate(settings: Settings, request_id: int) -> dict[str, Any]:
    """As data. Raises ConfigError when there is no such request."""
    request = requests.get(settings, request_id)
    told = request.partners or []
    return {
        "request_id": request.request_id,
        "client_id": request.client_id,
        "kind": request.kind,
        "status": request.status,
        "asked_at": request.asked_at.isoformat(),
        "asked_by": request.asked_by,
        "due_at": request.due_at.isoformat(),
        "ended_at": request.ended_at.isoformat() if request.ended_at else None,
        "erased": request.counts or {},
        "partners": told,
        "unable": [one["partner_id"] for one in told if one["how"] == "unable"],
        "not_reached": [one["partner_id"] for one in told if one["how"] == "not_reached"],
        "left": tombstones.count(settings, request_id),
    }


def in_words(found: dict[str, Any]) -> list[str]:
    """The same, line by line, for the person or an auditor."""
    kind = "Erasure" if found["kind"] == "erasure" else "Opt-out"
    asked, due = found["asked_at"][:16].replace("T", " "), found["due_at"][:10]
    lines = [
        f"{kind} {found['request_id']} at {found['client_id']}",
        f"Asked for {asked} UTC by {found['asked_by']}; due {due}.",
        _standing(found),
    ]
    if counts := stores(found):
        lines += ["What there was of the person:", *(f"  {what}: {n:,}" for what, n in counts)]
    if told := partners(found):
        lines += ["Partners:", *(f"  {name}: {words}" for name, words in told)]
    return [*lines, *left(found)]


def stores(found: dict[str, Any]) -> list[tuple[str, int]]:
    """Where the person was, and how often."""
    return [(STORES.get(store, store), n) for store, n in found["erased"].items() if n]


def partners(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Each partner's name and what became of what it got."""
    names = {p.partner_id: p.name for p in load_partners()}
    names |= {"mapp_cep": "Mapp CEP", "webhook": "The client's own system"}
    return [(names.get(one["partner_id"], one["partner_id"]), _told(one))
            for one in found["partners"]]  # fmt: skip


def left(found: dict[str, Any]) -> list[str]:
    """What is still known of an erased person, as a line to be shown."""
    if found["kind"] != "erasure" or found["status"] == "lifted":
        return []
    return [f"What stays: {found['left']} HMACs, kept so that the person is not taken in again."]


def _standing(found: dict[str, Any]) -> str:
    at = (found["ended_at"] or "")[:16].replace("T", " ")
    if found["status"] == "lifted":
        return f"Lifted {at} UTC: the person came back."
    if found["kind"] == "opt_out":
        return "In force: matched, delivered and pushed no more."
    if found["status"] == "done":
        return f"Done {at} UTC."
    return "Held from the moment of the request; not erased yet."


def _told(one: dict[str, Any]) -> str:
    at = f", {one['at'][:16].replace('T', ' ')} UTC" if one["at"] else ""
    many = "1 pair" if one["pairs"] == 1 else f"{one['pairs']} pairs"
    return _HOW[one["how"]] + (f" ({many}{at})" if one["pairs"] else "")
