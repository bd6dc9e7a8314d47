"""The audit log is only added to: the database itself refuses to change or remove an event.

Events are removed when they are older than what is kept, which is counted from the newest one:
the night notes that it removes some before it does.
"""

from __future__ import annotations

import sqlalchemy as sa

KEPT_DAYS = 730
"""24 months, as matchbook.retention has it."""

_SQLITE = (
    """
    create trigger if not exists audit_events_stand before update on audit_events
    begin select raise(abort, 'the audit log is only added to'); end
    """,
    f"""
    create trigger if not exists audit_events_stay before delete on audit_events
    when old.happened_at > (
        select datetime(max(happened_at), '-{KEPT_DAYS} days') from audit_events)
    begin select raise(abort, 'the audit log is only added to'); end
    """,
)

_POSTGRESQL = (
    f"""
    create or replace function audit_events_stand() returns trigger language plpgsql as $$
    begin
        if tg_op = 'DELETE' and old.happened_at <= (
            select max(happened_at) from audit_events) - interval '{KEPT_DAYS} days' then
            return old;
        end if;
        raise exception 'the audit log is only added to';
    end $$
    """,
    """
    create or replace trigger audit_events_stand before update or delete on audit_events
    for each row execute function audit_events_stand()
    """,
)


def keep(metadata: sa.MetaData) -> None:
    """Put the rules on whenever the tables are looked after, so that older homes get them too."""
    for dialect, statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
        for statement in statements:
            rule = sa.DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            sa.event.listen(metadata, "after_create", rule)
