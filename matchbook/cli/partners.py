"""`matchbook partners`: how partners take their files, and where each client's go."""

from __future__ import annotations

import click

from matchbook.cli.partner_profiles import list_partners, sample


@click.group()
def partners() -> None:
    """Partners: how they take their files, and where each client's go."""


for _command in (list_partners, sample):
    partners.add_command(_command)
