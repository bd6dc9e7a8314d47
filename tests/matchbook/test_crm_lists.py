"""How often a list is uploaded: said by its client, and by nobody else."""

from __future__ import annotations

import pytest

from matchbook import crm_lists, registry
from matchbook.errors import ConfigError
from matchbook.registry import Client, CrmList, Registry
from matchbook.settings import Settings


@pytest.fixture(autouse=True)
def _lists(settings: Settings) -> None:
    document = Registry(
        clients=(Client(client_id="acme", name="Acme"), Client(client_id="other", name="Other")),
        lists=(
            CrmList(list_id="00001", client_id="acme", name="Customers"),
            CrmList(list_id="00002", client_id="other", name="Customers"),
        ),
    )
    registry.replace(settings, document, by="test")


def test_a_rhythm_is_said_and_taken_back(settings: Settings) -> None:
    made = crm_lists.set_upload_every(settings, "acme", "00001", "week", by="desk")
    assert made.upload_every == "week"
    assert [x.upload_every for x in registry.current(settings).lists] == ["week", None]
    crm_lists.set_upload_every(settings, "acme", "00001", None, by="desk")
    assert [x.upload_every for x in registry.current(settings).lists] == [None, None]


@pytest.mark.parametrize("list_id", ["00002", "00009"])
def test_a_list_of_somebody_else_stays_as_it_is(settings: Settings, list_id: str) -> None:
    before = registry.current(settings)
    with pytest.raises(ConfigError):
        crm_lists.set_upload_every(settings, "acme", list_id, "day", by="desk")
    assert registry.current(settings) == before
