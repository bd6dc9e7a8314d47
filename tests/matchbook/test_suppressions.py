"""Suppressions are added once and read in a stable order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from matchbook import suppressions
from matchbook.clock import parse_moment
from matchbook.settings import Settings


def test_a_subject_is_suppressed_once_and_keeps_its_first_time(settings: Settings) -> None:
    later = replace(settings, now=parse_moment("2026-11-22"))
    for at in (settings, later):
        suppressions.add(at, subject_type="visitor", subject_id="ab" * 16)
        suppressions.add(at, subject_type="record", subject_id="7", client_id="acme")
    suppressions.add(later, subject_type="record", subject_id="7", client_id="zoo")
    found = suppressions.all_rows(settings)
    assert [(s.subject_type, s.client_id) for s in found] == [
        ("record", "acme"),
        ("record", "zoo"),
        ("visitor", None),
    ]
    assert found[0].suppressed_at == found[2].suppressed_at == datetime(2026, 11, 21, 3, 10)


def test_an_unknown_subject_type_is_a_mistake(settings: Settings) -> None:
    with pytest.raises(ValueError, match="subject type"):
        suppressions.add(settings, subject_type="person", subject_id="7")
