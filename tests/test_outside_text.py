"""P35 and P40: what others send becomes no markup, formula, header or second line, and no log
holds it.

The corpus goes into every field that outside text reaches before a person, a file or a log sees it.
"""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from dashboard import downloads
from dashboard.components.markup import escape
from matchbook import log, registry
from matchbook.cli import main
from matchbook.formulas import FORMULA_STARTS
from matchbook.keys import load_keys
from matchbook.registry import Client, CrmList, Registry
from matchbook.settings import Settings
from tests.mailing import Desk, desk
from tests.pixel_lines import visitor

SCRIPTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>',
    "javascript:alert(1)", "</style><script>1</script>", "[a](javascript:alert(1))",
)  # fmt: skip
FORMULAS = (
    '=HYPERLINK("http://evil")', "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0",
)  # fmt: skip
LINES = (
    "a\r\nSet-Cookie: evil=1", "a\nGET / HTTP/1.1", 'x","decision":"tracked', "a\u2028b\u0085c",
    "\x1b[31mred\x1b[0m", "\x00null", "\x9b31m", "%0d%0aLocation:%20https://evil.example",
)  # fmt: skip
CORPUS = (*SCRIPTS, *FORMULAS, *LINES)

CANARIES = ("anna.canary@shop.example", "5e" * 32, "31612345699", "c4n4ry-cookie-0001")
SECRET = "Zw9-canary-s3cret"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


@pytest.mark.parametrize("text", CORPUS, ids=repr)
def test_P35_text_becomes_no_markup(text: str) -> None:
    parser = _Tags()
    parser.feed(f'<td title="{escape(text)}">{escape(text)}</td>')
    assert parser.found == ["td"]


@pytest.mark.parametrize("text", CORPUS, ids=repr)
def test_P35_text_becomes_no_formula_and_no_second_row(text: str) -> None:
    made = downloads.to_csv(["name", "n"], [[text, 1], ["plain", 2]])
    header, first, second = csv.reader(io.StringIO(made, newline=""))
    assert (header, second) == (["name", "n"], ["plain", "2"])
    assert not first[0].startswith(tuple(FORMULA_STARTS))
    assert first[0].removeprefix("'") == text


@pytest.mark.parametrize("text", CORPUS, ids=repr)
def test_P35_a_log_line_is_one_line(text: str) -> None:
    record = logging.LogRecord("matchbook", logging.WARNING, "", 0, text, None, None)
    record.__dict__.update(reason=text, place=text, secret=SECRET, path=text)
    line = log._JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {
        "level": "warning", "message": text, "reason": text, "place": text,
    }  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(Settings(home=tmp_path_factory.mktemp("office"))) as made:
        yield made


FIELDS = {
    "event": "/bakery/event?site=shop&name={}",
    "page": "/bakery/page?site=shop&u=https%3A%2F%2Fgood.example%2F{}",
    "referrer": "/bakery/page?site=shop&u=https%3A%2F%2Fgood.example%2F&r={}",
    "cookie id": "/bakery/sync/dmpsyncendpoint?site=shop&partner=snowplow&cookieid={}&read=false",
    "site": "/bakery/page?site={}&u=https%3A%2F%2Fgood.example%2F",
    "language": "/bakery/optout?lang={}",
}
HEADERS = ("user_agent", "referer", "accept_language", "origin", "cookie", "x_forwarded_for")


@pytest.mark.parametrize("text", CORPUS, ids=repr)
def test_P35_a_call_is_one_line_and_adds_no_header(office: Desk, text: str) -> None:
    calls = [(url.format(quote(text, safe="")), {}) for url in FIELDS.values()]
    one_line = text.replace("\r", " ").replace("\n", " ")
    calls += [(FIELDS["event"].format("x"), {header: one_line}) for header in HEADERS]
    for url, headers in calls:
        before = len(office.lines())
        answer = office.get(url, **headers)
        lines = _raw_lines(office)
        assert len(lines) - before <= 1, "a call is one line at most"
        assert all(json.loads(line) for line in lines[before:])
        for name, value in answer.headers:
            assert not set(f"{name}{value}") & set("\r\n\x00"), url
            assert "evil" not in str(value)
        assert text.encode() not in answer.body


def _raw_lines(office: Desk) -> list[str]:
    folder = office.collector.settings.collector
    return [
        line
        for path in sorted(folder.glob("*.part"))
        for line in path.read_bytes().decode().split("\n")[:-1]
    ]


@pytest.mark.parametrize("kind", ["crm", "pixels", "baseline"])
def test_P40_bad_input_is_in_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Files that are wrong in many ways, each full of identifiers and a secret."""
    settings = Settings(home=tmp_path / "home")
    acme = Client(client_id="acme", name="Acme")
    lists = (CrmList(list_id="news", client_id="acme", name="News"),)
    registry.replace(settings, Registry(clients=(acme,), lists=lists), by="a test")
    keys = load_keys(settings.keys)
    monkeypatch.setenv("MATCHBOOK_CEP_ACME", SECRET)
    said = ""
    for number, content in enumerate(_bad_files()):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(content)
        options = {"crm": ["--list", "news", "--mode", "opt-in"], "pixels": [],
                   "baseline": ["--client", "acme", "--partner", "tealium"]}[kind]  # fmt: skip
        more = ([], ["--json"], ["--verbose"])[number % 3]
        command = ["--home", str(settings.home), *more, "ingest", kind, *options, str(path)]
        result = CliRunner().invoke(main, command)
        said += result.output + result.stderr + repr(result.exception)
    logs = b"".join(path.read_bytes() for path in settings.home.rglob("*.log"))
    for canary in (*CANARIES, SECRET, *(key.hex() for key in keys.identifiers)):
        assert canary not in said
        assert canary.encode() not in logs
    assert said.count("Traceback") == 0


def _bad_files() -> Iterator[bytes]:
    row = ",".join(CANARIES)
    heads = ("crm_record_id,email_sha256", "email", "email_sha256", "a,b,c,d", "", "crm_record_id",
             "partner_cookie_id,crm_record_id", "crm_record_id;email_sha256")  # fmt: skip
    for head in heads:
        yield f"{head}\n{row}\n".encode()
        yield f'{head}\n"{row}\n'.encode()
    yield row.encode("utf-16")
    yield b"\x1f\x8b" + row.encode()
    yield b"PK\x03\x04" + row.encode()
    yield f"crm_record_id,email_sha256\n{row}\n".encode() + b"\xff\xfe\n"
    yield json.dumps({"mb": 1, "hit_id": CANARIES[1], "visitor": visitor(1), "event": row}).encode()
    yield f'203.0.113.9 - - [x] "GET /bakery/identify?email={row} HTTP/1.1" 200 43'.encode()
    yield (row * 50_000).encode()
