"""Whoever is not granted a client, or an action, gets nothing by calling the function itself."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
import streamlit as st

import dashboard.queries
from dashboard import context, identity, uploads
from dashboard.app_pages import (
    audience_changes,
    integration_form,
    integration_switches,
    integrations,
    lookalike_panel,
    match_conflicts,
    match_lookup,
    nightly_file,
    partner_setup,
    partner_trials,
    pixel_check,
    pixel_forms,
    privacy_form,
    push_detail,
    push_new,
    storage_locations,
    team,
    upload_records,
    upload_rhythm,
)
from dashboard.app_pages.pixel_forms import Choice
from dashboard.queries.rates import Slice
from dashboard.queries.reading import View, open_view
from matchbook import audit, registry, state
from matchbook.access import Role
from matchbook.audiences import of
from matchbook.errors import PermissionDenied
from matchbook.registry import Client
from matchbook.settings import Settings
from tests.dashboard import world
from tests.signing_in import claims, with_team
from tests.test_architecture import ROOT

ANNA, MARK, RIA = (f"{name}@homestead.example" for name in ("anna", "mark", "ria"))
FAY = "fay@farways.example"
LOOKS_AT_NO_DATA = {"is_fresh", "is_covered", "last_full_day"}
DEFINITION = of(name="All", enter={"kind": "total", "of": "hits", "at_least": 1})


@pytest.fixture
def home_of_two(published: Settings) -> Settings:
    settings = with_team(published)
    context.serve_from(settings)
    identity.forget()
    return settings


def client_of(settings: Settings, client_id: str) -> Client:
    (found,) = (c for c in registry.current(settings).clients if c.client_id == client_id)
    return found


def view_of(settings: Settings, client_id: str) -> View:
    """As a page would have it, made without asking."""
    made = open_view(replace(settings, sign_in=None), client_of(settings, client_id))
    return replace(made, settings=settings)


def queries() -> Iterator[Callable[..., Any]]:
    """Every function of the data layer that takes a view."""
    for found in pkgutil.iter_modules(dashboard.queries.__path__):
        module = importlib.import_module(f"dashboard.queries.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            takes = list(inspect.signature(function).parameters)
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and takes[:1] == ["view"] and name not in LOOKS_AT_NO_DATA:
                yield function


def others(function: Callable[..., Any]) -> list[Any]:
    """Something for each argument but the view."""
    made = {
        "Slice": Slice(world.LAST_DAY, world.LAST_DAY), "str": "x", "int": 1,
        "date": world.LAST_DAY, "Definition": DEFINITION,
    }  # fmt: skip
    wanted = list(inspect.signature(function).parameters.values())[1:]
    given = [one for one in wanted if one.kind is one.POSITIONAL_OR_KEYWORD]
    thing = SimpleNamespace(
        client_id="farways", account=None, build_id=world.BUILD, partner_id="", site_id="",
        cause="silent",
    )  # fmt: skip
    return [made.get(one.annotation, thing) for one in given]


def test_ui01_no_query_answers_whom_the_client_is_not_granted(home_of_two: Settings) -> None:
    """UI01, UI02, P36."""
    forged, asked = view_of(home_of_two, "farways"), list(queries())
    with identity.asked_by(claims(ANNA)):
        identity.current(home_of_two)
        for function in asked:
            with pytest.raises(PermissionDenied):
                function(forged, *others(function))
    written = audit.of_installation(home_of_two)[: len(asked)]
    assert len(asked) > 70
    assert {(e.actor, e.action, e.about) for e in written} == {
        (ANNA, "authz_denied", "read at farways")
    }


def acts(settings: Settings, client_id: str) -> dict[str, Callable[[], Any]]:
    """What buttons call, by name, at a client; all of it changes something or looks somebody up."""
    view, client = view_of(settings, client_id), client_of(settings, client_id)
    channel: Any = SimpleNamespace(client_id=client_id, partner_id="tealium")
    location: Any = SimpleNamespace(location_id="drop", paused=False)
    done: Any = SimpleNamespace(
        client_id=client_id, partner_id="tealium", build_id="b", as_of=world.NOW
    )
    site = f"{client_id}-shop"
    lists = registry.current(settings).lists
    a_list = next(one.list_id for one in lists if one.client_id == client_id)
    return {
        "audience": lambda: audience_changes.change(view, "archive", "a"),
        "lookalike": lambda: lookalike_panel._wish(view, DEFINITION),
        "upload": lambda: uploads.permit(settings, client_id, a_list, "opt-in"),
        "audience list": lambda: uploads.permit_audience_list(settings, client_id, "fair", "Fair"),
        "rhythm": lambda: upload_rhythm._set(settings, client, a_list, "every"),
        "push": lambda: push_new._push(view, "a", "cep", "key"),
        "stop a push": lambda: push_new._stopped(view, channel),
        "push again": lambda: push_detail._do(view, "push_retry", pytest.fail),
        "CEP": lambda: integration_form._ask(settings, client),
        "CEP check": lambda: integration_form.ask_check(settings, client, "asked"),
        "CEP off": lambda: integrations._deactivate(settings, client),
        "switch": lambda: integration_switches._request(view, "link-click"),
        "partner": lambda: partner_setup._save(settings, client, "tealium", "", []),
        "partner test": lambda: partner_trials._ask(settings, channel, "test_partner"),
        "storage test": lambda: storage_locations._test(settings, client, "drop"),
        "storage pause": lambda: storage_locations._switch(settings, client, location),
        "pixel": lambda: pixel_forms._set(settings, client, site, Choice((), False)),
        "pixel check": lambda: pixel_check._enqueue(settings, client, "https://x.example"),
        "redeliver": lambda: nightly_file._ask(view, done),
        "opt-out": lambda: privacy_form._enter(settings, client, "opt_out", "record", "C-1"),
        "whose browser": lambda: match_conflicts._decide(view, "C-1", 1, "whose"),
        "look-up": lambda: match_lookup._remember(view, "C-1"),
        "life of a record": lambda: upload_records._log(view, "C-1", is_known=True),
        "invite": lambda: team._put(settings, client, "eve@x.example", Role.MANAGER),
        "remove": lambda: team._remove(settings, client, MARK),
    }


FOR_MARKETERS = ("audience", "lookalike", "upload", "audience list", "rhythm", "push",
                 "stop a push", "push again")  # fmt: skip


def everything_in(settings: Settings) -> dict[str, list[Any]]:
    """All rows of state but the log of attempts and the sessions."""
    found = {}
    with state.begin(settings) as connection:
        for metadata in state.METADATAS:
            for table in metadata.sorted_tables:
                if table.name not in ("audit_events", "sign_ins", "people"):
                    found[table.name] = list(connection.execute(sa.select(table)))
    return found


@pytest.mark.parametrize(
    ("email", "client_id", "allowed"),
    [(RIA, "homestead", ()), (MARK, "homestead", FOR_MARKETERS), (FAY, "homestead", ()),
     (None, "homestead", ())],
    ids=["an analyst", "a marketer", "another client's manager", "nobody"],
)  # fmt: skip
def test_ui02_no_act_of_whom_it_is_not_allowed(
    home_of_two: Settings, email: str | None, client_id: str, allowed: tuple[str, ...]
) -> None:
    """P36: nothing changes, and each attempt is written down."""
    for key in ("every", "whose"):
        st.session_state[key] = "day" if key == "every" else "this_record"
    said = claims(email) if email else {}
    all_acts = acts(home_of_two, client_id)
    before = everything_in(home_of_two)
    with identity.asked_by(said):
        for name in sorted(set(all_acts) - set(allowed)):
            attempts = denials(home_of_two)
            with suppress(PermissionDenied):
                all_acts[name]()
            assert email is None or denials(home_of_two) == attempts + 1, name
    assert everything_in(home_of_two) == before


def denials(settings: Settings) -> int:
    return sum(event.action == "authz_denied" for event in audit.events(settings))


def test_every_change_of_a_page_asks_who_it_is() -> None:
    """A page that took a name for its change without asking whether they may is found here."""
    for path in sorted((ROOT / "dashboard" / "app_pages").glob("*.py")):
        assert "identity.who(" not in path.read_text(), f"{path.name}: identity.acting or require"


def test_what_is_kept_for_all_is_kept_by_client() -> None:
    """T24: two clients may ask the same of builds of the same name."""
    for path in sorted((ROOT / "dashboard").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(
                "st.cache" in ast.unparse(one) for one in node.decorator_list
            ):
                assert "client_id" in [a.arg for a in node.args.args], f"{path.name}:{node.name}"
