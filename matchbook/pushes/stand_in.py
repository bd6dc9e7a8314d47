"""The demo's stand-in for CEP: where it is, so that a newcomer can try a push."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from matchbook.files import write_whole
from matchbook.settings import Settings

FILE = "demo_cep.json"


@dataclass(frozen=True)
class StandIn:
    """What the form is filled in with. None of it opens anything but the stand-in."""

    start_page: str
    api_url: str
    group_id: int
    user_name: str
    password: str


def find(settings: Settings) -> StandIn | None:
    """The stand-in of a demo; None anywhere else."""
    try:
        return StandIn(**json.loads((settings.home / FILE).read_text()))
    except FileNotFoundError:
        return None


def write(settings: Settings, stand_in: StandIn) -> None:
    """Say where it is."""
    write_whole(settings.home / FILE, json.dumps(asdict(stand_in)))
