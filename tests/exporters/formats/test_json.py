"""NDJSON and JSON requests, read back line by line with the standard library."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from exporters.formats.json_batches import requests
from tests.exporters.formats.pairs import PAIRS, Pair, profile, rendered, told


def lines_of(path: Path) -> list[dict[str, Any]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text[:-1].split("\n")]


def test_mediarithmics_associates_a_browser_with_an_account(tmp_path: Path) -> None:
    form = profile("mediarithmics")
    removals, matches = rendered(form, tmp_path)
    assert matches.kind == "matches"
    assert lines_of(matches.path) == [
        {
            "identifiers": [
                {"type": "USER_AGENT", "user_agent_id": cookie},
                {"type": "USER_ACCOUNT", "compartment_id": "1000", "user_account_id": record},
            ]
        }
        for cookie, record, _, _ in told(form)
    ]
    gone = {cookie for cookie, _, action, _ in PAIRS if action == "remove"}
    assert removals.kind == "removals"
    assert lines_of(removals.path) == [
        {"type": "USER_AGENT", "user_agent_id": cookie} for cookie in sorted(gone)
    ]


def test_a_browser_that_lost_two_pairs_is_deleted_once(tmp_path: Path) -> None:
    pairs: list[Pair] = [("vec:1", record, "remove", None) for record in ("a", "b")]
    (removals,) = rendered(profile("mediarithmics"), tmp_path, pairs)
    assert lines_of(removals.path) == [{"type": "USER_AGENT", "user_agent_id": "vec:1"}]


def test_a_removal_without_a_moment_says_null(tmp_path: Path) -> None:
    line = {"id": "$partner_cookie_id", "at": "$last_seen_at", "to": "$crm_record_id"}
    line |= {"do": "$action", "note": '$constant:="x"', "n": 1}
    form = profile("mediarithmics", line=line, http=None, removals={
        "how": "row", "says": "A line.", "file_name": None, "line": None,
    }, file_name="m_{yyyymmdd}_{part:02d}.ndjson")  # fmt: skip
    (file,) = rendered(form, tmp_path)
    assert lines_of(file.path) == [
        {"id": cookie, "at": seen, "to": record, "do": action, "note": '="x"', "n": 1}
        for cookie, record, action, seen in PAIRS
    ]


@pytest.mark.parametrize("partner_id", ["mediarithmics", "supermetrics"])
def test_a_night_without_changes_is_no_file(partner_id: str, tmp_path: Path) -> None:
    assert rendered(profile(partner_id), tmp_path, []) == ()
    assert list(tmp_path.iterdir()) == []


def test_supermetrics_gets_one_request_for_each_pair(tmp_path: Path) -> None:
    (file,) = rendered(profile("supermetrics"), tmp_path)
    calls = lines_of(file.path)
    assert list(requests(file.path)) == calls
    assert file.rows == len(calls) == len(PAIRS)
    for (cookie, record, action, _), call in zip(PAIRS, calls, strict=True):
        address = urlsplit(call["path"])
        assert address.path == "/v1/site-1234/profiles/1/mappings"
        assert parse_qs(address.query, strict_parsing=True) == {
            "partnerId": [cookie],
            "forceInsert": ["false"],
            "mergeType": ["false"],
        }
        assert call["method"] == ("DELETE" if action == "remove" else "POST")
        assert call["body"] == [{"partnerId": record, "partnerType": 2001}]


def test_requests_of_several_items_keep_their_order_and_their_kind(tmp_path: Path) -> None:
    http = {"path": "/v1/site-{site}/{partner_number}/{merge_type}", "items_per_request": 3}
    form = profile("supermetrics", http=http, line={
        "from": "$partner_cookie_id", "to": "$crm_record_id",
        "type": "$parameter:mapped_partner_number", "at": "$delivered_at", "is_new": True,
    })  # fmt: skip
    (file,) = rendered(form, tmp_path)
    calls = lines_of(file.path)
    assert all(1 <= len(call["body"]) <= 3 for call in calls)
    for method, is_removal in (("DELETE", True), ("POST", False)):
        sent = [item for call in calls if call["method"] == method for item in call["body"]]
        wanted = [pair for pair in PAIRS if (pair[2] == "remove") == is_removal]
        assert [(item["from"], item["to"]) for item in sent] == [pair[:2] for pair in wanted]
        assert {item["type"] for item in sent} == {2001}
    assert file.rows == len(PAIRS)
