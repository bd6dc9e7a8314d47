"""Pixels: what they called, setting one up, checking a page."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from matchbook import jobs, registry
from matchbook.cli.work import drain
from matchbook.registry import Site
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import PIXELS, links, open_page, words
from tests.dashboard.world_uploads import forget_marts


def site(settings: Settings, site_id: str) -> Site:
    return next(s for s in registry.current(settings).sites if s.site_id == site_id)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception
    return app


def switch(app: AppTest, label: str) -> None:
    next(toggle for toggle in app.toggle if toggle.label.startswith(label)).set_value(
        not next(t for t in app.toggle if t.label.startswith(label)).value
    )


def codes(app: AppTest) -> str:
    return "\n".join(element.value for element in app.code)


def test_every_site_with_its_last_call_and_integrations(published: Settings) -> None:
    app = open_page(PIXELS)
    said = words(app)
    assert "Last call 21 Nov, 00:58 on shop.homestead.example" in said
    assert "Sites that call 1 of 2 Quiet for two days or more: blog.homestead.example" in said
    assert "Calls on 20 Nov 350" in said
    assert "shop.homestead.example shop.homestead.example Last call 21 Nov, 00:58" in said
    assert said.count("Mapp Digital – Email Tealium") == 2
    assert "Page views Partner syncs Events Sign-ins All calls" in said
    bars = "".join(element.value for element in app.html)
    assert bars.count('title="20 Nov: 350 calls"') == 1
    assert bars.count('title="20 Nov: 0 calls"') == 1
    assert len(links(app)) == 1


def test_a_site_that_fell_silent_stands_out(published: Settings) -> None:
    cards = [element.value for element in open_page(PIXELS).html if "<article" in element.value]
    assert [("mb-trouble" in card, "nobody has declared" in card) for card in cards] == [
        (False, True),
        (True, True),
    ]


def test_a_client_without_pixels_gets_three_steps(published: Settings) -> None:
    app = open_page(PIXELS, client="Farways Travel")
    said = words(app)
    assert "New pixel in three steps" in said
    assert "1 Choose the site" in said
    assert app.toggle[0].label == "Mapp Digital – Email"
    assert codes(app) == ""


def test_a_pixel_is_made_before_the_first_night(home: Settings) -> None:
    world.make_registry(home)
    app = open_page(PIXELS, client="Farways Travel")
    switch(app, "Supermetrics")
    press(app, "Make the pixel")
    made = site(home, "farways-shop").pixel
    assert made
    assert made.integrations[:2] == ("mapp_email", "tealium")
    assert "supermetrics" not in made.integrations
    assert not made.partitioned
    assert made.created_by.endswith(", on the dashboard")
    assert "No call yet" in words(app)


def test_the_snippet_is_there_to_copy(published: Settings) -> None:
    app = open_page(PIXELS, client="Farways Travel", tab="New pixel")
    press(app, "Make the pixel")
    app.query_params["tab"] = "New pixel"
    app.run()
    assert "The pixel of shop.farways.example is made." in words(app)
    assert 'src="http://localhost:8080/bakery/pixel.js?site=farways-shop"></script>' in codes(app)
    assert 'selligent: "",' in codes(app)
    assert '<img src="http://localhost:8080/bakery/page?site=farways-shop&amp;u=https%3A' in codes(
        app
    )


def test_a_new_site(published: Settings) -> None:
    app = open_page(PIXELS, tab="New pixel")
    assert ["A new site"] in [box.options for box in app.selectbox]
    press(app, "Make the pixel")
    assert "The site has no name yet. Nothing was saved." in words(app)
    app.text_input[0].set_value("Häuser & Höfe <b>")
    app.text_input[1].set_value("not a host!")
    press(app, "Make the pixel")
    assert "The site's addresses are not host names." in words(app).replace("&#x27;", "'")
    app.text_input[1].set_value("https://www.hoefe.example/shop, hoefe.example")
    press(app, "Make the pixel")
    made = site(published, "hauser_hofe_b")
    assert made.hosts == ("www.hoefe.example", "hoefe.example")
    assert made.client_id == "homestead"
    assert made.pixel
    assert "<b>" not in "".join(e.value for e in app.html if "Höfe" in e.value)


def test_integrations_are_changed_with_who(published: Settings) -> None:
    app = open_page(PIXELS)
    press(app, "Edit")
    assert "homestead-shop" in codes(app)
    switch(app, "Tealium")
    switch(app, "Piano")
    switch(app, "Partitioned cookie: matches on that site only")
    press(app, "Save")
    changed = site(published, "homestead-shop").pixel
    assert changed
    assert changed.integrations == ("mapp_email", "piano")
    assert changed.partitioned
    assert changed.created_by == "web team"
    assert codes(app) == ""
    assert "Piano" in words(app)


def ask(url: str) -> AppTest:
    app = open_page(PIXELS, tab="Check a page")
    app.text_input(key="check_url").set_value(url)
    return press(app, "Check")


def test_a_check_waits_for_a_worker_and_says_so(published: Settings) -> None:
    app = ask("http://127.0.0.1:9/")
    (job,) = jobs.all_of(published, "check_pixel")
    assert (job.client_id, job.arguments) == ("homestead", {"url": "http://127.0.0.1:9/"})
    assert "The check waits, and nothing works on it." in words(app)
    assert "matchbook work" in words(app)
    jobs.report(published, "worker")
    app.run()
    assert "Waiting for its turn" in words(app)
    drain(published, say=lambda _: None)
    app.run()
    assert "The address leads into a private network, so it was not opened." in words(app)
    app.run()
    assert len(jobs.all_of(published, "check_pixel")) == 1


def test_what_a_page_says_never_becomes_markup(published: Settings) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>**bold**"
    app = ask(f"https://shop.homestead.example/?{hostile}")
    result = {"result": "wrong_site", "reason": "wrong_site", "site_id": "homestead-shop"}
    words_of_it = {"happened": hostile, "todo": hostile, "missing": [hostile]}
    (job,) = jobs.all_of(published, "check_pixel")
    jobs.finish(published, job.job_id, status="done", result=result | words_of_it)
    app.run()
    shown = [element.value for element in app.html if "alert" in element.value]
    assert len(shown) == 2
    assert not any("<script" in text or "<img" in text for text in shown)
    assert "alert" not in "".join(element.value for element in app.markdown)
    assert "homestead-shop" in codes(app)


def test_another_clients_check_is_not_shown(published: Settings) -> None:
    app = ask("https://shop.homestead.example/")
    app.session_state["client"] = "Farways Travel"
    app.run()
    assert "shop.homestead.example" not in words(app)


def test_a_snapshot_from_before_the_mart_does_no_harm(published: Settings) -> None:
    forget_marts(published, "site_days")
    said = words(open_page(PIXELS))
    assert "No call yet" in said
    assert said.count("A part of this page is not in the data yet") == 1
