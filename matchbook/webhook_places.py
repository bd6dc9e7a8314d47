"""Where a webhook goes, and by which name its secret is known; the secret stands elsewhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from matchbook.storage_places import checked_address

VARIABLES = "MATCHBOOK_WEBHOOK_"
FOLDER = "webhooks"
"""Of `keys/`, with the files that `file:NAME` names."""


def _checked(text: str) -> str:
    url = checked_address(text)
    if not url.startswith(("https://", "http://")):
        raise ValueError("the URL is not https://host/path")
    return url


WebhookUrl = Annotated[str, AfterValidator(_checked)]
WebhookSecret = Annotated[
    str,
    StringConstraints(
        pattern=rf"^(env:{VARIABLES}[A-Z0-9_]{{1,64}}|(file|kept):[A-Za-z0-9][A-Za-z0-9_.-]{{0,63}})$"
    ),
]


class Webhook(BaseModel):
    """An address that is called, and what its messages are signed with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: WebhookUrl
    secret: WebhookSecret
