"""The page CRM uploads, as far as it is drawn by the server."""

from __future__ import annotations

import json

from dashboard.app_pages.hasher_config import guards
from matchbook import registry
from matchbook.registry import CrmList
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import open_page, words


def test_without_a_list_it_says_what_to_do(home: Settings) -> None:
    world.make_registry(home)
    document = registry.current(home).model_copy(update={"lists": ()})
    registry.replace(home, document, by="test")
    said = words(open_page("crm-uploads"))
    assert "This client has no list yet." in said
    assert "matchbook registry apply FILE" in said


def test_with_a_list_there_is_the_upload(home: Settings) -> None:
    world.make_registry(home)
    lists = (CrmList(list_id="00001", client_id="homestead", name="Customers"),)
    document = registry.current(home).model_copy(update={"lists": lists})
    registry.replace(home, document, by="test")
    app = open_page("crm-uploads")
    assert "opened by the browser on this computer" in words(app)
    components = [element for element in app.main if "UnknownElement" in str(type(element))]
    told = [json.loads(component.proto.json or "{}") for component in components]
    [data] = [one for one in told if "worker" in one]
    assert data["lists"] == [["00001", "Customers"]]
    assert data["ticket"] is None
    assert data["worker"].startswith("/crm-hasher/worker.js?v=")


def test_a_client_sees_no_list_of_another(home: Settings) -> None:
    world.make_registry(home)
    lists = (CrmList(list_id="00001", client_id="farways", name="Travellers"),)
    document = registry.current(home).model_copy(update={"lists": lists})
    registry.replace(home, document, by="test")
    assert "This client has no list yet." in words(open_page("crm-uploads"))


def test_the_patterns_are_ones_a_browser_reads() -> None:
    text = json.dumps(guards())
    assert "(?P" not in text
    assert "(?<number>" in text
