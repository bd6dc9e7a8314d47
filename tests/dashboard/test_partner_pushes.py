"""Pages of pushes to a partner: the screen, the files, what is held there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from dashboard import context
from matchbook import snapshots
from matchbook.alerts import webhook
from matchbook.alerts.webhook import checked
from matchbook.pushes import outbox, push_webhooks
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.dashboard.audience_pages import again, press, said, write
from tests.dashboard.pages import INTEGRATIONS, PUSHES, open_page
from tests.dashboard.test_pushes import MARTS
from tests.exporters.audience_shop import make, pushed
from tests.matchbook.kept_audiences.nights import SHOP
from tests.partner_servers import endpoint


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Settings]:
    """The shop whose audiences go to Mediarithmics' folder, by the number of a segment."""
    (tmp_path / "there").mkdir()
    settings = make(tmp_path / "home", (tmp_path / "there").as_uri(), "mediarithmics")
    with open_file(snapshots.current(settings, SHOP).path, read_only=False) as connection:
        connection.execute(MARTS)
    context.serve_from(settings)
    st.cache_data.clear()
    yield settings
    context.serve_from(settings)


def test_a_push_to_a_partner_from_the_screen_to_its_files(shop: Settings) -> None:
    assert "Mediarithmics a folder Active" in " ".join(said(open_page(INTEGRATIONS)).split())
    app = open_page(PUSHES, audience="loyal")
    assert "A document import of the kind USER_SEGMENT" in said(app)
    field = next(one for one in app.text_input if one.label == "Name of the audience there")
    assert field.help == "The number of the audience's segment at mediarithmics."
    write(app, "Name of the audience there", "4711")
    press(app, "Push to Mediarithmics")
    (push,) = outbox.of_client(shop, SHOP)
    assert "Not begun · Mediarithmics" in said(open_page(PUSHES))
    assert pushed(shop, push).state == "done"
    text = said(open_page(PUSHES, push=str(push.push_id)))
    assert "Mediarithmics holds 120 cookie ids of “4711”." in text
    assert f"audience_1162_20261117T031000Z_{push.push_id}_001.ndjson" in text
    assert "Cookieidsthatmaybesent120" in text.replace(" ", "")


def test_a_push_to_the_clients_own_system(shop: Settings) -> None:
    assert "Not entered: matchbook push-webhook shop" in said(open_page(INTEGRATIONS))
    with endpoint() as system:
        system.authorization = None
        key = shop.keys / "webhooks" / "own"
        key.parent.mkdir(parents=True, mode=0o700)
        key.touch(mode=0o600)
        key.write_text("a key of 24 or more bytes")
        hook = checked(f"{system.address}/m", "file:own")
        push_webhooks.enter(shop, SHOP, hook, by="test")
        text = said(open_page(INTEGRATIONS))
        assert hook.url in text
        assert "Not entered: matchbook alerts webhook shop" in text
        webhook.set_webhook(shop, SHOP, hook, by="test")
        assert text.count(hook.url) < said(open_page(INTEGRATIONS)).count(hook.url)
        app = open_page(PUSHES, audience="loyal")
        next(one for one in app.selectbox if one.label == "Destination").set_value("webhook")
        again(app)
        assert "signed messages of a hundred" in said(app)
        press(app, "Push to Your own system")
        (push,) = outbox.of_client(shop, SHOP)
        assert pushed(shop, push).state == "done"
    text = said(open_page(PUSHES, push=str(push.push_id)))
    assert "Your own system holds 120 records of “Loyal”." in text
