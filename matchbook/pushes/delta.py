"""The difference between whom an audience allows and whom its destination holds.

The connection has `contacts` (contact_id, reason: null for those allowed) and `held` (contact_id,
standing). Who is barred there has a reason too, so only members count as held.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

# One join over both sides: whoever is on the left only is added, on the right only removed.
_CHANGES = """
select coalesce(allowed.contact_id, members.contact_id) as contact_id,
    case when members.contact_id is null then 'add' else 'remove' end as action
from (select contact_id from contacts where reason is null) as allowed
full join (select contact_id from held where standing = 'member') as members using (contact_id)
where allowed.contact_id is null or members.contact_id is null
"""

_EVERYBODY = """
select coalesce(contacts.contact_id, members.contact_id) as contact_id,
    case
        when contacts.contact_id is null then 'remove'
        when contacts.reason is null and members.contact_id is null then 'add'
        when contacts.reason is null then 'stay'
        when members.contact_id is null then 'skip'
        else 'remove'
    end as action,
    case when contacts.contact_id is null then 'left_audience' else contacts.reason end as reason
from contacts
full join (select contact_id from held where standing = 'member') as members using (contact_id)
order by contact_id
"""


def changes(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """`contact_id` and `action` (add, remove) of those for whom something is to be done."""
    return connection.sql(_CHANGES).to_arrow_table()


def everybody(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """`contact_id`, `action` (add, remove, stay, skip) and `reason`, by contact."""
    return connection.sql(_EVERYBODY).to_arrow_table()
