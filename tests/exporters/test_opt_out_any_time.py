"""P41: whoever opts out, whenever, appears in no later run, and everybody who got them is told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from exporters import storing
from exporters.delivery import deliver_all
from matchbook import registry, suppressions
from matchbook.erasure import requests
from matchbook.registry import Client, ClientPartner, Registry
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.nights import at_night, publish_pairs, rows

PARTNERS = ("piano", "tealium")
REGISTRY = Registry(
    clients=(
        Client(client_id="casa", name="Casa",
               partners=tuple(ClientPartner(partner_id=p) for p in PARTNERS)),
    ),
)  # fmt: skip
PEOPLE = tuple(f"r{number}" for number in range(5))
PAIRS = [(f"c{number}", PEOPLE[number % 5]) for number in range(8)]

MOMENTS = ("before", "as it is asked", "as it is written", "as it is sent")
"""Of a run, at which somebody opts out."""

NIGHT = st.fixed_dictionaries(
    {
        "seen": st.sets(st.sampled_from(PAIRS)),
        "out": st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(MOMENTS)), max_size=2),
        "delivers": st.booleans(),
    }
)
NIGHTS = st.lists(NIGHT, min_size=2, max_size=5)
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


@examples(max_examples=3, **QUIET)
@given(nights=NIGHTS)
def test_P41_opt_outs_at_some_times(nights: list[dict[str, Any]]) -> None:
    check(nights)


@pytest.mark.proof
@examples(max_examples=40, **QUIET)
@given(nights=NIGHTS)
def test_P41_opt_outs_at_40_histories(nights: list[dict[str, Any]]) -> None:
    check(nights)


def check(nights: list[dict[str, Any]]) -> None:
    """Each run's files name nobody who opted out before it; the last one tells everybody."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), now=NOW)
        registry.replace(settings, REGISTRY, by="a test")
        seen: dict[tuple[str, str], int] = {}
        out: set[str] = set()
        for load_seq, night in enumerate(
            [*nights, {"seen": set(), "out": [], "delivers": True}], 1
        ):
            tonight = at_night(settings, load_seq)
            # The build may be as old as can be: it is the list of this moment that keeps them out.
            seen |= dict.fromkeys(night["seen"], load_seq)
            for partner in PARTNERS:
                publish_pairs(tonight, load_seq, seen, partner)
            out |= run(tonight, night, out)
        assert not {record for partner in PARTNERS for _, record in held(settings, partner)} & out


def run(settings: Settings, night: dict[str, Any], before: set[str]) -> set[str]:
    """A night's run; who opted out in it. Whoever was out before appears as leaving or not."""
    due = list(night["out"])
    gone: set[str] = set()

    def opt_out(moment: str) -> None:
        for record in [record for record, when in due if when == moment]:
            requests.ask(settings, "opt_out", "casa", [[("record", record)]], by="a test")
            gone.add(record)

    opt_out("before")
    known = before | gone
    if not night["delivers"]:
        for moment in MOMENTS[1:]:
            opt_out(moment)
        return gone
    holding = {partner: held(settings, partner) for partner in PARTNERS}
    with meanwhile(opt_out):
        results = deliver_all(settings, registry=REGISTRY)
    for result in results:
        assert result.is_new
        file = settings.delivered / "casa" / result.partner_id / result.file_name
        told = {
            (row["partner_cookie_id"], row["crm_record_id"]): row["action"] for row in rows(file)
        }
        named = {pair: action for pair, action in told.items() if pair[1] in known}
        # Exactly what the partner has of them, and all of it, is taken back.
        has = {pair for pair in holding[result.partner_id] if pair[1] in known}
        assert named == dict.fromkeys(has, "remove")
    return gone


@contextmanager
def meanwhile(opt_out: Callable[[str], None]) -> Iterator[None]:
    """People opt out in the middle of the run: after its question, and while it writes."""

    def then(function: Callable[..., Any], moment: str) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            done = function(*arguments, **named)
            opt_out(moment)
            return done

        return called

    with (
        patch.object(suppressions, "of_client", then(suppressions.of_client, "as it is asked")),
        patch.object(storing, "write_csv", then(storing.write_csv, "as it is written")),
        patch.object(storing, "manifest_of", then(storing.manifest_of, "as it is sent")),
    ):
        yield


def held(settings: Settings, partner: str) -> set[tuple[str, str]]:
    """What a partner has that began empty and applied every file in order."""
    found: set[tuple[str, str]] = set()
    for manifest in sorted((settings.delivered / "casa" / partner).glob("*.csv.manifest.json")):
        for row in rows(manifest.with_name(manifest.name.removesuffix(".manifest.json"))):
            pair = (row["partner_cookie_id"], row["crm_record_id"])
            (found.discard if row["action"] == "remove" else found.add)(pair)
    return found
