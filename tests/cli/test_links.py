"""`matchbook links rewrite`: a mail in, a mail out, and what was done."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook.cli import main
from tests.test_architecture import ROOT

MAIL = (
    b'<p>caf\xe9</p>\r\n<a href="https://www.oakhouse.example/sale">Sale</a>'
    b'<a href="https://social.example/">Us</a><a href="mailto:a">Mail</a>'
    b'<a href="https://www.oakhouse.example/out">Unsubscribe</a>'
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    words = ["--home", str(tmp_path), "registry", "apply", str(ROOT / "examples/registry.json")]
    assert CliRunner().invoke(main, words).exit_code == 0
    (tmp_path / "mail.html").write_bytes(MAIL)
    return tmp_path


def rewrite(
    home: Path, *options: str, target: str = "out.html", client: str = "oakhouse"
) -> Result:
    words = ["--home", str(home), "links", "rewrite", str(home / "mail.html")]
    words += [target if target == "-" else str(home / target), "--client", client]
    words += ["--contact", "4711", "--message", "m1"]
    words += ["--base-url", "https://px.oakhouse.example", *options]
    return CliRunner().invoke(main, words)


def test_links_are_tracked_and_counted(home: Path) -> None:
    result = rewrite(home, "--json")
    assert json.loads(result.stdout) == {
        "tracked": 1,
        "left": {"host_not_listed": 1, "not_web": 1, "unsubscribe": 1},
        "unlisted_hosts": {"social.example": 1},
    }
    before, link, rest = (home / "out.html").read_bytes().split(b'"', 2)
    assert before == b"<p>caf\xe9</p>\r\n<a href="
    assert link.startswith(b"https://px.oakhouse.example/bakery/click?client=oakhouse&amp;")
    assert rest == MAIL.split(b'"', 2)[2]


def test_a_summary_for_people(home: Path) -> None:
    told = rewrite(home, "--read-online", "--consent", "<%flag%>").stdout
    assert "Tracked 1 links; left 3 alone" in told
    assert "Hosts not listed: 1 social.example." in told
    assert b"&amp;consent=<%flag%>&amp;" in (home / "out.html").read_bytes()
    assert b"/bakery/read?" in (home / "out.html").read_bytes()


def test_the_mail_on_stdout_the_summary_on_stderr(home: Path) -> None:
    result = rewrite(home, target="-")
    assert result.stdout_bytes.startswith(b"<p>caf\xe9")
    assert "Tracked 1 links" in result.stderr


def test_what_would_not_work_is_said(home: Path) -> None:
    told = rewrite(home, client="farwinds").stderr
    assert "no landing hosts" in told
    assert "not among farwinds's collector hosts" in told
    assert "link-click is not approved" in told


@pytest.mark.parametrize("options", [("--keep", "("), ("--contact", "anna"), ("--base-url", "x")])
def test_bad_options_write_nothing(home: Path, options: tuple[str, ...]) -> None:
    assert rewrite(home, *options).exit_code == 78
    assert not (home / "out.html").exists()


def test_an_unknown_client_writes_nothing(home: Path) -> None:
    assert rewrite(home, client="nobody").exit_code == 78
    assert not (home / "out.html").exists()


def test_the_example_of_the_docs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "collector.md").read_text()
    words = shlex.split(re.search(r"^ {4}matchbook (links rewrite .*)$", text, re.M)[1])
    before, after = re.findall(r"(?:^ {4}<a .*\n){3}", text, re.MULTILINE)
    (home / "mail.html").write_text(before)
    monkeypatch.chdir(home)
    result = CliRunner().invoke(main, ["--home", str(home), *words])
    assert f"`{result.stdout.strip()}`" in " ".join(text.split("\n"))
    written = (home / "tracked.html").read_text()
    assert re.sub('sig=[^"]*', "sig=…", written) == after
