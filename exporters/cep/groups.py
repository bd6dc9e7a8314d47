"""The audience's own group in CEP: cloned from the default group exactly once.

CEP knows no idempotency key. So the group's e-mail address is made of the audience's id, and CEP
takes no address twice; before a clone the intent is written down, after it the group says whose it
is. A clone whose answer was lost is found by that, or by its address.
"""

from __future__ import annotations

from exporters.cep.answers import Refused, Stopped
from exporters.cep.client import Group
from exporters.cep.run import Run
from matchbook.failpoints import failpoint
from matchbook.pushes import targets

ATTRIBUTE = "matchbook_audience"
DESCRIPTION = "Filled by Matchbook from an audience. Its members are kept there, not here."


def ensure(run: Run) -> int:
    """The number of the group, made and marked as ours if it is not there yet."""
    target = run.target
    if target.group_id is None:
        found = _lost(run) if target.group_step == "asked" else None
        made = found or _clone(run)
        target = targets.change(
            run.settings, target, group_id=made.group_id, group_step="cloned",
            name=made.name[:targets.LONGEST_NAME],
        )  # fmt: skip
        failpoint("push.cloned")
    assert target.group_id is not None, "just written"
    if target.group_step != "tagged":
        _mark(run, target.group_id)
        targets.change(run.settings, target, group_step="tagged")
        failpoint("push.tagged")
    return target.group_id


def _clone(run: Run) -> Group:
    domain = (run.account.group_email or "").rpartition("@")[2]
    target = run.target
    email = target.email_at(domain)
    targets.change(run.settings, target, group_step="asked", group_email=email)
    failpoint("push.clone_planned")
    try:
        made = run.cep.clone(
            run.account.group_id, name=target.name, email=email, description=DESCRIPTION
        )
    except Refused as refused:
        return _after_refusal(run, refused)
    failpoint("push.clone_answered")
    return made


def _after_refusal(run: Run, refused: Refused) -> Group:
    if refused.lacks("Group"):
        raise Stopped("default_group")
    if refused.code != "OBJECT_ALREADY_EXISTS":
        raise Stopped("group_refused")
    found = _lost(run)
    if found is not None:
        return found
    raise Stopped("name_taken" if "name" in refused.name.lower() else "lost_group")


def _lost(run: Run) -> Group | None:
    """The group of a clone whose answer was lost; None when there is none to be found."""
    target = run.target
    email = (target.group_email or "").lower()
    for group_id in run.cep.groups_with({ATTRIBUTE: target.tag}):
        found = run.cep.group(group_id)
        if found.email.lower() == email:
            return found
    try:
        named = run.cep.groups_named(email)
    except (Stopped, Refused) as error:
        if getattr(error, "code", "") not in ("address", "contract"):
            raise
        return None  # a CEP before version 19
    return next((one for one in named if one.email.lower() == email), None)


def _mark(run: Run, group_id: int) -> None:
    try:
        if run.cep.attributes(group_id).get(ATTRIBUTE) != run.target.tag:
            run.cep.set_attributes(group_id, {ATTRIBUTE: run.target.tag})
    except Refused as refused:
        raise Stopped("no_group" if refused.lacks("Group") else "contract") from None
