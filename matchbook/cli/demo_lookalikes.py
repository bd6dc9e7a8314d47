"""Lookalikes of the demo world: one that is usable, and one whose seed was drawn by lot.

They come in the last nights, so that a first drift is seen and the months before cost nothing.
"""

from __future__ import annotations

from matchbook.audiences import Definition, of
from matchbook.kept_audiences import refreshes, refreshing, store
from matchbook.lookalikes import lookalike
from matchbook.settings import Settings

CLIENT = "oakandlinen"
SEED = "filled-a-basket"
NIGHTS = 2

FEWEST_IN_SEED = 300
"""A smaller world has no seed worth a lookalike."""

USABLE = lookalike(
    name="Might fill a basket",
    description="Like those who filled one, but have not done so yet.",
    owner="Shop team",
    seed=SEED,
    people=1_000,
    exclude=("good-customers",),
)
DRAWN = of(
    name="Control group",
    description="Every tenth person, drawn by lot.",
    owner="CRM team",
    enter={"kind": "in_share", "percent": 10, "salt": "control"},
)
WITHOUT_SIGNAL = lookalike(name="Like the control group", seed="control-group", people=500)


def set_up(settings: Settings, *, nights_left: int) -> None:
    """After a night: save what is not there yet, and study what is not saved."""
    seed = refreshes.newest(settings, CLIENT, done=True).get(SEED)
    if nights_left >= NIGHTS or seed is None or (seed.people or 0) < FEWEST_IN_SEED:
        return
    from matchbook.lookalikes.finding import study_now

    new = [_saved(settings, one) for one in (DRAWN, USABLE) if not _is_there(settings, one)]
    if new:
        refreshing.refresh(settings, CLIENT, only=new)
    study_now(settings, CLIENT, WITHOUT_SIGNAL)


def _is_there(settings: Settings, definition: Definition) -> bool:
    every = store.all_of(settings, CLIENT, archived=True)
    return definition.name in {audience.name for audience in every}


def _saved(settings: Settings, definition: Definition) -> str:
    return store.create(settings, CLIENT, definition, by="demo").audience_id
