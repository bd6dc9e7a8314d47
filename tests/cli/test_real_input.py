"""The whole night on public data: a real week of 32,711 people, and a real web-server log."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from matchbook import registry
from matchbook.keys import load_keys
from matchbook.registry import CrmList, Registry
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot
from tests import msweb
from tests.demo_home import run_matchbook

pytestmark = pytest.mark.proof


def night(settings: Settings, now: datetime) -> dict[str, Any]:
    done = run_matchbook(settings.home, "--now", now.isoformat(), "nightly", "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def complete(path: Path) -> Path:
    path.with_name(path.name + ".done").touch()
    return path


def inbox(settings: Settings, *parts: str) -> Path:
    path = settings.inbox.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_a_real_week_makes_the_rates_that_it_must(settings: Settings, public_data: Path) -> None:
    lists = (CrmList(list_id="00001", client_id="msweb", name="Customers"),)
    registry.replace(settings, msweb.REGISTRY.model_copy(update={"lists": lists}), by="test")
    keys = load_keys(settings.keys)
    users = sorted({abs(user) for user, _ in msweb.visits(public_data)})
    known = [user for user in users if user % 3 == 0]
    signed_in = [user for user in users if user % 9 == 0]
    log = inbox(settings, "pixels", "week.log")
    lines = [*msweb.log_lines(public_data, keys)]
    lines += [msweb.identify_line(user, keys, _hash(user)) for user in signed_in]
    log.write_text("\n".join(lines) + "\n")
    complete(log)
    crm = inbox(settings, "onboard", "audience=00001", "opt-in", "19980208_120000.csv")
    rows = "".join(f"u{user},{_hash(user)}\n" for user in known)
    complete(crm).write_text("crm_record_id,email_sha256\n" + rows)

    told = night(settings, msweb.NOW)

    assert told["lines"] == told["accepted"] == 98_654 + 32_711 + len(signed_in) + len(known)
    matched = {"all": signed_in, "tealium": [u for u in signed_in if u % 2 == 0]}
    matched["snowplow"] = [u for u in signed_in if u % 2]
    with open_snapshot(settings, "msweb") as connection:
        rates = connection.execute(
            "select partner_id, numerator, denominator from match_rates where look_back_days = 30 "
            "and breakdown = 'all' and as_of_date = '1998-02-09' and partner_id <> 'mapp_cep'"
        ).fetchall()
    assert sorted(rates) == sorted((p, len(who), len(known)) for p, who in matched.items())
    print(f"\nmsweb: {told['lines']:,} lines, {len(known):,} records: ", end="")
    print(", ".join(f"{name} {top / bottom:.1%}" for name, top, bottom in sorted(rates)))
    for partner in ("tealium", "snowplow"):
        (file,) = (settings.delivered / "msweb" / partner).glob("*.csv")
        assert len(file.read_text().splitlines()) == 1 + len(matched[partner])


def test_a_real_web_server_log_is_accounted_for(settings: Settings, public_data: Path) -> None:
    registry.replace(settings, Registry(clients=msweb.REGISTRY.clients), by="test")
    log = inbox(settings, "pixels", "access.log")
    shutil.copyfile(public_data / "w01_elastic_apache" / "apache_logs.log", log)
    complete(log)
    told = night(settings, datetime(2015, 5, 21, 3, 10, tzinfo=UTC))
    assert (told["lines"], told["not_ours"], told["quarantined"]) == (10_000, 9_999, 1)
    with open_snapshot(settings, "msweb") as connection:
        account = connection.execute(
            "select outcome, sum(lines), count(distinct hit_date) from line_accounting "
            "group by outcome order by outcome"
        ).fetchall()
    assert [row[:2] for row in account] == [("not_ours", 9_999), ("quarantined", 1)]
    print(f"\nweb-server log: {account}")


def _hash(user: int) -> str:
    return hashlib.sha256(f"{user}@mail.example".encode()).hexdigest()
