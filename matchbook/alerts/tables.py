"""Tables of the state database for alerts: what was found, and what has to be told of it."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

alerts = sa.Table(
    "alerts",
    METADATA,
    sa.Column("alert_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("partner_id", sa.String(32), nullable=False),  # or 'all'
    sa.Column("site_id", sa.String(64), nullable=False),
    sa.Column("direction", sa.String(8), nullable=False),  # low|high
    sa.Column("cause", sa.String(16), nullable=False),  # volume|consent|gone|format|duplicates
    sa.Column("since_date", sa.Date, nullable=False),
    sa.Column("until_date", sa.Date, nullable=False),  # the last day that was off
    sa.Column("ratio", sa.Float, nullable=False),  # of that day, by what was usual
    sa.Column("opened_at", sa.DateTime, nullable=False),
    sa.Column("closed_at", sa.DateTime),
    sa.Column("acknowledged_at", sa.DateTime),
    sa.Column("acknowledged_by", sa.String(200)),
    sa.Column("note", sa.String(500)),
    sa.Index("alerts_of_client", "client_id", "alert_id"),
)

messages = sa.Table(
    "alert_messages",  # each change of state that somebody is to hear of, until the webhook took it
    METADATA,
    sa.Column("message_id", sa.String(64), primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("made_at", sa.DateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sent_at", sa.DateTime),
    sa.Column("problem", sa.String(500)),  # of the last attempt
)
