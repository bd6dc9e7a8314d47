"""Studies as they are kept: one JSON file per client and lookalike, so that no page ever learns.

They hold aggregates only; who is in a saved lookalike stands where all audiences keep people.
"""

from __future__ import annotations

from pathlib import Path

from matchbook.files import write_whole
from matchbook.lookalikes.study import Study
from matchbook.settings import Settings

LONGEST_HISTORY = 60
"""Builds of which the quality is remembered."""


def write(settings: Settings, study: Study) -> Study:
    """Keep a study with what earlier builds said; the study as it is kept."""
    before = read(settings, study.client_id, study.key)
    earlier = [p for p in before.history if p.as_of < study.as_of] if before else []
    history = (*earlier, *study.history)[-LONGEST_HISTORY:]
    kept = study.model_copy(update={"history": history})
    path = _path(settings, study.client_id, study.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, kept.model_dump_json(indent=1))
    return kept


def read(settings: Settings, client_id: str, key: str) -> Study | None:
    """The newest study of that `Similar.study_key`; None where there is none."""
    try:
        return Study.model_validate_json(_path(settings, client_id, key).read_text())
    except FileNotFoundError:
        return None


def all_of(settings: Settings, client_id: str) -> list[Study]:
    """A client's studies, the newest first."""
    folder = _path(settings, client_id, "any").parent
    found = [Study.model_validate_json(path.read_text()) for path in folder.glob("*.json")]
    return sorted(found, key=lambda study: (study.as_of, study.name), reverse=True)


def _path(settings: Settings, client_id: str, key: str) -> Path:
    return settings.lookalikes / client_id / f"{key}.json"
