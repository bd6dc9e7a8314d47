"""What is decided without SQL is what SQL would decide."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ingest.pixel_logs import values
from ingest.pixel_logs.attribution import make_registry_tables
from ingest.pixel_logs.distinct import asked
from ingest.pixel_logs.lookups import ip_prefixes
from ingest.pixel_logs.plain_cookies import are_plain
from ingest.pixel_logs.times import moments
from matchbook.partners import load_partners
from matchbook.warehouse import open_memory
from tests.pixel_lines import REGISTRY, SNOWPLOW_ID

IDS = (
    SNOWPLOW_ID,
    SNOWPLOW_ID.upper(),
    SNOWPLOW_ID.replace("-", ""),
    "00000000-0000-0000-0000-000000000000",
    "00000000-0000-4000-a000-000000000000",
    "0031-20-1234567-1234567-1234567",
    "sqzl0123456789abcdef0123",
    "a" * 45,
    "a" * 300,
    f" {SNOWPLOW_ID}",
    "undefined",
    "0612345678",
    None,
)
UUID_PARTNERS = ("tealium", "supermetrics", "snowplow", "permutive", "selligent")
TIMES = (
    "20/Nov/2026:10:05:03 +0000",
    "20/Nov/2026:10:05:59 -0530",
    "20/Nov/2026:10:05:60 +0000",
    "20/Nov/2026:10:05:61 +0000",
    "20/Nov/2026:10:05:6x +0000",
    "31/Feb/2026:10:05:03 +0000",
    "2026-11-20T10:05:03.123456",
    "2026-11-20T10:05:60+01:00",
    "é0/Nov/2026:10:05:03 +000",
    "",
    None,
)
ADDRESSES = {
    "203.0.113.9": "203.0.113.0/24",
    "999.0.113.999": "999.0.113.0/24",
    "203.0.113.1234": None,
    "203.0.113.": None,
    "203.0.113": None,
    "1203.0.113.9": None,
    "2001:db8::1": "2001:db8::/48",
    "::ffff:203.0.113.9": "203.0.113.0/24",
    "-": None,
    None: None,
}


@pytest.mark.parametrize("partner", [partner.partner_id for partner in load_partners()])
def test_plain_ids_are_accepted_as_they_are(partner: str) -> None:
    """No id passes as plain that SQL would refuse, change or flag."""
    with open_memory() as scratch:
        make_registry_tables(scratch, REGISTRY)
        codes, ids = pa.array([partner] * len(IDS)), pa.array(IDS, pa.string())
        is_plain = are_plain(scratch, codes, ids)
        given = {"r_partner": codes, "r_cookieid": ids, "r_parcid": pa.nulls(len(IDS), pa.string())}
        found = asked(scratch, given, values.COOKIES)
    for place in is_plain.nonzero()[0].tolist():
        told = [found[name][place].as_py() for name in ("cookie_form", "cookie_fault")]
        assert [*told, found["is_other_form"][place].as_py()] == [IDS[place], None, False]
    assert is_plain[0] == (partner in UUID_PARTNERS)


def test_a_minute_and_its_seconds_are_the_whole_time() -> None:
    texts = pa.array(TIMES, pa.string())
    with open_memory() as scratch:
        whole = asked(scratch, {"at_text": texts}, values.TIMES)["hit_at"]
        assert moments(scratch, texts).to_pylist() == whole.to_pylist()


def test_the_network_of_an_address() -> None:
    found = ip_prefixes(pa.array(ADDRESSES, pa.string())).to_pylist()
    assert found == list(ADDRESSES.values())
