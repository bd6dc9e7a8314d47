"""Tables of the state database that hold requests of persons to be left alone or erased."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

requests = sa.Table(
    "privacy_requests",
    METADATA,
    sa.Column("request_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # opt_out|erasure
    sa.Column("asked_at", sa.DateTime, nullable=False),
    sa.Column("asked_by", sa.String(200), nullable=False),
    sa.Column("due_at", sa.DateTime, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # open|erasing|closing|done|lifted
    sa.Column("traced_at", sa.DateTime),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("ended_by", sa.String(200)),  # of a lifted one
    sa.Column("counts", sa.JSON),  # what was there, by store; noted before the first byte changes
    sa.Column("partners", sa.JSON),  # what each was told
)

subjects = sa.Table(
    "privacy_subjects",
    METADATA,
    sa.Column("request_id", sa.Integer, primary_key=True),
    sa.Column("subject_type", sa.String(16), primary_key=True),
    sa.Column("subject_id", sa.String(400), primary_key=True),
    sa.Column("is_named", sa.Boolean, nullable=False),  # by the request; else found by looking
)

erased_subjects = sa.Table(
    "erased_subjects",
    METADATA,
    sa.Column("request_id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Index("erased_subjects_of_client", "client_id", "digest"),
)
