"""The shape of the code, checked on the source itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("dashboard", "exporters", "ingest", "matchbook")
TOP_LEVEL = {
    "dashboard", "dbt_project", "ingest", "exporters", "matchbook", "tests", "docs", "examples",
    "pyproject.toml", "README.md", "Makefile", "LICENSE", "CHANGELOG.md", "SECURITY.md",
    ".ci", ".gitignore",
}  # fmt: skip

LONGEST_FILE = 300
LONGEST_FUNCTION = 60

ONLY_IN = {
    # A second place that opens DuckDB would meet the writer's lock, or hand out the warehouse.
    "duckdb.connect": ("matchbook/warehouse.py",),
    # dbt's start-up costs seconds and its log belongs to one command.
    "dbtRunner": ("matchbook/cli/build.py",),
}


def sources(*packages: str) -> list[Path]:
    return sorted(path for name in packages for path in (ROOT / name).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_nothing_else_stands_at_the_top() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert {line.split("/")[0] for line in listed.stdout.splitlines()} <= TOP_LEVEL


@pytest.mark.parametrize("needle", ONLY_IN)
def test_some_calls_stand_in_one_place_only(needle: str) -> None:
    found = {named(p) for p in sources(*PACKAGES) if needle + "(" in p.read_text()}
    assert found <= set(ONLY_IN[needle])


def test_files_stay_short() -> None:
    lengths = {named(p): len(p.read_text().splitlines()) for p in sources(*PACKAGES, "tests")}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_functions_stay_short() -> None:
    lengths = {
        f"{named(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in sources(*PACKAGES, "tests")
        for node in functions(path)
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


SQL = re.compile(
    r"\b(select\b.*\bfrom|insert into|delete from|copy|attach|where"
    r"|create (or|table|temp|view))\b",
    re.IGNORECASE | re.DOTALL,
)
QUOTES = {"text", "name", "int"}
"""Functions whose result may stand in SQL: matchbook.sql, and numbers."""

TEXT_FROM_OURSELVES = {
    # Names of our own tables, and pieces of SQL that a neighbouring function made.
    "ingest/crm_staging.py:_flush",
    "ingest/landing.py:_write_lake",
    "ingest/pixel_logs/attribution.py:temp_table",
    "ingest/pixel_logs/outcomes.py:_quarantine",
    "ingest/pixel_logs/outcomes.py:add_rest",
    "ingest/pixel_logs/reading.py:_add_calls",
    "matchbook/mirror.py:_replace",
    "matchbook/publishing/outbox.py:_copy",
}


def test_no_sql_is_made_of_what_a_caller_gives() -> None:
    found = {
        f"{named(path)}:{function.name}"
        for path in sources(*PACKAGES)
        for function in functions(path)
        if interpolated_in_sql(function) & given_texts(function)
    }
    assert found <= TEXT_FROM_OURSELVES


def given_texts(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    arguments = (*function.args.args, *function.args.kwonlyargs)
    texts = ("str", "str | None", "Path")
    return {a.arg for a in arguments if a.annotation and ast.unparse(a.annotation) in texts}


def interpolated_in_sql(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    names = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.JoinedStr):
            continue
        fixed = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
        if SQL.search(fixed):
            names |= {n for v in node.values if isinstance(v, ast.FormattedValue) for n in used(v)}
    return names


def used(part: ast.FormattedValue) -> set[str]:
    value = part.value
    if isinstance(value, ast.Call) and ast.unparse(value.func) in QUOTES:
        return set()
    return {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_pages_write_numbers_in_one_format() -> None:
    """What is read is written by `dashboard.formats`; the report's drawing has coordinates."""
    writers = {"dashboard/formats.py", "dashboard/report/trend.py"}
    found = {named(path): number_formats(path) for path in sources("dashboard")}
    assert {name for name, formats in found.items() if formats} <= writers


def number_formats(path: Path) -> list[str]:
    """Such as `,` and `.1f` in the formatted texts of a file."""
    tree = ast.parse(path.read_text())
    specs = [n.format_spec for n in ast.walk(tree) if isinstance(n, ast.FormattedValue)]
    written = [ast.unparse(spec) for spec in specs if spec is not None]
    return [spec for spec in written if re.search(r",|\.\d|\d[fg%]", spec)]


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=named)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        # The night runs in cron, without a browser stack.
        ("ingest.landing", ("streamlit", "dashboard", "exporters", "dbt", "plotly")),
        ("exporters.delivery", ("streamlit", "dashboard", "ingest", "dbt", "plotly")),
        # A page that can reach dbt or ingest would write.
        ("dashboard.server", ("exporters", "ingest", "dbt")),
        # The shared package is the floor.
        ("matchbook.publishing", ("streamlit", "dashboard", "exporters", "ingest", "dbt")),
        # `matchbook --help` must be quick: commands import what they need when they run.
        ("matchbook.cli", ("streamlit", "dashboard", "dbt", "duckdb", "pandas", "plotly")),
    ],
)
def test_imports_at_run_time(module: str, unwanted: tuple[str, ...]) -> None:
    program = f"import sys, {module}; print(*[n for n in {unwanted!r} if n in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == []


def test_streamlit_stays_in_the_dashboard() -> None:
    found = {
        named(path)
        for path in sources("exporters", "ingest", "matchbook")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any("streamlit" in name for name in imported(node))
    }
    assert found == set()


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names]
