"""A tenth partner is one YAML file: it is known everywhere, syncs and gets its files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchbook import partners
from matchbook.partners import Partner, load_partners
from matchbook.registry import Client, ClientPartner, Registry
from tests.exporters.formats.pairs import PAIRS, Pair, rendered
from tests.exporters.formats.test_csv import content_of
from tests.test_architecture import ROOT

YAML = """
partner_id: lantern
name: Lantern
position: 10
cookie_pattern: lan-[0-9a-f]{16}
cookie_grade: documented
cookie_case: lower
sample_ids:
- lan-0123456789abcdef
sync:
  macro: the cookie lan_id
  fires: the client's tag manager
  grade: documented
delivery:
  format: csv
  columns:
    lantern_id: partner_cookie_id
    contact: crm_record_id
    op: action
    account: parameter:account
    source: constant:=matches
  header: true
  delimiter: "\\t"
  quote: always
  newline: crlf
  compression: zip
  encryption: none
  file_name: in/{account}/{yyyymmdd}_{hhmmss}_{part:02d}.tsv
  max_rows: 7
  channels: [ftps]
  removals:
    how: row
    says: A row with the action "remove".
  semantics: Rows are applied one after the other.
  parameters:
    account:
      meaning: the client's account at Lantern
      pattern: '[a-z]{2,8}'
      example: demo
  grades:
    format: documented
    columns: documented
    header: documented
    delimiter: documented
    quote: documented
    newline: documented
    compression: documented
    encryption: documented
    file_name: documented
    split: documented
    channels: documented
    removals: documented
    semantics: documented
"""


@pytest.fixture
def lantern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Partner]:
    """All partners' files and one more, in a folder of their own."""
    folder = tmp_path / "partners"
    folder.mkdir()
    for path in partners.FOLDER.glob("*.yml"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "lantern.yml").write_text(YAML)
    monkeypatch.setattr(partners, "FOLDER", folder)
    load_partners.cache_clear()
    yield load_partners()[-1]
    load_partners.cache_clear()


def test_it_gets_its_files(lantern: Partner, tmp_path: Path) -> None:
    form = lantern.delivery.overridden({"values": {"account": "acme"}})
    files = rendered(form, tmp_path / "out")
    assert [file.rows for file in files] == [7, 7, 6]
    assert files[0].name == "in/acme/20261122_031005_01.tsv.zip"
    content = content_of(files[0].path)
    assert content.startswith(b'"lantern_id"\t"contact"\t"op"\t"account"\t"source"\r\n')
    first: Pair = PAIRS[0]
    assert f'"{first[0]}"\t"{first[1]}"\t"{first[2]}"\t"acme"\t"\'=matches"\r\n'.encode() in content


def test_a_client_may_have_it(lantern: Partner) -> None:
    known = (ClientPartner(partner_id="lantern"),)
    Registry(clients=(Client(client_id="acme", name="Acme", partners=known),))


def test_its_files_are_told_and_sampled(lantern: Partner, tmp_path: Path) -> None:
    command = """
import sys
from pathlib import Path
from matchbook import partners
partners.FOLDER = Path(sys.argv[1])
from matchbook.cli import main
main(sys.argv[2:])
"""
    arguments = ["--home", str(tmp_path / "home"), "partners"]
    for words in (["list", "lantern"], ["sample", "lantern", str(tmp_path / "sample")]):
        program = [sys.executable, "-c", command, str(partners.FOLDER), *arguments, *words]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "sample").rglob("*.tsv.zip"))) == 15


def test_no_code_names_a_partner_of_delivery() -> None:
    """What is said of a partner stands in its YAML; a tenth one needs no branch in the code."""
    names = {partner.partner_id for partner in load_partners()}
    named = {
        path.relative_to(ROOT).as_posix(): sorted(found)
        for path in (ROOT / "exporters").rglob("*.py")
        if (found := {name for name in names if f'"{name}"' in path.read_text()})
    }
    assert named == {}
