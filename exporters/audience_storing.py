"""Writing the files of a push: once, in the form its destination takes, and then only sent."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from exporters.audience_ways import Way
from matchbook.clock import Clock, utc_naive
from matchbook.delivery_rows import DeliveryFile
from matchbook.failpoints import failpoint
from matchbook.files import whole_file
from matchbook.pushes import confirming, outbox, partner_files, partner_held
from matchbook.pushes.outbox import Push
from matchbook.pushes.targets import Target
from matchbook.settings import Settings

_CHANGES = pa.schema({"cookie_id": pa.string(), "action": pa.string()})


def store(settings: Settings, push: Push, target: Target, way: Way, *, clock: Clock) -> Push:
    """Write what is to be sent, with the opt-outs of this moment; the push as it is then.

    It is `running` with its files, waits for a second person, or is over: refused, or done where
    nobody is to be told anything.
    """
    changes, known = _planned(settings, push, target, way)
    if confirming.is_wanted(settings, push, changes["action"].to_pylist().count("add")):
        return outbox.note(settings, push, state=outbox.UNCONFIRMED, **known)
    if not way.takes_removals and not known.get("reason_code"):
        changes = _with_who_stays(settings, target, changes)
    now = utc_naive(clock.now())
    known |= {"planned_at": now, "state": "running"}
    if not len(changes):
        word = "refused" if known.get("reason_code") else "done"
        return outbox.note(settings, push, **known | {"state": word, "ended_at": now})
    files = _written(settings, push, way, changes)
    failpoint("audience_file.stored")
    frozen = partner_files.freeze(settings, push, files, **known)
    failpoint("audience_file.frozen")
    return frozen


def _planned(
    settings: Settings, push: Push, target: Target, way: Way
) -> tuple[pa.Table, dict[str, object]]:
    """Who is added and removed, and what is kept of it with the push."""
    if push.kind == "empty":
        ids = partner_held.read(settings, target)["cookie_id"]
        changes = pa.table([ids, pa.array(["remove"] * len(ids), pa.string())], schema=_CHANGES)
        return changes, {"funnel": {"add": 0, "remove": len(ids)}}
    if push.kind == "leave":
        changes = way.leaving(settings, push)
        return changes, {"funnel": {"add": 0, "remove": len(changes)}}
    plan = way.plan(settings, push)
    known = {"refresh_id": plan.refresh_id, "as_of": plan.as_of, "reason_code": plan.refusal}
    return plan.changes, {"funnel": plan.funnel, **known}


def _with_who_stays(settings: Settings, target: Target, changes: pa.Table) -> pa.Table:
    """Where nobody can be taken out, a membership ends when it is not told any more."""
    held = partner_held.read(settings, target)["cookie_id"]
    stay = held.filter(pc.invert(pc.is_in(held, changes["cookie_id"].combine_chunks())))
    told = pa.table([stay, pa.array(["seen"] * len(stay), pa.string())], schema=_CHANGES)
    return pa.concat_tables([changes.cast(_CHANGES), told])


def _written(settings: Settings, push: Push, way: Way, changes: pa.Table) -> Sequence[DeliveryFile]:
    folder = partner_files.folder(settings, push)
    shutil.rmtree(folder, ignore_errors=True)
    files = way.write(settings, push, changes, folder)
    with whole_file(folder / partner_files.CHANGES) as part:
        pq.write_table(changes, part)
    return files
