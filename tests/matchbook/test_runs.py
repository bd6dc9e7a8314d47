"""The log of runs says how each one ended."""

from __future__ import annotations

import pytest

from matchbook import runs
from matchbook.errors import BuildFailed
from matchbook.settings import Settings


def test_a_good_run(settings: Settings) -> None:
    with runs.recorded(settings, "nightly") as run:
        run.step("build")
        run.built("20261121T031000Z-7")
    (found,) = runs.latest(settings)
    assert (found.status, found.step, found.build_id) == ("done", "build", "20261121T031000Z-7")


def test_a_failed_run_keeps_the_message(settings: Settings) -> None:
    with pytest.raises(BuildFailed), runs.recorded(settings, "build"):
        raise BuildFailed("A test failed.", kept="Nothing was published.")
    (found,) = runs.latest(settings)
    assert (found.status, found.message) == ("failed", "A test failed. Nothing was published.")


def test_an_unforeseen_end_names_no_value(settings: Settings) -> None:
    with pytest.raises(ValueError, match="anna"), runs.recorded(settings, "build"):
        raise ValueError("anna@shop.example")
    (found,) = runs.latest(settings)
    assert found.message == "Unexpected: ValueError."


def test_a_killed_run_is_marked_by_the_next(settings: Settings) -> None:
    runs.recorded(settings, "nightly").__enter__()
    with runs.recorded(settings, "nightly"):
        pass
    assert [run.status for run in runs.latest(settings)] == ["done", "failed"]
