"""The log of runs says how each one ended."""

from __future__ import annotations

import pytest

from matchbook import runs
from matchbook.errors import BuildFailed
from matchbook.settings import Settings
from matchbook.stage_times import stage_times


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


def test_stages_are_timed_and_counted(settings: Settings) -> None:
    for number in range(2):
        with runs.recorded(settings, "nightly") as run:
            run.step("land")
            run.counted(rows=number, bytes=10)
            run.step("build")
    with runs.recorded(settings, "publish") as run:
        run.step("publish")
    found = stage_times(settings)
    assert [(one.run_id, one.stage, one.rows, one.bytes) for one in found] == [
        (1, "land", 0, 10),
        (1, "build", None, None),
        (2, "land", 1, 10),
        (2, "build", None, None),
    ]
    assert all(one.seconds >= 0 and one.cpu_seconds >= 0 for one in found)
    assert {one.run_id for one in stage_times(settings, runs=1)} == {2}


def test_the_stage_in_which_a_run_failed_is_timed_too(settings: Settings) -> None:
    def fail() -> None:
        with runs.recorded(settings, "nightly") as run:
            run.step("build")
            raise BuildFailed("A test failed.")

    with pytest.raises(BuildFailed):
        fail()
    assert [one.stage for one in stage_times(settings)] == ["build"]
