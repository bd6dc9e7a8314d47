"""From matched pairs to the rows of a file: why each pair is, or is not, in it."""

from __future__ import annotations

from dashboard import formats
from dashboard.components.funnel import FunnelStep, Loss, funnel
from dashboard.components.markup import heading, note
from dashboard.queries import nightly
from dashboard.queries.nightly import Ledger
from dashboard.queries.reading import View
from matchbook.deliveries import Delivery


def account(view: View, ledger: Ledger, partner: str, done: Delivery) -> None:
    """The waterfall of a file; nothing before one is made."""
    if done.rows_added is None:
        return
    found = nightly.account(view, done)
    if found is None:
        note("How its pairs came to be in this file was not kept.")
        return
    heading(
        "From matched pairs to rows",
        f"A pair is one of {partner}'s cookies and one of your records. Every pair that stops on "
        "the way has one reason.",
    )
    funnel(_steps(ledger, partner, found, done))
    if done.rows_removed:
        note(_removals(partner, done))


def _steps(ledger: Ledger, partner: str, found: dict[str, int], done: Delivery) -> list[FunnelStep]:
    deliverable = int(found["unseen_pairs"] + found["added_pairs"] + found["seen_pairs"])
    rows = int((done.rows_added or 0) + (done.rows_seen or 0))
    meaning = f"{formats.count(done.rows_added)} new, {formats.count(done.rows_seen)} seen again"
    return [
        FunnelStep("Matched pairs", f"with a cookie of {partner}", int(found["matched_pairs"])),
        FunnelStep(
            "May go out",
            "sure enough, and one person's cookie",
            deliverable,
            _losses(
                (found["unsure_pairs"], "Too unsure", "Grows with the next click or sign-in"),
                (found["shared_cookie_pairs"], "The cookie is shared by too many people", ""),
            ),
        ),
        FunnelStep("In the file", meaning, rows, _unsent(ledger, partner, found, done)),
    ]


def _unsent(ledger: Ledger, partner: str, found: dict[str, int], done: Delivery) -> list[Loss]:
    """Why pairs that may go out are not in the file; what the build could not know comes last."""
    expected = int(found["added_pairs"] + found["seen_pairs"])
    later = expected - int((done.rows_added or 0) + (done.rows_seen or 0))
    why = (
        "In an earlier file that was still on its way"
        if nightly.earlier_on_their_way(ledger, done)
        else "Opted out since the data was built"
    )
    unseen = f"{partner} has them, and has not seen the cookie since its last file"
    return _losses((found["unseen_pairs"], unseen, ""), (later, why, ""))


def _losses(*counted: tuple[int, str, str]) -> list[Loss]:
    return [Loss(int(n), reason, lever) for n, reason, lever in counted if n > 0]


def _removals(partner: str, done: Delivery) -> str:
    removed = formats.plural(done.rows_removed or 0, "pair")
    said = f"Besides, the file takes back {removed} that {partner} holds and may no longer hold."
    if done.rows_not_removable:
        said += f" {formats.count(done.rows_not_removable)} of them {partner} has no way to remove."
    return said
