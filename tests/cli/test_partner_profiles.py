"""`matchbook partners list` and `sample`, and the sample that a page asks for."""

from __future__ import annotations

import csv
import gzip
import json
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exporters.formats.sample import SAMPLE_ROWS, sample
from matchbook import jobs
from matchbook.cli import main
from matchbook.cli.work import drain
from matchbook.errors import ConfigError
from matchbook.partners import Partner, load_partners
from matchbook.settings import Settings
from tests.exporters.formats.test_csv import content_of


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


def test_the_list_names_all_with_their_grades(tmp_path: Path) -> None:
    listed = json.loads(run(tmp_path, "partners", "list", "--json").stdout)["partners"]
    assert [row["partner_id"] for row in listed] == [p.partner_id for p in load_partners()]
    assert all(row["grades"]["documented"] for row in listed)


def test_one_partner_is_told_fact_by_fact(tmp_path: Path) -> None:
    told = run(tmp_path, "partners", "list", "tealium").stdout
    assert re.search(r"Split +100,000 rows or 50 MB +documented", told)
    assert run(tmp_path, "partners", "list", "nobody").exit_code == 78


def test_a_sample_is_a_hundred_rows_in_the_partners_form(tmp_path: Path) -> None:
    done = run(tmp_path / "home", "partners", "sample", "tealium", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    (file,) = (tmp_path / "out").iterdir()
    rows = list(csv.DictReader(gzip.decompress(file.read_bytes()).decode().splitlines()))
    assert len(rows) == 100
    assert {row["action"] for row in rows} == {"add", "seen", "remove"}


@pytest.mark.parametrize("partner", load_partners(), ids=lambda partner: partner.partner_id)
def test_invented_ids_have_the_partners_form(
    partner: Partner, settings: Settings, tmp_path: Path
) -> None:
    files = sample(partner, tmp_path, moment=settings.clock.now())
    assert sum(file.rows for file in files) == SAMPLE_ROWS
    if partner.delivery.format == "csv":
        text = content_of(files[0].path).decode().splitlines()
        column = list(partner.delivery.columns.values()).index("partner_cookie_id")
        cells = list(csv.reader(text[1:], delimiter=partner.delivery.delimiter or ""))
        assert len({row[column] for row in cells}) == SAMPLE_ROWS
        assert all(re.fullmatch(partner.cookie_pattern, row[column]) for row in cells)


def test_a_partner_whose_ids_cannot_be_invented(settings: Settings, tmp_path: Path) -> None:
    bare = load_partners()[0].model_copy(update={"sample_ids": ()})
    with pytest.raises(ConfigError, match="too few sample_ids"):
        sample(bare, tmp_path, moment=settings.clock.now())


def test_what_the_client_has_still_to_ask_is_said(tmp_path: Path) -> None:
    done = run(tmp_path / "home", "partners", "sample", "piano", str(tmp_path / "out"))
    assert "Examples stand for" in done.stderr
    assert "customer_prefix" in done.stderr


def test_the_job_of_a_page_makes_one_zip(settings: Settings) -> None:
    job_id = jobs.enqueue(
        settings,
        "sample_partner",
        idempotency_key="once",
        arguments={"partner_id": "mediarithmics"},
        client_id="acme",
    )
    drain(settings, say=lambda _: None)
    job = jobs.get(settings, job_id)
    assert job is not None
    assert job.result is not None
    with zipfile.ZipFile(settings.home / job.result["path"]) as archive:
        assert sorted(archive.namelist()) == sorted(job.result["files"])
        lines = b"".join(archive.read(name) for name in archive.namelist()).splitlines()
    assert len(lines) == SAMPLE_ROWS
