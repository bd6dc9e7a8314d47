"""Pushes: calls a second against CEP's limit; the difference of a million and a million."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from exporters.pushes import drain
from matchbook.clock import Clock
from matchbook.pushes import outbox
from matchbook.pushes.delta import changes
from matchbook.pushes.turns import CALLS_A_SECOND
from matchbook.settings import Settings
from matchbook.warehouse import open_memory
from tests.cep_server import running
from tests.exporters.cep.pushing import activate, ask, make_shop, person

SECONDS = 180
MILLION = 1_000_000

ANTI_JOIN = """
select contacts.contact_id from contacts anti join held on contacts.contact_id = held.contact_id
"""


@pytest.mark.bench
def test_calls_a_second(tmp_path: Path) -> None:
    people = [person(n) for n in range(SECONDS * CALLS_A_SECOND)]
    with running(contacts=len(people), tps=CALLS_A_SECOND) as cep:
        settings = make_shop(tmp_path / "home", people)
        awake = Settings(home=settings.home)
        assert activate(awake, cep) is None
        push = ask(awake)
        began = time.monotonic()
        drain(awake, clock=Clock())
        seconds = time.monotonic() - began
        calls = len(cep.asked("membership/create"))
        refused = len([asked for asked in cep.asked() if asked.status == 500])
        assert outbox.get(awake, push.push_id).state == "done"
    rate = calls / seconds
    print(f"{calls} calls in {seconds:.0f} s: {rate:.2f}/s, {rate / CALLS_A_SECOND:.3f} of the "
          f"limit, {refused} throttle answers")  # fmt: skip
    assert refused == 0
    assert rate >= 0.95 * CALLS_A_SECOND


@pytest.mark.bench
def test_the_difference_of_a_million(tmp_path: Path) -> None:
    """Of a million members a hundred thousand come and as many go."""
    connection = open_memory()
    wanted = pa.array(range(MILLION), pa.int64())
    held = pa.array(range(MILLION // 10, MILLION + MILLION // 10), pa.int64())
    tables = {
        "contacts": {"contact_id": wanted, "reason": pa.nulls(MILLION, pa.string())},
        "held": {"contact_id": held, "standing": pa.array(["member"] * MILLION)},
    }
    for name, columns in tables.items():
        connection.register("given", pa.table(columns))
        connection.execute(f"create table {name} as from given")
        connection.unregister("given")
    found = interleaved(
        lambda: changes(connection),
        lambda: connection.sql(ANTI_JOIN).to_arrow_table(),
    )
    assert len(changes(connection)) == MILLION // 5
    print(f"delta {found[0]:.3f} s, anti-join {found[1]:.3f} s: ratio {found[0] / found[1]:.2f}")
    assert found[0] <= 2 * found[1]


def interleaved(*runs: Callable[[], object]) -> list[float]:
    """The median processor time of each, in turns."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(11):
        for place, run in enumerate(runs):
            began = time.process_time()
            run()
            taken[place].append(time.process_time() - began)
    return [sorted(times)[5] for times in taken]
