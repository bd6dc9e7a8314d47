"""State tables of the team: who may sign in, their roles, and their sessions."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

people = sa.Table(
    "people",
    METADATA,
    sa.Column("email", sa.String(254), primary_key=True),  # in small letters
    sa.Column("subject", sa.String(600)),  # of the provider; null until the first sign-in
    sa.Column("is_operator", sa.Boolean, nullable=False),
    sa.Column("invited_at", sa.DateTime, nullable=False),
    sa.Column("invited_by", sa.String(200), nullable=False),
    sa.Column("valid_from", sa.DateTime),  # sign-ins from before are void; the wall clock's
)

memberships = sa.Table(
    "memberships",
    METADATA,
    sa.Column("email", sa.String(254), primary_key=True),
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("changed_at", sa.DateTime, nullable=False),
    sa.Column("changed_by", sa.String(200), nullable=False),
)

sign_ins = sa.Table(
    "sign_ins",
    METADATA,
    sa.Column("sign_in_id", sa.String(64), primary_key=True),  # digest of what the provider said
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("signed_in_at", sa.DateTime, nullable=False),  # these three are the wall clock's
    sa.Column("seen_at", sa.DateTime, nullable=False),
    sa.Column("ended_at", sa.DateTime),
)
