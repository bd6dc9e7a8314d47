"""The channel of a partner in the form in which it takes one audience."""

from __future__ import annotations

from matchbook import partner_channels
from matchbook.errors import ConfigError
from matchbook.partner_channels import Channel
from matchbook.partners.profile import merged
from matchbook.pushes.targets import Target


def takes_audiences(partner_id: str) -> bool:
    """Whether the partner's file says how an audience goes there."""
    return partner_channels.partner(partner_id).audience is not None


def channel_for(channel: Channel, target: Target, push_id: int) -> Channel:
    """The client's channel, its profile that of the audience's files.

    Raises ConfigError where the partner takes none.
    """
    form = partner_channels.partner(channel.partner_id).audience
    if form is None:
        raise ConfigError(
            "This partner takes no audiences.",
            kept="Nothing was pushed.",
            todo="Say in its file how it does: docs/partners.md.",
        )
    changes = form.changes(name=target.name, audience_id=target.audience_id, push=push_id)
    return channel.model_copy(update={"overrides": merged(channel.overrides, changes)})
