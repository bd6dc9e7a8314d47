"""What the documentation says is true: commands, settings, paths and links."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from matchbook.cli import main
from matchbook.cli.app import COMMANDS
from matchbook.settings import ENVIRONMENT
from tests.test_architecture import ROOT

README = ROOT / "README.md"
PAGES = [README, ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
ACCOUNTS = "tmpfiles.conf"  # names an account where others name a command
EXAMPLES = sorted(
    path for path in (ROOT / "examples").rglob("*") if path.is_file() and path.name != ACCOUNTS
)


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) < 200


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {t for page in PAGES for t in re.findall(r"\bmake ([a-z-]+)", code_of(page))}
    assert {"demo", "test"} <= named <= targets


def code_of(page: Path) -> str:
    """What a page shows as code: between back quotes or indented."""
    text = page.read_text()
    quoted = re.findall(r"`([^`\n]+)`", text)
    indented = re.findall(r"^ {4,}(.+)$", text, re.MULTILINE)
    return "\n".join([*quoted, *indented])


def matchbook_commands(text: str) -> set[tuple[str, ...]]:
    lines = re.findall(r"(?:^|[ /])matchbook +([a-z].*)$", text.replace("&&", "\n"), re.MULTILINE)
    return {tuple(shlex.split(line.split("#")[0])) for line in lines}


@pytest.mark.parametrize("page", [*PAGES, *EXAMPLES], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_commands_and_options_exist(page: Path) -> None:
    text = code_of(page) if page.suffix == ".md" else page.read_text()
    for words in matchbook_commands(text):
        command, rest = find_command(words)
        options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        assert {w for w in rest if w.startswith("-")} <= options | {"--help"}, words


def find_command(words: tuple[str, ...]) -> tuple[click.Command, tuple[str, ...]]:
    with click.Context(main) as context:
        command = main.get_command(context, words[0])
        assert command is not None, f"there is no command {words[0]}"
        if isinstance(command, click.Group):
            return command.commands[words[1]], words[2:]
        return command, words[1:]


def test_every_command_is_explained() -> None:
    told = README.read_text() + (ROOT / "docs" / "runbook.md").read_text()
    assert [name for name in COMMANDS if f"matchbook {name}" not in told] == []


def test_settings_are_those_that_are_read() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", (ROOT / "docs/settings.md").read_text(), re.M)
    assert dict(rows) == ENVIRONMENT


def test_every_variable_that_is_read_is_a_setting() -> None:
    known = {*ENVIRONMENT, "MATCHBOOK_FAILPOINT", "MATCHBOOK_RUN_LOCK"}
    for path in sorted((ROOT / "matchbook").rglob("*.py")):
        assert set(re.findall(r"\bMATCHBOOK_[A-Z_]+\b", path.read_text())) <= known, path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)", page.read_text())
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_files_to_read_first_exist() -> None:
    named = re.findall(r"read first: (\S+)", README.read_text())
    assert len(named) == 8
    assert [name for name in named if not (ROOT / name).is_file()] == []
