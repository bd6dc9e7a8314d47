"""A sample of a partner's files for its support: invented pairs in the real form."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from exporters.formats.files import PartnerFile
from exporters.formats.rendering import render
from matchbook.errors import ConfigError
from matchbook.partners import Partner
from matchbook.partners.profile import DeliveryProfile
from matchbook.warehouse import open_memory

SAMPLE_ROWS = 100
_KEPT_CHARACTERS = 4
"""How many of an id's first characters tell its kind and stay as they are."""

_KINDS = (string.digits, "abcdef", "ABCDEF")
_ACTIONS = ("add",) * 7 + ("seen",) * 2 + ("remove",)


def sample(
    partner: Partner,
    folder: Path,
    *,
    moment: datetime,
    profile: DeliveryProfile | None = None,
    rows: int = SAMPLE_ROWS,
) -> tuple[PartnerFile, ...]:
    """Write `rows` invented pairs into `folder`, as the partner or one client's `profile` has it.

    Settings that the client has not given yet are filled with their examples. Nothing is
    encrypted: nobody is in it, and the partner's support wants to read it. Raises ConfigError
    where the partner's file has no ids to invent others from.
    """
    form = (profile or partner.delivery).with_examples()
    form = form.model_copy(update={"recipient": None, "encryption": "none"})
    cookie_ids = list(islice(_cookie_ids(partner, tries=100 * rows), rows))
    if len(cookie_ids) < rows:
        raise ConfigError(
            f"{partner.name} has too few sample_ids to vary in its file.",
            kept="No file was written.",
            todo=f"Add more to matchbook/partners/{partner.partner_id}.yml.",
        )
    seen_at = [moment.astimezone(UTC) - timedelta(minutes=7 * number) for number in range(rows)]
    takes = _ACTIONS if form.removals.how != "unable" else _ACTIONS[:-1]
    actions = [takes[number % len(takes)] for number in range(rows)]
    connection = open_memory()
    try:
        connection.execute(
            "create temp table delta as select unnest(?::varchar[]) as partner_cookie_id, "
            "unnest(?::varchar[]) as crm_record_id, unnest(?::varchar[]) as action, "
            "unnest(?::varchar[]) as last_seen_at",
            [
                cookie_ids,
                [f"sample-{number:04d}" for number in range(1, rows + 1)],
                actions,
                [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in seen_at],
            ],
        ).fetchall()
        return render(connection, profile=form, moment=moment, folder=folder)
    finally:
        connection.close()


def _cookie_ids(partner: Partner, *, tries: int) -> Iterator[str]:
    """Ids of the partner's form that belong to nobody; the same ones each time."""
    chance = random.Random(partner.partner_id)  # noqa: S311 - nothing is kept secret by it
    form = re.compile(partner.cookie_pattern)
    made: set[str] = set()
    for _ in range(tries if partner.sample_ids else 0):
        cookie_id = _varied(chance.choice(partner.sample_ids), chance)
        refused = any(re.fullmatch(pattern, cookie_id) for pattern in partner.refused_patterns)
        if form.fullmatch(cookie_id) and not refused and cookie_id not in made:
            made.add(cookie_id)
            yield cookie_id


def _varied(cookie_id: str, chance: random.Random) -> str:
    kept, rest = cookie_id[:_KEPT_CHARACTERS], cookie_id[_KEPT_CHARACTERS:]
    return kept + "".join(_other(character, chance) for character in rest)


def _other(character: str, chance: random.Random) -> str:
    kind = next((kind for kind in _KINDS if character in kind), character)
    return chance.choice(kind)
