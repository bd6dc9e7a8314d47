"""Law 5: the union of all deliveries, applied in order, is what the last build allows."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.nights import applied, at_night, deliver, held, publish_pairs, suppress

PAIRS = [(f"c{number % 4}", f"r{number % 3}") for number in range(12)]

NIGHT = st.fixed_dictionaries(
    {
        "appear": st.sets(st.sampled_from(PAIRS)),
        "vanish": st.sets(st.sampled_from(PAIRS), max_size=4),
        "opt_out": st.sets(st.sampled_from(["v-c0", "v-c1"]), max_size=1),
        "deliveries": st.integers(0, 2),
    }
)


@examples(max_examples=12)
@given(nights=st.lists(NIGHT, min_size=1, max_size=6))
def test_skipped_doubled_and_late_nights_end_at_the_last_build(
    nights: list[dict[str, object]],
) -> None:
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), now=NOW)
        seen: dict[tuple[str, str], int] = {}
        opted_out: set[str] = set()
        nights[-1]["deliveries"] = 1
        for load_seq, night in enumerate(nights, start=1):
            seen |= dict.fromkeys(night["appear"], load_seq)
            for pair in night["vanish"]:
                seen.pop(pair, None)
            allowed = {pair: load for pair, load in seen.items() if f"v-{pair[0]}" not in opted_out}
            publish_pairs(settings, load_seq, allowed)
            opted_out |= night["opt_out"]
            suppress(settings, "visitor", night["opt_out"])
            for _ in range(night["deliveries"]):
                deliver(at_night(settings, load_seq))
        expected = {pair for pair in seen if f"v-{pair[0]}" not in opted_out}
        assert applied(settings) == held(settings) == expected
