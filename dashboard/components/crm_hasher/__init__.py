"""Hashes a CRM file in the browser and uploads only hashes; or takes CRM record ids from a file and
uploads only those. Its TypeScript is in src/, built/ is
what browsers get: `make scripts` after a change.

The page's part runs in Streamlit; the worker that reads the file is served by a route of its
own (dashboard.upload_routes) whose policy forbids it any connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

BUILT = Path(__file__).parent / "built"
WORKER = "worker.js"
KEY = "crm_hasher"


def crm_hasher(
    data: Mapping[str, Any],
    *,
    on_asks: Callable[[], None],
    on_sent: Callable[[], None] = lambda: None,
) -> None:
    """The component. `on_asks` runs when the person presses Upload: see `asked`; `on_sent` when
    the server has taken the file."""
    _component()(
        data={**data, "worker": f"/crm-hasher/{WORKER}?v={_version()}"},
        key=KEY,
        on_asks_change=on_asks,
        on_sent_change=on_sent,
    )


def asked() -> dict[str, str]:
    """What the component asks leave for: list, mode and a nonce of its own."""
    said = getattr(st.session_state.get(KEY), "asks", None)
    return {name: str(said[name]) for name in ("list", "mode", "nonce")} if said else {}


def script_path(name: str) -> Path | None:
    """Where a built script is; None for any name that is not one of them."""
    return _scripts().get(name)


def _component() -> Callable[..., Any]:
    # Registered on each run: Streamlit forgets components when its runtime starts anew.
    return st.components.v2.component(
        "matchbook_crm_hasher",
        html='<div id="crm-hasher"></div>',
        css=_text("style.css"),
        js=_text("page.js"),
    )


@cache
def _text(name: str) -> str:
    return (BUILT / name).read_text(encoding="utf-8")


@cache
def _scripts() -> dict[str, Path]:
    return {path.name: path for path in BUILT.glob("*.js")}


@cache
def _version() -> str:
    return hashlib.sha256((BUILT / WORKER).read_bytes()).hexdigest()[:12]
