"""`matchbook hash` on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook import registry
from matchbook.cli import main
from matchbook.registry import Client, Registry
from matchbook.settings import Settings
from tests.hashing import digest

RAW = "id,mailadres,tier\n1,jan@example.com,gold\n2,test@example.com,silver\n3,kapot,gold\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["hash", *map(str, arguments)])


def test_it_tells_counts_and_reasons_only(tmp_path: Path) -> None:
    source, out = tmp_path / "customers.csv", tmp_path / "hashed.csv"
    source.write_text(RAW)
    result = run(source, "-o", out, "--keep", "tier")
    assert result.exit_code == 0, result.output
    assert "Hashed 1 of 3 rows: 1 email_sha256_da_docs_v1." in result.output
    assert "1 email_syntax, 1 junk_email; see hashed.csv.rejects.csv" in result.output
    assert out.read_text().splitlines()[1] == f"1,{digest('jan@example.com')},,gold"
    assert (tmp_path / "hashed.csv.rejects.csv").read_text() == (
        "line_number,field,outcome,reason\n3,row,rejected,junk_email\n4,row,rejected,email_syntax\n"
    )


def test_json_for_scripts(tmp_path: Path) -> None:
    source, out = tmp_path / "customers.csv", tmp_path / "hashed.csv"
    source.write_text(RAW)
    told = json.loads(run(source, "-o", out, "--json").stdout)
    assert (told["rows"], told["written"], told["columns_left_out"]) == (3, 1, 1)
    assert told["reasons"] == {"email_syntax": 1, "junk_email": 1}


@pytest.mark.parametrize(
    ("own", "options", "region"),
    [("BE", ["--client", "acme"], "BE"), (None, ["--client", "acme"], "NL"),
     ("BE", ["--client", "acme", "--region", "de"], "DE"), ("BE", [], None)],
    ids=["of the client", "last resort", "said", "none"],
)  # fmt: skip
def test_the_default_region_is_the_clients(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, own: str | None, options: list[str],
    region: str | None,
) -> None:  # fmt: skip
    monkeypatch.setenv("MATCHBOOK_HOME", str(settings.home))
    client = Client(client_id="acme", name="Acme", default_region=own)
    registry.replace(settings, Registry(clients=(client,)), by="a test")
    source, out = settings.home / "customers.csv", settings.home / "hashed.csv"
    source.write_text("id,mobiel\n1,0470 12 34 56\n")
    assert json.loads(run(source, "-o", out, "--json", *options).stdout)["region"] == region
    told = run(source, "-o", out, *options).output
    assert ("NL was assumed" in told) == (region == "NL")
    wanted = {"BE": digest("32470123456"), "NL": digest("31470123456"), "DE": digest("49470123456")}
    assert out.read_text().splitlines()[1:] == ([f"1,{wanted[region]}"] if region else [])


def test_an_unknown_client_has_no_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHBOOK_HOME", str(tmp_path))
    source, out = tmp_path / "customers.csv", tmp_path / "hashed.csv"
    source.write_text(RAW)
    assert run(source, "-o", out, "--client", "nobody").exit_code == 78
    assert not out.exists()


def test_mistakes_have_their_exit_codes(tmp_path: Path) -> None:
    source, out = tmp_path / "customers.csv", tmp_path / "hashed.csv"
    assert run(source, "-o", out).exit_code == 78
    source.write_text(RAW.replace("mailadres", "contact"))
    assert run(source, "-o", out).exit_code == 65
    assert run(source, "-o", out, "--map", "contact").exit_code == 78
    assert run(source, "-o", out, "--map", "contact=email").exit_code == 0
    assert run(source, "-o", out, "--map", "contact=email", "--region", "nowhere").exit_code == 78


def test_it_opens_no_connection(tmp_path: Path) -> None:
    source, out = tmp_path / "customers.csv", tmp_path / "hashed.csv"
    source.write_text(RAW)
    script = (
        "import socket, sys\n"
        "def no(*a, **k): raise AssertionError('a connection')\n"
        "socket.socket.connect = socket.getaddrinfo = no\n"
        "from matchbook.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", script, "hash", str(source), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert out.exists()
