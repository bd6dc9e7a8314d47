"""What goes wrong on the way to a partner, as sentences. The drivers' own texts are not repeated:
they quote addresses, names and sometimes keys."""

from __future__ import annotations

from matchbook.errors import PushAborted, RetryLater

_KEPT = "The file stays stored here."


def away(after: float | None = None) -> RetryLater:
    """The server is not there, too slow, or the connection broke."""
    return RetryLater(
        "The partner's server cannot be reached, or the connection broke.",
        kept=_KEPT,
        todo="Nothing, if it passes: it is tried again by itself.",
        after=after,
    )


def busy(after: float | None = None) -> RetryLater:
    """It says so itself."""
    return RetryLater(
        "The partner's server is too busy to take more.",
        kept=_KEPT,
        todo="Nothing: it is tried again when the server allows it.",
        after=after,
    )


def not_as_sent() -> RetryLater:
    """What arrived is not what was sent."""
    return RetryLater(
        "The partner's server has not received what was sent.",
        kept=_KEPT,
        todo="Nothing: it is sent again.",
    )


def log_in_refused() -> PushAborted:
    """Wrong or expired credentials: trying on would lock us out."""
    return PushAborted(
        "The partner's server refuses our credentials.",
        kept=_KEPT,
        todo="Correct what the channel's credentials name, then: matchbook partners test",
    )


def other_host_key() -> PushAborted:
    """Another server, or a new key that its owner has to confirm."""
    return PushAborted(
        "The server does not show the host key that is pinned for it; nothing was sent.",
        kept=_KEPT,
        todo="Compare its key with the partner's word before pinning a new one.",
    )


def not_trusted() -> PushAborted:
    """A TLS certificate that is expired, self-signed or another host's."""
    return PushAborted(
        "The server's certificate is not to be trusted; nothing was sent.",
        kept=_KEPT,
        todo="Ask the partner; verification cannot be switched off.",
    )


def no_rights() -> PushAborted:
    """Read-only, forbidden or full."""
    return PushAborted(
        "The partner's server does not let us write there: no rights, or no room.",
        kept=_KEPT,
        todo="Ask the partner to allow it, then: matchbook partners test",
    )


def no_place() -> PushAborted:
    """The bucket, folder or path of the address is not there."""
    return PushAborted(
        "The place of the channel's address is not there.",
        kept=_KEPT,
        todo="Correct the address with the partner, then: matchbook partners test",
    )


def name_taken() -> PushAborted:
    """Never overwritten: it may be another delivery's, or somebody else's."""
    return PushAborted(
        "A file of this name with other content stands at the partner already.",
        kept="It was not overwritten; ours stays stored here.",
        todo="Find out with the partner whose file it is, and move it away.",
    )


def redirected() -> PushAborted:
    """Credentials are for one host."""
    return PushAborted(
        "The partner's server redirects us elsewhere; that is not followed with credentials.",
        kept=_KEPT,
        todo="Enter the new address, if the partner confirms it.",
    )


def not_understood(status: int) -> PushAborted:
    """The contract does not know this answer."""
    return PushAborted(
        f"The partner's server answers {status}, which its profile does not foresee.",
        kept=_KEPT,
        todo="Look at the profile's path and settings with the partner.",
    )
