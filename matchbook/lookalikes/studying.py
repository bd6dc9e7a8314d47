"""Studying a lookalike: who is like the seed, how good that order is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from matchbook.audiences import Definition, write
from matchbook.audiences.conditions import FEWEST_SIMILAR, Similar
from matchbook.audiences.sentences import Named
from matchbook.disclosure import rounded
from matchbook.errors import AudienceInvalid
from matchbook.kept_audiences.worlds import Opened
from matchbook.lookalikes import learner, quality, reach
from matchbook.lookalikes.crowd import Crowd, gather
from matchbook.lookalikes.history import create_history
from matchbook.lookalikes.leaks import Leaks, leaks_of
from matchbook.lookalikes.measures import auc, by_number
from matchbook.lookalikes.people_source import PeopleSource, people_source
from matchbook.lookalikes.reasons import giveaways, reasons
from matchbook.lookalikes.source import Flags, Numbers, Scores, draws
from matchbook.lookalikes.study import Point, Size, Study

NO_BETTER = 0.01
"""AUC by which a list must beat ranking people by activity, or it is said."""

REASONS_SHARE = 0.1

_CALLS = """
select member_key, sum(hits)::double as calls
from lookalike_history inner join members using (visitor_key) group by member_key
"""


@dataclass(frozen=True)
class Found:
    """A study, and those who may be on the list, the likest first."""

    study: Study
    keys: Numbers
    seed: Numbers


def study(opened: Opened, client_id: str, definition: Definition, *, named: Named = str) -> Found:
    """Learn, score and measure a lookalike on an opened world; a minute for a million people.

    A seed that is too small, or that nothing tells apart, is refused in the study itself.
    Raises AudienceInvalid where the seed does not exist.
    """
    similar = definition.similar
    assert similar is not None, "a study of what is no lookalike"
    leaks = leaks_of(similar.seed, opened.world, named)
    create_history(opened.connection, opened.world, leaks)
    crowd = gather(opened, similar, leaks)
    begun = Study(
        key=similar.study_key,
        client_id=client_id,
        name=definition.name,
        definition=write(definition),
        build_id=opened.build_id,
        snapshot=opened.snapshot,
        as_of=opened.world.as_of,
        not_used=leaks.words(),
        seed_people=rounded(int(crowd.is_seed.sum())),
        pool_people=rounded(int(crowd.is_candidate.sum())),
    )
    source = people_source(opened.connection, crowd.keys, leaks)
    refusal = _too_little(crowd, source)
    if refusal:
        refused = begun.model_copy(update={"refusal": refusal})
        return Found(refused, crowd.keys[:0], crowd.seed)
    return _learnt(opened, similar, leaks, crowd, source, begun)


def chosen(found: Found, similar: Similar) -> Numbers:
    """Who is on the list. Raises AudienceInvalid with the reason where there is none."""
    if found.study.refusal:
        raise AudienceInvalid(
            " ".join(found.study.refusal),
            kept="The people of the last refresh stay.",
            todo="Choose another seed.",
        )
    people = found.keys[: similar.people]
    return np.union1d(people, found.seed) if similar.with_seed else np.sort(people)


def _too_little(crowd: Crowd, source: PeopleSource) -> tuple[str, ...]:
    said = []
    if not source.features:
        said.append("The seed is defined by all that could be learnt from.")
    if crowd.is_seed.sum() < FEWEST_SIMILAR:
        said.append(f"The seed has fewer than {FEWEST_SIMILAR} people of whom something besides "
                    "its own conditions is known.")  # fmt: skip
    if crowd.is_candidate.sum() < FEWEST_SIMILAR:
        said.append(f"Fewer than {FEWEST_SIMILAR} people are left to choose from.")
    return tuple(said)


def _learnt(
    opened: Opened,
    similar: Similar,
    leaks: Leaks,
    crowd: Crowd,
    source: PeopleSource,
    begun: Study,
) -> Found:
    sample = learner.draw_sample(source, crowd.is_seed, similar.draw)
    scores = learner.scores(source, sample, similar.draw)
    order = learner.in_order(scores, crowd.keys, similar.draw)
    is_seed, is_candidate = crowd.is_seed[order], crowd.is_candidate[order]
    found = auc(is_seed)
    label, rule = quality.label_of(found)
    candidates = order[is_candidate]
    active = None if leaks.uses_volume else _by_activity(opened, crowd, similar.draw)
    activity = auc(active[0]).value if active else None
    keys = crowd.keys[candidates]
    results: dict[str, Any] = {
        "label": label,
        "rule": rule,
        "auc": found,
        "auc_of_most_active": activity,
        "refusal": _no_signal(label),
        "remarks": (
            *_remarks(found.value, activity),
            *giveaways(source.features, sample.rows, sample.is_seed),
        ),
        "sizes": _sizes(opened, similar, keys, (is_seed, is_candidate), active, leaks.waiting),
        "calibration": tuple(quality.calibration(_chances(scores, sample)[order], is_seed)),
        "reasons": _reasons(source, sample, scores, candidates),
        "history": (Point(as_of=opened.world.as_of, label=label, auc=found),),
    }
    return Found(begun.model_copy(update=results), keys, crowd.seed)


def _no_signal(label: quality.Label) -> tuple[str, ...]:
    if label != "no signal":
        return ()
    return ("Nothing tells the people of this seed from others: a list would be no better than "
            "people picked at random.",)  # fmt: skip


def _remarks(found: float, activity: float | None) -> tuple[str, ...]:
    if activity is None or found - activity >= NO_BETTER:
        return ()
    return ("Simply taking the most active people would do as well.",)


def _sizes(
    opened: Opened,
    similar: Similar,
    keys: Numbers,
    marks: tuple[Flags, Flags],
    active: tuple[Flags, Flags] | None,
    waiting: float | None,
) -> tuple[Size, ...]:
    sizes = quality.sizes_of(len(keys), FEWEST_SIMILAR)
    contacts, ids = reach.at_sizes(opened, keys, sizes, similar.destination)
    rows = quality.qualities(sizes, *marks, active, waiting)
    return tuple(
        Size(quality=row, reachable=reachable, at_destination=there)
        for row, reachable, there in zip(rows, contacts, ids, strict=True)
    )


def _by_activity(opened: Opened, crowd: Crowd, draw: int) -> tuple[Flags, Flags]:
    """The most active first: who is seed, and who may be on the list."""
    found = opened.connection.execute(_CALLS).fetchnumpy()
    known = np.isin(found["member_key"], crowd.keys)
    calls = np.zeros(len(crowd.keys))
    calls[np.searchsorted(crowd.keys, found["member_key"][known])] = found["calls"][known]
    order = by_number(calls, draws(crowd.keys, f"lookalike ties {draw}"))
    return crowd.is_seed[order], crowd.is_candidate[order]


def _chances(scores: Scores, sample: learner.Sample) -> Scores:
    """The model's own chance of being the seed's, among all people compared."""
    shift = np.log(sample.share_of_others / sample.share_of_seed)
    return np.asarray(1 / (1 + np.exp(-(scores + shift))))


def _reasons(
    source: PeopleSource, sample: learner.Sample, scores: Scores, candidates: Numbers
) -> tuple[str, ...]:
    others = ~sample.is_seed
    last = candidates[max(round(REASONS_SHARE * len(candidates)), 1) - 1]
    on_list = scores[sample.positions[others]] >= scores[last]
    return reasons(source.features, sample.rows[others], on_list)
