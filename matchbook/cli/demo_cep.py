"""A stand-in for Mapp CEP beside the demo's dashboard: one client pushes to it, others may try."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from matchbook.clock import Clock
from matchbook.errors import MatchbookError
from matchbook.files import write_whole
from matchbook.pushes import stand_in
from matchbook.pushes.stand_in import StandIn
from matchbook.settings import REPOSITORY, Settings

CLIENT = "oakandlinen"
PUSHED = (
    ("sale-hunters", "Sale hunters", True),
    ("answers-our-mails", "Answers our mails", False),
)
"""Audience, its name there, whether it follows."""
AT_PARTNER = ("good-customers", "Good customers", "selligent")
"""Goes to the one partner of the demo that has a channel."""
CONFIRMED_ABOVE = 500
"""In the demo's full size one of these pushes adds more people, and waits for whoever looks."""
PORT = 8790

_CONTACTS = """
select distinct contact, case when contact % 61 = 7 then 'blacklisted'
    when contact % 97 = 5 then 'gone' else '' end
from read_parquet($records) where contact >= 0 order by 1
"""
"""A few have changed in CEP since, so that a push has somebody who is not taken."""


@contextmanager
def beside(settings: Settings) -> Iterator[None]:
    """Run the stand-in as long as the block; without the tests' folder there is none."""
    if not (REPOSITORY / "tests" / "cep_server").is_dir():
        yield
        return
    process = _started(settings)
    try:
        _note(settings, process)
        with suppress(MatchbookError):  # the form is filled in: a person may find out why
            set_up(settings)
        yield
    finally:
        process.terminate()
        process.wait()


def set_up(settings: Settings) -> None:
    """Let one client have an active integration, a push that follows, one that waits for a second
    person, and one at a partner."""
    from exporters.cep.activation import check
    from matchbook.kept_audiences import store
    from matchbook.pushes import accounts, asking, confirming

    demo = stand_in.find(settings)
    known = {audience.audience_id for audience in store.all_of(settings, CLIENT)}
    if demo is None or accounts.find(settings, CLIENT) is not None:
        return
    asked = accounts.ask(
        settings, CLIENT, api_url=demo.api_url, group_id=str(demo.group_id),
        user_name=demo.user_name, password=demo.password, by="demo",
    )  # fmt: skip
    if check(settings, asked) is not None:
        return
    with suppress(MatchbookError):  # a small demo has no such channel
        _push_to_partner(settings)
    confirming.set_limit(settings, CLIENT, CONFIRMED_ABOVE, by="demo")
    for audience_id, name, follows in PUSHED:
        if audience_id in known:
            asking.push(settings, CLIENT, audience_id, name=name, follows=follows,
                        key=f"demo {audience_id}", by="demo")  # fmt: skip


def _push_to_partner(settings: Settings) -> None:
    """Before the rule for large pushes stands: it is through at once."""
    from exporters.pushes import drain
    from matchbook.pushes import asking

    audience_id, name, partner_id = AT_PARTNER
    asking.push(settings, CLIENT, audience_id, partner_id, name=name, follows=False,
                key=f"demo {audience_id}", by="demo")  # fmt: skip
    drain(settings, clock=Clock())


def _started(settings: Settings) -> subprocess.Popen[str]:
    before = stand_in.find(settings)
    port = urlsplit(before.start_page).port if before else PORT
    arguments = [sys.executable, "-m", "tests.cep_server", "--port", str(port)]
    arguments += ["--state", str(settings.home / "cep_stand_in.json"), "--until-stdin-ends"]
    arguments += ["--contacts", str(_contacts(settings))]
    # It ends with its stdin, so that it outlives this process by no kind of death.
    return subprocess.Popen(  # noqa: S603 - our own command
        arguments, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _contacts(settings: Settings) -> Path:
    from matchbook.warehouse import open_memory

    truth = settings.home / "truth"
    connection = open_memory()
    try:
        found = connection.execute(_CONTACTS, {"records": str(truth / "records.parquet")})
        rows = [f"{contact},{standing}" for contact, standing in found.fetchall()]
    finally:
        connection.close()
    write_whole(truth / "cep_contacts.csv", "\n".join(["cep_contact_id,standing", *rows, ""]))
    return truth / "cep_contacts.csv"


def _note(settings: Settings, process: subprocess.Popen[str]) -> None:
    """What it says of itself: its address, then where its API is, then who may log in."""
    assert process.stdout is not None
    start, api, user = (process.stdout.readline().strip() for _ in range(3))
    url, _, group = api.removeprefix("API URL ").partition(", default group ")
    name, _, password = user.removeprefix("User ").partition(", password ")
    if group.isdigit():
        address = start.rpartition(" ")[2]
        stand_in.write(settings, StandIn(address, url, int(group), name, password))
