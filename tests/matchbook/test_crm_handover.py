"""What a marker beside a CRM file says, and what it cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from matchbook.crm_files.handover import Handover, marker_path, read_handover


def test_what_was_written_is_read(tmp_path: Path) -> None:
    said = Handover(uploaded_by="Eva, on the dashboard", confirm_shrink=True)
    marker_path(tmp_path / "a.csv").write_text(said.as_marker())
    assert read_handover(tmp_path / "a.csv") == said


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"uploaded_by": 7}', b'{"x": 1}', b"[" * 4000],
)
def test_other_markers_say_nothing(tmp_path: Path, content: bytes) -> None:
    marker_path(tmp_path / "a.csv").write_bytes(content)
    assert read_handover(tmp_path / "a.csv") == Handover()


def test_no_marker_says_nothing(tmp_path: Path) -> None:
    assert read_handover(tmp_path / "a.csv") == Handover()
    assert read_handover(tmp_path / ("a" * 252 + ".csv")) == Handover()


@pytest.mark.parametrize("word", ['"true"', "1", "null"])
def test_only_true_confirms(tmp_path: Path, word: str) -> None:
    marker_path(tmp_path / "a.csv").write_text(f'{{"confirm_shrink": {word}}}')
    assert not read_handover(tmp_path / "a.csv").confirm_shrink


def test_a_name_is_short_and_printable(tmp_path: Path) -> None:
    marker_path(tmp_path / "a.csv").write_text('{"uploaded_by": " E\\nva\\u202e' + "x" * 200 + '"}')
    assert read_handover(tmp_path / "a.csv").uploaded_by == "Eva" + "x" * 97
