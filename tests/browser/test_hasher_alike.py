"""The browser and `matchbook hash` make the same of a file: hashes, rows and remarks by line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from matchbook.crm_files.columns import normalised
from matchbook.crm_files.personal_data import raw_kind
from matchbook.errors import MatchbookError
from matchbook.identifiers import EMPTY_SHA256
from tests.browser.hasher import hashed_all, hasher_page
from tests.hashing import attempt
from tests.hashing_cases import CASES

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

SAME_REASON = {
    "personal_record_id": "raw_personal_data",
    "personal_attribute": "raw_personal_data",
    "zero_dropped": "zero",
}
"""What the browser says in words for its reader."""

ONLY_PYTHON_READS = "+44162475678"
"""No number of the Isle of Man, and of a length that Great Britain has; the browser refuses it."""

HASH = "ab" * 32
TWO_ADDRESSES = """klantnummer,email,email2,telefoon,mobiel,tier
1,jan@shop.nl,Jan+werk@shop.nl,020 123 4567,06 12345678,gold
2,,b@shop.nl,,,silver
3,kapot,c@shop.nl,,06 99999999,
4,kapot,test@shop.nl,,x,
5,e@shop.nl,kapot,,,
6,,,,,bronze
"""
ODD_ROWS = f"""id;email;email_sha256;cep_contact_id;postcode;huisnummer;note
;a@shop.nl;;;;;no id
a@shop.nl;a@shop.nl;;;;;
{HASH};a@shop.nl;;;;;
4;;{HASH.upper()};5;1012 JM;1;ok
5;;q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=;;1234 SS;1;
6;;{EMPTY_SHA256};;;;empty hash
7;;{"ab" * 16};;;;md5
8;;{HASH};0;;;bad contact
9;;;9223372036854775808;;;bad contact only
10;a@shop.nl;;;;;call jan@shop.nl
11;a@shop.nl;;;;;{HASH}
12;a@shop.nl;;;;;{"x" * 1001}
13;a@shop.nl
14;;;;0123 AB;1;
15;;;;;;nothing at all
\u200916\u2009;\u00a0A@Shop.NL ;;;;;a\u0085b\u2028c
"""
REPAIRS = """id,telefoon,mobiel
1,+31 (0)20 123 4567,
2,+31 (0)20 123 4567,+31 (0)6 12345678
3,+31 (0)20 12,0612345678
4,+31 (0)6 00000000,0612345678
5,(020) 123 4567,
,+31 (0)20 123 4567,
7,+31 (0)20 12,
"""


def test_lines_are_told_apart_by_what_was_done(page: Page, memory_path: Path) -> None:
    """The same remark on a row that is left out and on one that keeps its other value."""
    text = "id,email,phone\n1,geen,\n2,geen,+31612345678\n"
    [found] = hashed_all(page, [{"content": text.encode()}])
    first = found["account"]["firstLines"]
    (reason,) = found["account"]["rejected"]
    assert first["rejected"] == {reason: [2]}
    assert first["cells"] == {reason: [3]}


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with hasher_page(browser) as opened:
        yield opened


def alike(page: Page, folder: Path, files: list[dict[str, Any]]) -> None:
    """Each file by both; what differs is told by its place."""
    wrong = []
    for n, (file, theirs) in enumerate(zip(files, hashed_all(page, files), strict=True)):
        ours = by_command(folder, file)
        if ours == "refused" and is_left_out(theirs):
            continue
        if ours != by_browser(theirs):
            wrong.append((n, ours, by_browser(theirs)))
    assert wrong == []


def by_command(folder: Path, file: dict[str, Any]) -> object:
    roles = {f"#{place + 1}": role for place, role in file.get("roles", {}).items()}
    kept = tuple(name for name, role in roles.items() if role == "attribute")
    mapped = {name: role for name, role in roles.items() if role != "attribute"}
    region, mode = file.get("country", "NL"), file.get("mode", "opt-in")
    done = attempt(folder, file["content"], region=region, mapped=mapped, kept=kept, mode=mode)
    if isinstance(done, MatchbookError):
        return "refused"
    rows = list(csv.reader(io.StringIO(done.out.read_text(), newline="")))
    return rows, sorted((line, why) for line, _, _, why in done.report)


def is_left_out(found: dict[str, Any]) -> bool:
    """Whether a header that the command refuses is one the browser sends nothing of."""
    return "columns" in found and not any(c["role"] == "attribute" for c in found["columns"])


def by_browser(found: dict[str, Any]) -> object:
    if "refused" in found:
        return "refused"
    reasons = list(csv.reader(found["remarks"].splitlines()))[1:]
    rows = list(csv.reader(io.StringIO(found["text"], newline="")))
    return rows, sorted((int(line), SAME_REASON.get(why, why)) for line, why, _ in reasons)


def test_files_with_several_addresses_and_odd_rows(page: Page, memory_path: Path) -> None:
    """In `headers.json` several columns may be e-mail or phone: each is a further line."""
    files = [
        {"content": TWO_ADDRESSES.encode(), "roles": {5: "attribute"}, "mode": mode}
        for mode in ("opt-in", "replace", "opt-out")
    ]
    files.append({"content": ODD_ROWS.encode(), "roles": {6: "attribute"}})
    alike(page, memory_path, files)
    [first] = hashed_all(page, files[:1])
    lines = [row[0] for row in csv.reader(io.StringIO(first["text"], newline=""))]
    assert lines == ["crm_record_id", "1", "1", "2", "2", "3", "3", "5", "6"]


def test_repairs_are_told_by_their_lines(page: Page, memory_path: Path) -> None:
    """A number that is refused is not repaired as well, nor is one of a row left out whole."""
    file = {"content": REPAIRS.encode()}
    alike(page, memory_path, [file])
    [found] = hashed_all(page, [file])
    assert found["account"]["repaired"] == {"zero_dropped": 3}
    assert found["account"]["firstLines"]["repaired"]["zero_dropped"] == [2, 3]
    assert "2,zero_dropped,phone" in found["remarks"].splitlines()


@pytest.fixture(scope="module")
def cases(page: Page) -> dict[str, dict[str, Any]]:
    files = [{"content": c.content.encode(), "country": c.country or ""} for c in CASES.values()]
    return dict(zip(CASES, hashed_all(page, files), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_bad_input(cases: dict[str, dict[str, Any]], name: str) -> None:
    found, case = cases[name], CASES[name]
    rows = csv.DictReader(io.StringIO(found["text"], newline=""))
    assert [{n: v for n, v in row.items() if v} for row in rows] == case.rows
    reasons = list(csv.reader(found["remarks"].splitlines()))[1:]
    assert [(int(line), why) for line, why, _ in reasons] == case.rejected


def test_files_of_odd_quotes_and_line_ends(page: Page, memory_path: Path) -> None:
    """Drawn by chance: every line is a row, part of one, or told by its number."""
    draw = Random(7)
    signs = [*'"""",,,\n\n', "\r\n", "\r", '""', "é", " ", "a@shop.nl", "b"]
    files: list[dict[str, Any]] = []
    for _ in range(120):
        rows = "".join(draw.choices(signs, k=draw.randrange(60)))
        content = f"id,email,note\n1,a@shop.nl,x\n{rows}"
        files.append({"content": content.encode(), "roles": {2: "attribute"}, "mode": "opt-out"})
    alike(page, memory_path, files)


def test_rows_beyond_all_bounds(page: Page, memory_path: Path) -> None:
    """A quote that stands open longer than a field may be, with and without an end."""
    long, quotes = "y" * 70_000, '""' * 70_000
    notes = (
        f'"{long}\n{long}"', f'"{long}\n{long}', f'"{long * 2}"', f'"{quotes}"',
        f'"{quotes}{quotes}"', f'"{long}\n5,a@shop.nl,"x"',
    )  # fmt: skip
    body = "".join(f"{n},a@shop.nl,{note}\n{n}9,b@shop.nl,z\n" for n, note in enumerate(notes, 1))
    alike(
        page,
        memory_path,
        [{"content": f"id,email,note\n{body}".encode(), "roles": {2: "attribute"}}],
    )


def test_csv_suites(page: Page, memory_path: Path, public_data: Path) -> None:
    """csv-spectrum and the samples of papaparse, the first two columns taken for id and e-mail."""
    suites = sorted((public_data / "h02_csv_suites").rglob("*.csv"))
    assert len(suites) >= 18
    files = []
    for path in suites:
        content = path.read_bytes()
        header = next(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")), [])
        harmless = [i for i, cell in enumerate(header) if raw_kind(normalised(cell)) is None]
        roles = dict.fromkeys(harmless, "attribute") | {0: "crm_record_id", 1: "email"}
        files.append({"content": content, "roles": roles, "mode": "opt-out"})
    alike(page, memory_path, files)


def test_strings_that_break_software(page: Page, memory_path: Path, public_data: Path) -> None:
    """Each as a name, as an attribute, as an identifier and an id, and as a header."""
    blns = json.loads((public_data / "h01_blns" / "blns.json").read_text())
    assert len(blns) > 400
    values = [
        (["id", "Voornaam", "email", "note"], [["C", text, "p@shop.nl", text] for text in blns]),
        (["id", "email", "telefoon", "postcode", "huisnummer", "note"],
         [[text, text, text, text, text, ""] for text in blns]),
    ]  # fmt: skip
    files = [
        {"content": as_csv([header, *rows]), "roles": {len(header) - 1: "attribute"}}
        for header, rows in values
    ]
    files += [
        {"content": as_csv([["id", text, "email"], ["1", "x", "a@shop.nl"]]),
         "roles": {1: "attribute"}}
        for text in blns
    ]  # fmt: skip
    alike(page, memory_path, files)


def test_phone_examples(page: Page, memory_path: Path, public_data: Path) -> None:
    """Every example of libphonenumber, in each form and with its own country as the default."""
    with (public_data / "h06_phone" / "examples_hand.csv").open(newline="") as lines:
        examples = list(csv.DictReader(lines))
    examples = [example for example in examples if example["e164"] != ONLY_PYTHON_READS]
    forms = ("e164", "national", "international", "rfc3966")
    files = []
    for region in sorted({example["region"] for example in examples}):
        rows = [
            [f"{n}-{form}", example[form], "x"]
            for n, example in enumerate(examples)
            if example["region"] == region
            for form in forms
        ]
        content = as_csv([["id", "telefoon", "note"], *rows])
        files.append({"content": content, "roles": {2: "attribute"}, "country": region})
    alike(page, memory_path, files)


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()
