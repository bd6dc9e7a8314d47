"""`matchbook hash` on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from matchbook.cli import main
from tests.hashing import digest

RAW = "id,mailadres,tier\n1,jan@example.com,gold\n2,test@example.com,silver\n3,kapot,gold\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["hash", *map(str, arguments)])


def test_it_tells_counts_and_reasons_only(tmp_path: Path) -> None:
    source, out = tmp_path / "customers.csv", tmp_path / "hashed.csv"
    source.write_text(RAW)
    result = run(source, "-o", out, "--keep", "tier")
    assert result.exit_code == 0, result.output
    assert "Hashed 3 of 3 rows: 1 email_sha256_da_docs_v1." in result.output
    assert "1 email_syntax, 1 junk_email; see hashed.csv.rejects.csv" in result.output
    assert out.read_text().splitlines()[1] == f"1,{digest('jan@example.com')},,gold"
    assert (tmp_path / "hashed.csv.rejects.csv").read_text() == (
        "line_number,field,outcome,reason\n"
        "3,email,rejected,junk_email\n4,email,rejected,email_syntax\n"
    )


def test_json_for_scripts(tmp_path: Path) -> None:
    source, out = tmp_path / "customers.csv", tmp_path / "hashed.csv"
    source.write_text(RAW)
    told = json.loads(run(source, "-o", out, "--json").stdout)
    assert (told["rows"], told["written"], told["columns_left_out"]) == (3, 3, 1)
    assert told["reasons"] == {"email_syntax": 1, "junk_email": 1}


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
