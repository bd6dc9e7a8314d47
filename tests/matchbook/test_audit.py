"""The audit log: only added to, by the database's own rule; exported as it stands."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchbook import audit, retention, state
from matchbook.settings import Settings

_EARLIER = """
create table audit_events (event_id integer primary key, happened_at datetime not null,
    actor varchar(200) not null, client_id varchar(64), action varchar(64) not null,
    subjects bigint not null);
insert into audit_events values (1, '2026-11-20 09:00:00.000000', 'A', 'casa', 'match_lookup', 3);
"""


def note(settings: Settings, actor: str = "Anna") -> None:
    audit.record(settings, actor=actor, client_id="casa", action="download", subjects=7, about="f")


@pytest.mark.parametrize(
    "statement", ["delete from audit_events", "update audit_events set actor = 'somebody else'"]
)
def test_an_event_is_neither_changed_nor_removed(settings: Settings, statement: str) -> None:
    note(settings)
    with (
        pytest.raises(sa.exc.IntegrityError, match="only added to"),
        state.begin(settings) as connection,
    ):
        connection.execute(sa.text(statement))
    (event,) = audit.events(settings)
    assert (event.actor, event.subjects, event.about) == ("Anna", 7, "f")


def test_what_is_too_old_goes_and_leaves_a_note(settings: Settings) -> None:
    note(settings, "Long ago")
    later = replace(settings, now=settings.clock.now() + timedelta(days=731))
    note(later, "Lately")
    assert retention.forget_old_rows(later) == 1
    assert [(e.actor, e.action, e.subjects) for e in audit.events(later)] == [
        ("retention", "audit_expired", 1),
        ("Lately", "download", 7),
    ]


def test_a_home_of_before_keeps_its_events_and_gets_the_rule(settings: Settings) -> None:
    connection = sqlite3.connect(settings.home / "state.sqlite")
    connection.executescript(_EARLIER)
    connection.close()
    note(settings)
    assert [event.about for event in audit.events(settings)] == ["f", ""]
    with pytest.raises(sa.exc.IntegrityError), state.begin(settings) as opened:
        opened.execute(sa.text("delete from audit_events"))


def test_an_export_has_every_column(settings: Settings) -> None:
    note(settings)
    (event,) = audit.events(settings)
    row = dict(zip(audit.HEADER, audit.as_row(event), strict=True))
    assert row == {
        "happened_at_utc": "2026-11-21T03:10:00", "actor": "Anna", "client": "casa",
        "action": "download", "about": "f", "subjects": "7",
    }  # fmt: skip


def test_what_an_event_is_about_is_cut(settings: Settings) -> None:
    audit.record(settings, actor="A", client_id=None, action="x", subjects=0, about="n" * 999)
    assert len(audit.of_installation(settings)[0].about) == audit.LONGEST
