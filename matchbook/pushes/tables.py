"""Tables of the state database for integrations and pushes; what a destination holds is a file."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

cep_accounts = sa.Table(
    "cep_accounts",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("standing", sa.String(8), primary_key=True),  # asked|active
    sa.Column("api_url", sa.String(500), nullable=False),
    sa.Column("group_id", sa.BigInteger, nullable=False),  # the default group
    sa.Column("user_name", sa.String(200), nullable=False),
    sa.Column("password", sa.String(128), nullable=False),  # a reference, never a secret
    sa.Column("asked_at", sa.DateTime, nullable=False),
    sa.Column("asked_by", sa.String(200), nullable=False),
    sa.Column("group_name", sa.String(200)),
    sa.Column("group_email", sa.String(320)),
    sa.Column("api_version", sa.String(40)),
    sa.Column("activated_at", sa.DateTime),
    sa.Column("checked_at", sa.DateTime),
    sa.Column("problem_code", sa.String(32)),  # of the last check or push; null: it went well
    sa.Column("problem", sa.String(500)),
)

cep_switch_requests = sa.Table(
    "cep_switch_requests",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("switch", sa.String(32), primary_key=True),
    sa.Column("requested_at", sa.DateTime, nullable=False),
    sa.Column("requested_by", sa.String(200), nullable=False),
)

call_slots = sa.Table(
    "call_slots",
    METADATA,
    sa.Column("account", sa.String(64), primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("free_at", sa.Double, nullable=False),  # Unix seconds
)

call_rests = sa.Table(
    "call_rests",
    METADATA,
    sa.Column("account", sa.String(64), primary_key=True),
    sa.Column("until", sa.Double, nullable=False),  # Unix seconds
)

push_targets = sa.Table(
    "push_targets",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("audience_id", sa.String(64), primary_key=True),
    sa.Column("destination", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(150), nullable=False),  # of the group there
    sa.Column("group_email", sa.String(320)),
    sa.Column("group_id", sa.BigInteger),
    sa.Column("group_step", sa.String(8), nullable=False),  # none|asked|cloned|tagged
    sa.Column("follows", sa.Boolean, nullable=False),  # every night
    sa.Column("made_at", sa.DateTime, nullable=False),
    sa.Column("made_by", sa.String(200), nullable=False),
    sa.Column("stopped_at", sa.DateTime),
    sa.Column("stopped_by", sa.String(200)),
    sa.Column("file_name", sa.String(100)),  # of what it holds
    sa.Column("held", sa.BigInteger, nullable=False),
)

pushes = sa.Table(
    "pushes",
    METADATA,
    sa.Column("push_id", sa.Integer, primary_key=True),
    sa.Column("idempotency_key", sa.String(200), nullable=False, unique=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("audience_id", sa.String(64), nullable=False),
    sa.Column("destination", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # fill|empty
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("asked_at", sa.DateTime, nullable=False),
    sa.Column("asked_by", sa.String(200), nullable=False),
    sa.Column("planned_at", sa.DateTime),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("refresh_id", sa.Integer),  # whose members were planned
    sa.Column("as_of", sa.DateTime),
    sa.Column("funnel", sa.JSON),
    sa.Column("failures", sa.Integer, nullable=False),  # in a row
    sa.Column("next_attempt_at", sa.DateTime),
    sa.Column("reason_code", sa.String(32)),
    sa.Column("reason", sa.String(500)),
    sa.Column("read_back", sa.JSON),
    sa.Column("confirmed_by", sa.String(200)),  # the second person, where one was wanted
    sa.Column("confirmed_at", sa.DateTime),
    sa.Index("pushes_of_target", "client_id", "audience_id", "destination"),
)

push_members = sa.Table(
    "push_members",
    METADATA,
    sa.Column("push_id", sa.Integer, primary_key=True),
    sa.Column("contact_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("action", sa.String(8), nullable=False),  # add|remove
    sa.Column("state", sa.String(12), nullable=False),  # planned|sent|confirmed|rejected|unknown
    sa.Column("reason", sa.String(32)),
    sa.Column("attempts", sa.Integer, nullable=False),
)

push_rules = sa.Table(
    "push_rules",
    METADATA,
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("confirm_above", sa.BigInteger),  # people; null: nobody has to confirm
    sa.Column("changed_at", sa.DateTime, nullable=False),
    sa.Column("changed_by", sa.String(200), nullable=False),
)

push_files = sa.Table(
    "push_files",
    METADATA,
    sa.Column("push_id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),  # in the order of sending
    sa.Column("name", sa.String(300), nullable=False),  # at the partner
    sa.Column("kind", sa.String(12), nullable=False),  # matches|removals
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("requests_done", sa.BigInteger, nullable=False),
    sa.Column("rows_refused", sa.BigInteger, nullable=False),
    sa.Column("begun_at", sa.DateTime),  # from then on it may be there in part
    sa.Column("sent_at", sa.DateTime),
)
