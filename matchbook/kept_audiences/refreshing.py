"""Refreshing audiences: each is evaluated once on every published build, and after a change of
its definition or of a list it asks for.

A failed audience keeps the people it had and says why; the others go on. Killed at any point, the
next refresh does what is missing: the same build and the same definition give the same people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matchbook.audiences import Definition, references
from matchbook.errors import MatchbookError
from matchbook.failpoints import failpoint
from matchbook.kept_audiences import freshness, members, nearness, refreshes, store, told
from matchbook.kept_audiences.evaluation import evaluate
from matchbook.kept_audiences.refreshes import Refresh
from matchbook.kept_audiences.store import Audience
from matchbook.kept_audiences.worlds import Opened, open_world, set_members, set_similar
from matchbook.reading import FOR_JOBS
from matchbook.settings import Settings
from matchbook.snapshots import current, published
from matchbook.warehouse import run_lock

KEPT = 3
"""Refreshes of which it is known who was in the audience."""

Say = Callable[[str], None]


def refresh_all(settings: Settings, *, say: Say = lambda _: None) -> list[Refresh]:
    """Bring every client's audiences to the published build; what each refresh made of it."""
    publication = published(settings)
    clients = publication.clients if publication else {}
    return [made for client_id in clients for made in refresh(settings, client_id, say=say)]


def refresh(
    settings: Settings,
    client_id: str,
    *,
    only: Sequence[str] = (),
    say: Say = lambda _: None,
) -> list[Refresh]:
    """Evaluate a client's audiences where build, definition or list is newer than their members.

    With `only`, these and all that refer to them, whatever has been done. A broken audience is in
    the result as failed. Raises SnapshotUnavailable, Busy.
    """
    audiences = {a.audience_id: a for a in store.all_of(settings, client_id)}
    with run_lock(settings, command="matchbook audiences refresh"):
        refreshes.fail_interrupted(settings, client_id)
        due = _due(settings, client_id, audiences, only)
        if not due:
            return []
        with open_world(settings, client_id, limits=FOR_JOBS) as opened:
            done = _evaluate_each(settings, opened, [audiences[a] for a in due], say)
        nearness.compare(settings, client_id, list(audiences))
        newest = refreshes.newest(settings, client_id)
        return [newest[audience_id] for audience_id in done]


def salt_of(client_id: str, audience_id: str) -> str:
    """What makes a holdout the audience's own."""
    return f"holdout {client_id} {audience_id}"


def _due(
    settings: Settings, client_id: str, audiences: dict[str, Audience], only: Sequence[str]
) -> list[str]:
    """What is to be evaluated, each after those it refers to."""
    definitions = {name: audience.definition for name, audience in audiences.items()}
    resolve = store.resolver(settings, client_id)
    ordered = [a for a in references.in_order(definitions, resolve) if a in definitions]
    wanted = set(only) if only else _outdated(settings, client_id, audiences)
    for audience_id in ordered:
        if wanted & set(references.referred(definitions[audience_id])):
            wanted.add(audience_id)
    return [audience_id for audience_id in ordered if audience_id in wanted]


def _outdated(settings: Settings, client_id: str, audiences: dict[str, Audience]) -> set[str]:
    snapshot = current(settings, client_id).path.stem
    newest = refreshes.newest(settings, client_id)
    uploads = freshness.uploads(settings, client_id)
    fresh = {
        name
        for name, one in newest.items()
        if name in audiences and freshness.is_fresh(one, audiences[name], snapshot, uploads)
    }
    return set(audiences) - fresh


def _evaluate_each(
    settings: Settings, opened: Opened, audiences: list[Audience], say: Say
) -> list[str]:
    failed: set[str] = set()
    uploads = freshness.uploads(settings, audiences[0].client_id)
    for number, audience in enumerate(audiences, 1):
        say(f"Audience {number} of {len(audiences)}")
        refresh_id = refreshes.begin(
            settings,
            client_id=audience.client_id,
            audience_id=audience.audience_id,
            version=audience.version,
            build_id=opened.build_id,
            snapshot=opened.snapshot,
            as_of=opened.world.as_of,
            lists_digest=freshness.digest_of_lists(audience.definition, uploads),
        )
        reason = _evaluate(settings, opened, audience, refresh_id, failed)
        if reason is not None:
            failed.add(audience.audience_id)
            refreshes.end(settings, refresh_id, state="failed", reason=reason[:500])
    return [audience.audience_id for audience in audiences]


def _evaluate(
    settings: Settings, opened: Opened, audience: Audience, refresh_id: int, failed: set[str]
) -> str | None:
    """None, or why it failed: never in words of the data."""
    if failed & set(references.referred(audience.definition)):
        return "An audience it refers to could not be refreshed."
    try:
        _evaluate_one(settings, opened, audience, refresh_id)
    except MatchbookError as error:
        return f"{error.happened} {error.todo}"
    except Exception as error:  # noqa: BLE001 - one broken audience must not stop the others
        return f"Something unforeseen: {type(error).__name__}. The next refresh tries again."
    return None


def _evaluate_one(settings: Settings, opened: Opened, audience: Audience, refresh_id: int) -> None:
    key = audience.client_id, audience.audience_id
    if audience.definition.similar is not None:
        _find_similar(settings, opened, audience)
    before = refreshes.newest(settings, audience.client_id, done=True).get(key[1])
    found = evaluate(
        opened,
        audience.definition,
        before=members.read(settings, *key, before.file_name if before else None),
        defined_before=_definition_of(settings, before),
        salt=salt_of(*key),
    )
    file_name = members.write(settings, *key, found.rows)
    failpoint("audiences.file_written")
    spoken = told.told_before(settings, key[0], opened, members.keys(found.rows))
    refreshes.end(
        settings,
        refresh_id,
        state="done",
        people=found.people,
        reachable=found.reachable,
        entered=found.entered,
        stayed=found.stayed,
        left=found.left,
        told_people=spoken.people if spoken else None,
        told_reachable=told.reachable(opened, spoken) if spoken else None,
        file_name=file_name,
    )
    failpoint("audiences.one_done")
    kept = refreshes.forget_files(settings, *key, keep=KEPT)
    members.keep_only(settings, *key, kept)
    if audience.definition.keeps_people:
        set_members(opened.connection, audience.audience_id, found.rows)


def _find_similar(settings: Settings, opened: Opened, audience: Audience) -> None:
    """Learn who is like a lookalike's seed. Raises AudienceInvalid where that tells nothing."""
    # The learner takes a second to import, which no other audience needs.
    from matchbook.lookalikes import finding

    people = finding.find(settings, opened, audience.client_id, audience.definition)
    assert audience.definition.similar is not None
    set_similar(opened.connection, audience.definition.similar, people)


def _definition_of(settings: Settings, refresh: Refresh | None) -> Definition | None:
    if refresh is None:
        return None
    saved = store.history(settings, refresh.client_id, refresh.audience_id)
    return next(one.definition for one in saved if one.version == refresh.version)
