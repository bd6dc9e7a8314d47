"""Sessions: what a provider said of somebody, for how long we believe it, and its end.

Streamlit keeps what the provider said in a signed cookie for 30 days and asks nobody again. Here
a session has an age, an idle limit and an end that holds in every tab. Times are the wall clock's:
the provider's are too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchbook import audit, state, team
from matchbook.access import Person
from matchbook.clock import Clock, utc_naive
from matchbook.errors import NotSignedIn
from matchbook.settings import Settings
from matchbook.sign_in import SignIn
from matchbook.team_tables import people, sign_ins

Claims = Mapping[str, Any]

TOUCHED_EVERY = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(days=31)
"""By then the cookie is gone too."""
CLOCKS_DIFFER = timedelta(minutes=5)

SAID = {
    "none": ("Sign in to see your clients.", ""),
    "ended": ("You are signed out.", ""),
    "idle": ("You were away for a while.", "Sign in again to go on."),
    "age": ("Your session has lasted long enough.", "Sign in again to go on."),
    "unknown": ("You are signed in, but nobody has invited you yet.",
                "Ask a manager of your client for an invitation to this address."),
    "unverified": ("Your provider has not verified your e-mail address.",
                   "Verify it there and sign in again."),
    "other": ("This e-mail address signed in here before as somebody else at the provider.",
              "Ask a manager to remove and invite you again."),
}  # fmt: skip


@dataclass(frozen=True)
class _SignIn:
    sign_in_id: str
    subject: str
    email: str
    at: datetime


def person(settings: Settings, claims: Claims, limits: SignIn, *, is_active: bool) -> Person:
    """Who is here, with the roles of this moment. Raises NotSignedIn, which says why.

    `is_active`: they did something; a page that draws itself anew is not that.
    """
    given, now = _read(claims), utc_naive(Clock().now())
    _check_age(given, limits, now)
    with state.begin(settings, durable=False) as connection:
        known = connection.execute(sa.select(people).where(people.c.email == given.email)).first()
        if known is None:
            raise refusal("unknown")
        if known.subject not in (None, given.subject):
            raise refusal("other")
        if known.valid_from is not None and given.at < known.valid_from.replace(microsecond=0):
            raise refusal("ended")
        is_new = _go_on(connection, given, limits, now, is_active=is_active)
        if known.subject is None:
            bind = people.update().where(people.c.email == given.email)
            connection.execute(bind.values(subject=given.subject))
        found = team.as_person(connection, given.email, is_operator=known.is_operator)
    if is_new:
        audit.record(settings, actor=found.name, client_id=None, action="signed_in", subjects=0)
    return found


def end(settings: Settings, claims: Claims) -> None:
    """Sign out of one session, in all its tabs."""
    is_it = sign_ins.c.sign_in_id == _read(claims).sign_in_id
    now = utc_naive(Clock().now())
    with state.begin(settings) as connection:
        connection.execute(sign_ins.update().where(is_it).values(ended_at=now))


def sign_in_id(claims: Claims) -> str:
    """A name for one sign-in that gives nothing away. Raises NotSignedIn."""
    return _read(claims).sign_in_id


def refusal(reason: str) -> NotSignedIn:
    """Why somebody is not let in, in words."""
    happened, todo = SAID[reason]
    return NotSignedIn(reason, happened, todo=todo)


def _read(claims: Claims) -> _SignIn:
    if not claims.get("is_logged_in"):
        raise refusal("none")
    email = str(claims.get("email") or "").strip().lower()
    if not email or claims.get("email_verified") is False:
        raise refusal("unverified")
    try:
        at = utc_naive(datetime.fromtimestamp(int(claims["iat"]), UTC))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise refusal("none") from None
    subject = f"{claims.get('iss', '')} {claims.get('sub', '')}"
    said = "\0".join([subject, email, str(claims["iat"]), str(claims.get("nonce", ""))])
    return _SignIn(hashlib.sha256(said.encode()).hexdigest(), subject, email, at)


def _check_age(given: _SignIn, limits: SignIn, now: datetime) -> None:
    if not -CLOCKS_DIFFER < now - given.at < limits.longest:
        raise refusal("age")


def _go_on(
    connection: sa.Connection, given: _SignIn, limits: SignIn, now: datetime, *, is_active: bool
) -> bool:
    """Open the session or prolong it; whether it is new. Refused where it has ended."""
    is_it = sign_ins.c.sign_in_id == given.sign_in_id
    found = connection.execute(sa.select(sign_ins).where(is_it)).first()
    if found is None:
        is_old = sign_ins.c.signed_in_at < now - FORGOTTEN_AFTER
        connection.execute(sign_ins.delete().where(is_old))
        row = {"sign_in_id": given.sign_in_id, "email": given.email, "signed_in_at": given.at}
        # Another tab of the same browser may be quicker: it is the same session.
        with suppress(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(sign_ins.insert().values(**row, seen_at=now))
            return True
        return False
    if found.ended_at is not None:
        raise refusal("ended")
    if now - found.seen_at > limits.idle:
        raise refusal("idle")
    if is_active and now - found.seen_at > TOUCHED_EVERY:
        connection.execute(sign_ins.update().where(is_it).values(seen_at=now))
    return False
