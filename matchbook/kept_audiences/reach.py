"""How many of some people each destination can take, in its own ids, and why not the others.

Exact, for the last step before a push; anywhere else it is told through `matchbook.disclosure`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pyarrow as pa

from matchbook.audiences import Definition, compile_audience
from matchbook.disclosure import part
from matchbook.kept_audiences.worlds import Opened, registered
from matchbook.reading import select

CEP = "mapp_cep"
LOOK_BACK_DAYS = 30
"""A partner's cookie that was not seen for longer is taken to be gone, as in the match rate."""

_CEP = """
with links as (
    select member_key, max(is_reachable) as is_reachable, max(is_suppressed) as is_out
    from cep_contacts inner join members using (visitor_key) group by member_key
)
select case
        when links.is_reachable then null
        when links.is_out then 'opted_out'
        when links.member_key is not null then 'unsure'
        when people.has_cep_contact then 'never_answered'
        else 'no_contact'
    end as reason, count(*)
from chosen inner join people using (member_key) left join links using (member_key)
group by reason order by reason
"""

_CEP_IDS = """
select count(distinct cep_contact_id)
from chosen inner join members using (member_key) inner join cep_contacts using (visitor_key)
where is_reachable
"""

_PARTNERS = """
with cookies as (
    select partner_id, member_key,
        max(case when is_hot then 0 when last_seen_at < $since then 1 else 2 end) as best
    from people_partners inner join chosen using (member_key)
    group by partner_id, member_key
)
select partner_id, case cookies.best
        when 2 then null when 1 then 'not_seen_lately' when 0 then 'shared_cookie'
        else 'no_cookie'
    end as reason, count(*)
from client_partners cross join chosen
left join cookies using (partner_id, member_key)
group by partner_id, reason order by partner_id, reason
"""

_PARTNER_IDS = """
select partner_id, count(distinct partner_cookie_key)
from people_partners inner join chosen using (member_key)
where not is_hot and last_seen_at >= $since
group by partner_id
"""


@dataclass(frozen=True)
class Reach:
    """What one destination can take of some people."""

    destination: str
    """A partner's id, or `mapp_cep`."""
    ids: int
    """The destination's own: CEP contacts, or the partner's cookies."""
    people: int
    """Whom it can take."""
    others: tuple[tuple[str, int], ...]
    """Why it cannot take the others, and how many; each of them has one reason."""


@dataclass(frozen=True)
class ToldReach:
    """The same as it may be shown; None reads "<50"."""

    destination: str
    ids: int | None
    people: int | None
    others: tuple[tuple[str, int | None], ...]


def choose(opened: Opened, chosen: Definition | pa.Table) -> None:
    """Say of whom is asked from now on: who meets a definition, or rows with a `member_key`."""
    if isinstance(chosen, Definition):
        query = compile_audience(chosen, opened.world)
        opened.connection.execute(
            f"create or replace temp table chosen as {query.sql}", query.parameters
        )
        return
    with registered(opened.connection, given=chosen):
        opened.connection.execute(
            "create or replace temp table chosen as select member_key from given"
        )


def reach(opened: Opened) -> list[Reach]:
    """CEP first, then each partner of the client, for the people chosen."""
    since = {"since": opened.world.as_of - timedelta(days=LOOK_BACK_DAYS)}
    ask = partial(select, opened.connection)
    ids = dict(ask(_PARTNER_IDS, since).fetchall())
    ids[CEP] = ask(_CEP_IDS).fetchall()[0][0]
    found: dict[str, dict[str | None, int]] = {CEP: dict(ask(_CEP).fetchall())}
    partners = [p for (p,) in ask(_ORDER).fetchall()]
    found |= {partner: {} for partner in partners}
    for partner, reason, people in ask(_PARTNERS, since).fetchall():
        found[partner][reason] = people
    return [
        Reach(
            destination,
            ids.get(destination, 0),
            counts.pop(None, 0),
            tuple(sorted(((str(r), n) for r, n in counts.items()), key=lambda pair: -pair[1])),
        )
        for destination, counts in found.items()
    ]


_ORDER = """
select partner_id from client_partners inner join partners using (partner_id) order by position
"""


def told(found: list[Reach]) -> list[ToldReach]:
    """Each as it may be shown, beside the size of the whole."""
    return [_told(one) for one in found]


def _told(one: Reach) -> ToldReach:
    whole = one.people + sum(people for _, people in one.others)
    others = tuple((reason, part(whole, people)) for reason, people in one.others)
    return ToldReach(one.destination, part(whole, one.ids), part(whole, one.people), others)
