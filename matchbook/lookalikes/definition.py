"""The definition of a lookalike: an audience of one condition, saved and read like any other."""

from __future__ import annotations

from matchbook.audiences import Definition
from matchbook.audiences import definition as audience_definition
from matchbook.audiences.conditions import Pool
from matchbook.kept_audiences.reach import CEP


def lookalike(
    *,
    name: str,
    seed: str,
    people: int,
    pool: Pool = "everyone",
    exclude: tuple[str, ...] = (),
    with_seed: bool = False,
    destination: str = CEP,
    draw: int = 1,
    **more: object,
) -> Definition:
    """People most like an audience's. `more` are fields of a definition, such as `owner`.

    Raises AudienceInvalid.
    """
    wish = {"kind": "similar", "seed": seed, "people": people, "pool": pool, "exclude": exclude,
            "with_seed": with_seed, "destination": destination, "draw": draw}  # fmt: skip
    return audience_definition.of(name=name, enter=wish, **more)
