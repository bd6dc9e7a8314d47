"""`matchbook redeliver`: the files of a past night again, or a sentence why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook.cli import main
from matchbook.settings import Settings
from tests.exporters.nights import at_night, deliver, files, folder, publish_pairs
from tests.night_process import tree

DAY = "2026-11-21"


@pytest.fixture
def home(settings: Settings) -> Path:
    """Two delivered nights, of 21 and 22 November."""
    for load_seq in (1, 2):
        publish_pairs(at_night(settings, load_seq), load_seq, {("c1", "r1"): load_seq})
        deliver(at_night(settings, load_seq))
    return settings.home


def redeliver(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "redeliver", "casa", *arguments])


def test_a_past_night_is_sent_again(home: Path, settings: Settings, tmp_path: Path) -> None:
    first, before = files(settings)[0], tree(folder(settings))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert redeliver(home, "piano", DAY).stdout == f"Sent again: {first.name}.\n"
    told = json.loads(redeliver(home, "piano", DAY, "--to", str(elsewhere), "--json").stdout)
    assert [done["file_name"] for done in told["deliveries"]] == [first.name]
    assert (elsewhere / first.name).read_bytes() == first.read_bytes()
    assert tree(folder(settings)) == before


@pytest.mark.parametrize(("partner_id", "day"), [("piano", "2026-11-20"), ("tealium", DAY)])
def test_a_night_that_is_not_stored_is_a_sentence(home: Path, partner_id: str, day: str) -> None:
    result = redeliver(home, partner_id, day, "--json")
    assert result.exit_code == 74
    assert result.stderr.splitlines() == [
        "The file of that night is not stored.",
        "Nothing was sent.",
        "Choose a delivered night of the last 30 days. One that held somebody "
        "erased since is gone; what the partner holds comes right with the next night.",
    ]
    assert json.loads(result.stdout)["error"]["kind"] == "DestinationError"


def test_what_is_no_day_or_no_folder_is_refused(home: Path) -> None:
    assert redeliver(home, "piano", "yesterday").exit_code == 2
    assert redeliver(home, "piano", DAY, "--to", str(home / "missing")).exit_code == 2
