"""A dashboard whose pages are fed with constants: `python -m tests.benchmarks.constant_dashboard`.

Whatever a page asks a snapshot, the state or the registry is asked once, and from then on answered
from memory: what is left is Streamlit, the page's own code and the browser.
"""

from __future__ import annotations

import copy
import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from matchbook.settings import Settings

ASKED = (
    ("dashboard.queries.reading", "_cached"),
    ("dashboard.app_pages.opening", "open_view"),
    ("dashboard.app_pages.opening", "health"),
    ("matchbook.registry", "current"),
    ("matchbook.deliveries", "of_client"),
    ("matchbook.partner_channels", "of_client"),
    ("matchbook.kept_audiences.sizes", "overview"),
    ("matchbook.kept_audiences.store", "all_of"),
)
"""Module and function; each module calls it under that name."""


def main() -> None:
    """Serve a home at a port, both given."""
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    for module, name in ASKED:
        found = importlib.import_module(module)
        setattr(found, name, _constant(getattr(found, name)))
    from dashboard.server import serve

    serve(replace(Settings.from_environment(), home=home), port=port)


def _constant(ask: Callable[..., Any]) -> Callable[..., Any]:
    answers: dict[str, Any] = {}

    def answer(*args: Any, **named: Any) -> Any:
        asked = repr((args, sorted(named.items())))
        if asked not in answers:
            answers[asked] = ask(*args, **named)
        return copy.copy(answers[asked])

    return answer


if __name__ == "__main__":
    main()
