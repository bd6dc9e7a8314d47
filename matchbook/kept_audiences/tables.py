"""Tables of the state database that hold audiences; who is in one stands in a file."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

audiences = sa.Table(
    "audiences",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("audience_id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # the one that stands
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("created_by", sa.String(200), nullable=False),
    sa.Column("archived_at", sa.DateTime),
)

versions = sa.Table(
    "audience_versions",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("audience_id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("saved_at", sa.DateTime, nullable=False),
    sa.Column("saved_by", sa.String(200), nullable=False),
)

refreshes = sa.Table(
    "audience_refreshes",
    METADATA,
    sa.Column("refresh_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("audience_id", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("build_id", sa.String(64), nullable=False),
    sa.Column("snapshot", sa.String(80), nullable=False),  # a build made anew has another one
    sa.Column("as_of", sa.DateTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # running|done|failed
    sa.Column("reason", sa.String(500)),
    sa.Column("people", sa.BigInteger),
    sa.Column("reachable", sa.BigInteger),  # CEP contacts
    sa.Column("entered", sa.BigInteger),
    sa.Column("stayed", sa.BigInteger),
    sa.Column("left", sa.BigInteger),
    sa.Column("shown_as", sa.String(64)),  # an older audience from which a few people would tell it
    sa.Column("file_name", sa.String(100)),  # null: no longer kept
    sa.Column("told_people", sa.BigInteger),  # of a draft told before, where a few people differ
    sa.Column("told_reachable", sa.BigInteger),
    sa.Column("lists_digest", sa.String(16)),  # of the uploaded lists it asked for; null: of none
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("ended_at", sa.DateTime),
    sa.Index("audience_refreshes_of_one", "client_id", "audience_id", "refresh_id"),
)

lists = sa.Table(
    "audience_lists",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("list_id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("records", sa.BigInteger, nullable=False),
    sa.Column("file_name", sa.String(100), nullable=False),
    sa.Column("uploaded_at", sa.DateTime, nullable=False),
    sa.Column("uploaded_by", sa.String(200), nullable=False),
)

told = sa.Table(
    "audience_told",  # groups nobody saved, of which sizes were told: definitions, no people
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("snapshot", sa.String(80), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),  # of the definition
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("people", sa.BigInteger, nullable=False),
    sa.Column("shape", sa.JSON, nullable=False),
)
