"""What a build was made of: noted as it was when the build began."""

from __future__ import annotations

from matchbook import suppressions
from matchbook.cli import inputs
from matchbook.files import write_whole
from matchbook.settings import Settings


def test_what_comes_in_during_a_build_is_new_to_the_next_night(settings: Settings) -> None:
    began_with = inputs.current(settings)
    suppressions.add(settings, subject_type="record", subject_id="7")
    write_whole(settings.builds / "run_results.json", '{"metadata": {"invocation_id": "one"}}')
    inputs.remember(settings, began_with, "one")
    assert inputs.are_built(settings, began_with)
    assert not inputs.are_built(settings, inputs.current(settings))
