"""From raw lines to an alert: each kind of incident, put into what ingest lands."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from matchbook.alerts.episodes import episodes
from matchbook.alerts.series import read
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.warehouse.nights import WAREHOUSE
from tests.warehouse.project import dbt

pytestmark = [pytest.mark.xdist_group("warehouse"), pytest.mark.proof]

NEWEST = date(2026, 11, 16)
LANDED = datetime(2026, 11, 17, 3, 10)

CALLS = """
create temp table calls as
with places as (
    select partner_id, site_id
    from (values ('tealium'), ('piano'), ('spotler')) as p(partner_id),
        (values ('calm'), ('fewer'), ('refuses'), ('one_gone'), ('other_form'), ('bad_ids'),
            ('twice')) as s(site_id)
),
numbered as (
    select *, row_number() over (order by day, site_id, partner_id, n) as line_number,
        hash(site_id, partner_id, day, n) % 1000 / 1000.0 as luck,
        day = $newest as is_newest, partner_id = 'tealium' as is_one
    from places, generate_series($newest - interval 48 day, $newest, interval 1 day) as d(day),
        generate_series(1, 120) as c(n)
),
usual as (
    select * from numbered
    where luck < if(isodow(day) > 5, 0.6, 0.95)
        and not (is_newest and site_id = 'fewer' and n % 5 < 2)
        and not (is_newest and is_one and site_id = 'one_gone')
)
select 1::bigint as load_seq, line_number, 'shop' as client_id, site_id, partner_id,
    md5(concat(site_id, n)) as visitor_id, concat(partner_id, site_id, n // 2 * 2, day) as cookie,
    cast(day as date) as hit_date, day + interval 10 hour as hit_at,
    if(n // 10 % 10 < if(is_newest and site_id = 'refuses', 5, 2), 'untracked',
        if(is_newest and is_one and site_id = 'bad_ids', 'quarantined', 'accepted')) as outcome,
    is_newest and is_one and site_id = 'other_form' as is_other_form,
    is_newest and is_one and site_id = 'twice' and n % 2 = 0 as is_twice
from usual
"""
HITS = """
insert into raw.hits by name
select load_seq, line_number + copy * 1000000 as line_number, 'sync' as hit_type, client_id,
    site_id, visitor_id, partner_id, cookie as partner_cookie_id, false as is_bot,
    false as is_prefetch, false as has_clock_skew, is_other_form as has_format_warning, hit_at,
    hit_date
from calls, generate_series(0, if(is_twice, 1, 0)) as g(copy)
where outcome = 'accepted'
"""
OUTCOMES = """
insert into raw.line_outcomes by name
select load_seq, 'pixel_log' as source, client_id, site_id, partner_id, hit_date, outcome,
    case outcome when 'untracked' then 'no_consent' when 'quarantined' then 'bad_cookie_id' end
        as reason, sum(if(is_twice, 2, 1))::bigint as lines
from calls group by all
"""
LOAD = """
insert into raw.loads by name
select 1::bigint as load_seq, 'pixel_log' as source, 'a' as sha256, 'a.log' as file_name,
    1 as content_bytes, true as ends_with_newline, sum(lines) as lines,
    sum(if(outcome = 'accepted', lines, 0)) as accepted,
    sum(if(outcome = 'untracked', lines, 0)) as untracked,
    sum(if(outcome = 'quarantined', lines, 0)) as quarantined, 0 as duplicate, 0 as not_ours,
    $landed as landed_at, $landed::date as hit_date
from raw.line_outcomes
"""


def test_each_incident_in_the_lines_becomes_its_alert(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with open_warehouse(Settings(home=home)) as connection:
        connection.execute(CALLS, {"newest": NEWEST})
        for statement in (HITS, OUTCOMES):
            connection.execute(statement)
        connection.execute(LOAD, {"landed": LANDED})
    dbt(home, "run", "--select", "+call_days")
    with duckdb.connect(str(home / WAREHOUSE), read_only=True) as connection:
        connection.execute("use marts")
        found = [one for one in episodes(read(connection, NEWEST)) if one.since == NEWEST]
    told = {(one.place.site_id, one.place.partner_id, one.direction, one.cause) for one in found}
    print(f"\n{len(told)} alerts of 6 incidents in 7 sites: {sorted(told)}")
    assert told == {
        ("fewer", "all", "low", "volume"),
        ("refuses", "all", "low", "consent"),
        ("one_gone", "tealium", "low", "gone"),
        ("other_form", "tealium", "low", "format"),
        ("bad_ids", "tealium", "low", "format"),
        ("twice", "tealium", "high", "duplicates"),
    }
