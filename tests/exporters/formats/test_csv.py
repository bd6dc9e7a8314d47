"""CSV dialects, read back by the standard library and by unzip and gzip, not by our own code."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
from pathlib import Path

import pytest

from matchbook.partners import load_partners
from matchbook.partners.profile import DeliveryProfile
from tests.exporters.formats.pairs import DELIVERED_AT, Pair, profile, rendered, told

CSV_PARTNERS = [p.partner_id for p in load_partners() if p.delivery.format == "csv"]


def content_of(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".zip":
        return subprocess.run(["unzip", "-p", path], check=True, capture_output=True).stdout
    return path.read_bytes()


def cells_of(form: DeliveryProfile, pair: Pair) -> list[str]:
    columns = ("partner_cookie_id", "crm_record_id", "action", "last_seen_at")
    known = dict(zip(columns, pair, strict=True))
    fixed = {"delivered_at": DELIVERED_AT} | {
        f"parameter:{name}": value for name, value in form.values.items()
    }
    return [(known | fixed)[source] or "" for source in form.columns.values()]


def test_six_partners_take_csv() -> None:
    assert set(CSV_PARTNERS) == {
        "tealium", "selligent", "spotler", "weborama", "piano", "permutive",
    }  # fmt: skip


@pytest.mark.needs("unzip")
@pytest.mark.parametrize("partner_id", CSV_PARTNERS)
@pytest.mark.parametrize("quote", ["needed", "always"])
def test_every_id_comes_back_as_it_is(partner_id: str, quote: str, tmp_path: Path) -> None:
    form = profile(partner_id, quote=quote)
    (file,) = rendered(form, tmp_path)
    text = content_of(file.path).decode("utf-8")
    newline = {"lf": "\n", "crlf": "\r\n"}[form.newline or ""]
    assert text.startswith(("", '"')[quote == "always"] + next(iter(form.columns)))
    assert text.endswith(newline)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter or ""))
    assert rows[0] == list(form.columns)
    assert rows[1:] == [cells_of(form, pair) for pair in told(form)]
    assert file.rows == len(told(form))


@pytest.mark.parametrize(("newline", "end"), [("lf", b"\n"), ("crlf", b"\r\n")])
def test_line_ends_are_the_dialects(newline: str, end: bytes, tmp_path: Path) -> None:
    pairs: list[Pair] = [("a", "1", "add", None), ("b", "2", "add", None)]
    (file,) = rendered(profile("weborama", newline=newline), tmp_path, pairs)
    assert file.path.read_bytes() == b"webo_id|crm_id" + end + b"a|1" + end + b"b|2" + end


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_only_what_needs_quotes_has_them(delimiter: str, tmp_path: Path) -> None:
    awkward = f"x{delimiter}y"
    pairs: list[Pair] = [("a", awkward, "add", None), ("b", "x:y", "add", None)]
    (file,) = rendered(profile("weborama", delimiter=delimiter), tmp_path, pairs)
    lines = file.path.read_text().splitlines()
    assert lines[1:] == [f'a{delimiter}"{awkward}"', f"b{delimiter}x:y"]


def test_text_from_outside_starts_no_formula_and_ids_stay_ids(tmp_path: Path) -> None:
    columns = {
        "=evil": "partner_cookie_id",
        "id": "crm_record_id",
        "note": "constant:=HYPERLINK(1)",
        "action": "action",
        "customer_prefix": "parameter:customer_prefix",
    }
    (file,) = rendered(profile("piano", columns=columns), tmp_path)
    rows = list(csv.reader(io.StringIO(file.path.read_text(), newline="")))
    assert rows[0][0] == "'=evil"
    assert {row[2] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    assert ["=cmd|' /C calc'!A0", "plain"] in [row[:2] for row in rows[1:]]


@pytest.mark.parametrize("partner_id", CSV_PARTNERS)
def test_a_night_without_changes_is_a_header(partner_id: str, tmp_path: Path) -> None:
    form = profile(partner_id)
    (file,) = rendered(form, tmp_path, [])
    rows = content_of(file.path).decode().splitlines()
    assert rows == [(form.delimiter or "").join(form.columns)]
    assert file.rows == 0


def test_a_dialect_without_header(tmp_path: Path) -> None:
    form = profile("weborama", header=False)
    (file,) = rendered(form, tmp_path / "some")
    assert "webo_id" not in file.path.read_text()
    assert rendered(form, tmp_path / "none", []) == ()
