"""CRM uploads, storage locations: entered, tested by the worker, paused; no secret anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from matchbook import registry, storage
from matchbook.cli.work import drain
from matchbook.registry import StorageLocation
from matchbook.settings import Settings
from tests.dashboard.pages import CRM_UPLOADS, open_page, words

TAB = "Storage locations"
SECRET = "hunter2+Zx/9"


def enter(app: AppTest, **fields: str) -> AppTest:
    """Fill the form by its fields' keys and press the button."""
    for name, value in fields.items():
        app.main.text_input(key=f"storage_{name}").set_value(value)
    return app.main.button(key="storage_enter").click().run()


def of_kind(kind: str) -> AppTest:
    app = open_page(CRM_UPLOADS, tab=TAB)
    return app.main.button_group(key="storage_kind").set_value(kind).run()


def drop(tmp_path: Path) -> Path:
    """A customer's folder with two files to pick up and one that is nothing of ours."""
    folder = tmp_path / "drop"
    for name in ("newsletter/opt-in/20261120_010000.csv", "newsletter/opt-in/20261121_010000.csv",
                 "strangers/opt-in/20261121_010000.csv"):  # fmt: skip
        path = folder / "onboard" / f"audience={name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("crm_record_id,email_sha256\n")
    return folder


def add(settings: Settings, folder: Path) -> StorageLocation:
    fields = {"location_id": "homestead-drop", "url": folder.as_uri()}
    return storage.add(settings, "homestead", fields, by="test")


def locations(settings: Settings) -> tuple[StorageLocation, ...]:
    return registry.current(settings).clients[0].storage


def test_a_location_is_entered(published: Settings) -> None:
    app = open_page(CRM_UPLOADS, tab=TAB)
    url = "sftp://mb@files.homestead.example/out"
    enter(app, name="homestead-drop", url=url, secret_name="homestead-drop")
    said = words(app)
    [made] = locations(published)
    assert (made.credentials, made.after) == ("file:homestead-drop", "delete")
    assert "secret in keys/storage/homestead-drop · deleted when landed Not looked at yet" in said
    assert "Entered. Test it" in said


def test_the_lists_are_named_as_their_folders_are(published: Settings) -> None:
    said = words(open_page(CRM_UPLOADS, tab=TAB))
    assert "What stands for &lt;list&gt;: newsletter (Newsletter)." in said


def test_an_s3_bucket_with_its_endpoint(published: Settings) -> None:
    app = of_kind("s3")
    app.main.selectbox(key="storage_secret").set_value("env")
    enter(app, name="b", url="s3://crm-out/daily", secret_name="MATCHBOOK_STORAGE_HOMESTEAD",
          endpoint="https://s3.homestead.example")  # fmt: skip
    [made] = locations(published)
    assert made.credentials == "env:MATCHBOOK_STORAGE_HOMESTEAD"
    assert made.endpoint == "https://s3.homestead.example"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "a", "url": f"sftp://mb:{SECRET}@files.example/out", "secret_name": "a"},
        {"name": "a", "url": "sftp://mb@files.example/out", "secret_name": SECRET},
        {"name": "A B", "url": "sftp://mb@files.example/out", "secret_name": "a"},
        {"name": "a", "url": "https://files.example/out", "secret_name": "a"},
    ],
    ids=["password in the address", "secret instead of its name", "name", "scheme"],
)
def test_what_is_wrong_is_said_and_nothing_entered(
    published: Settings, fields: dict[str, str]
) -> None:
    said = words(enter(open_page(CRM_UPLOADS, tab=TAB), **fields))
    assert "The storage location is not valid:" in said
    assert "pattern" not in said
    assert "Nothing was changed." in said
    assert SECRET not in said
    assert locations(published) == ()


def test_a_test_is_done_by_the_worker_and_told_in_words(
    published: Settings, tmp_path: Path
) -> None:
    add(published, drop(tmp_path))
    app = open_page(CRM_UPLOADS, tab=TAB)
    app.main.button(key="test_homestead-drop").click().run()
    assert "The test waits, and nothing works on it. Start the worker: matchbook work" in words(app)
    assert drain(published, say=lambda _: None) == 1
    said = words(app.run())
    assert "It can be read: 2 files there to pick up." in said
    assert "A folder is for a list that this client does not have." in said
    assert not list(published.inbox.rglob("*.csv")), "a test changes nothing"


def test_a_location_that_is_not_there(published: Settings, tmp_path: Path) -> None:
    add(published, tmp_path / "nowhere")
    app = open_page(CRM_UPLOADS, tab=TAB)
    app.main.button(key="test_homestead-drop").click().run()
    drain(published, say=lambda _: None)
    said = words(app.run())
    assert "The bucket, folder or file is not there." in said
    assert "It can be read" not in said


def test_the_job_tests_no_location_of_another_client(published: Settings, tmp_path: Path) -> None:
    add(published, drop(tmp_path))
    app = open_page(CRM_UPLOADS, tab=TAB)
    app.main.button(key="test_homestead-drop").click().run()
    storage.remove(published, "homestead-drop", by="test")
    fields = {"location_id": "homestead-drop", "url": (tmp_path / "drop").as_uri()}
    storage.add(published, "farways", fields, by="test")
    drain(published, say=lambda _: None)
    assert "homestead-drop" not in words(app.run())
    assert "2 files" not in words(open_page(CRM_UPLOADS, tab=TAB, client="Farways Travel"))


def test_pause_and_resume(published: Settings, tmp_path: Path) -> None:
    add(published, drop(tmp_path))
    app = open_page(CRM_UPLOADS, tab=TAB)
    app.main.button(key="pause_homestead-drop").click().run()
    assert locations(published)[0].paused
    assert "Paused: left alone until it is resumed" in words(app)
    app.main.button(key="pause_homestead-drop").click().run()
    assert not locations(published)[0].paused
