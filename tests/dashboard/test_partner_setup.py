"""Setting up a partner: registering it, its channel, trying it, activating it."""

from __future__ import annotations

import io
import zipfile

from streamlit.testing.v1 import AppTest

from matchbook import jobs, partner_channels, registry
from matchbook.cli.work import drain
from matchbook.settings import Settings
from tests.dashboard.pages import PARTNERS, fetch, links, open_page, words

TAB = "Set up a partner"


def set_up(partner: str, **parameters: str) -> AppTest:
    return open_page(PARTNERS, tab=TAB, set_up=partner, **parameters)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.query_params["tab"] = TAB
    app.run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def fill(app: AppTest, label: str, value: str) -> None:
    next(field for field in app.text_input if field.label == label).set_value(value)


def entered(settings: Settings, partner_id: str, address: str, **fields: object) -> None:
    given = {"address": address, **fields}
    partner_channels.add(settings, "homestead", partner_id, given, by="desk")


def test_a_partner_is_registered_with_its_codes_and_read_by_the_pixel(published: Settings) -> None:
    app = set_up("Piano", client="Farways Travel")
    assert "First save Piano in step 1." in words(app)
    fill(app, "Codes of your own there", "PO_12345678, PO_2")
    press(app, "Work with Piano")
    document = registry.current(published)
    piano = document.clients[1].partners[-1]
    assert (piano.partner_id, piano.codes) == ("piano", ("PO_12345678", "PO_2"))
    [code] = [element.value for element in app.code]
    assert "partner=PO_12345678&read=false&parcid=" in code
    assert "Piano is among your partners under PO_12345678, PO_2." in words(app)


def test_pixels_of_the_chosen_sites_read_it_from_then_on(published: Settings) -> None:
    app = set_up("Piano")
    app.multiselect[0].set_value(["shop.homestead.example"])
    press(app, "Save")
    sites = {site.site_id: site.pixel for site in registry.current(published).sites}
    assert sites["homestead-shop"]
    assert sites["homestead-blog"]
    assert sites["homestead-shop"].integrations == ("mapp_email", "tealium", "piano")
    assert sites["homestead-blog"].integrations == ("mapp_email", "tealium")


def test_a_code_with_odd_characters_is_refused(published: Settings) -> None:
    app = set_up("Piano")
    fill(app, "Codes of your own there", "PO 1;<b>")
    press(app, "Save")
    assert "A code holds something else than letters, digits, - and _." in words(app)
    piano = next(
        p for p in registry.current(published).clients[0].partners if p.partner_id == "piano"
    )
    assert piano.codes == ()


def test_a_channel_is_entered_inactive(published: Settings) -> None:
    app = set_up("Tealium")
    fill(app, "Address", "sftp://us@in.tealium.example/drop")
    fill(app, "Its name", "tealium-key")
    fill(app, "The server's host key", f"ssh-ed25519 {'A' * 60}")
    press(app, "Enter the channel")
    channel = partner_channels.get(published, "homestead", "tealium")
    assert (channel.address, channel.credentials) == (
        "sftp://us@in.tealium.example/drop",
        "file:tealium-key",
    )
    assert (channel.cadence_hours, channel.at_minute, channel.is_active) == (24, 210, False)
    assert "It was not tested yet." in words(app)


def test_what_is_wrong_with_a_channel_is_said_and_never_repeated(published: Settings) -> None:
    app = set_up("Tealium")
    fill(app, "Address", "sftp://us:geheim@in.tealium.example/drop")
    press(app, "Enter the channel")
    assert "The channel is not valid" in words(app)
    assert "geheim" not in words(app)
    assert partner_channels.find(published, "homestead", "tealium") is None


def test_what_the_partner_told_the_client_is_kept(published: Settings) -> None:
    app = set_up("Piano")
    fill(app, "The client's prefix for external ids at Piano", "hst")
    fill(app, "Address", "s3://homestead-transfer/exports")
    fill(app, "Its name", "piano-bucket")
    press(app, "Enter the channel")
    channel = partner_channels.get(published, "homestead", "piano")
    assert channel.overrides == {"values": {"customer_prefix": "hst"}}
    assert partner_channels.why_not(published, channel) == []


def test_a_test_is_asked_of_the_worker_and_its_answer_shown(published: Settings) -> None:
    entered(published, "tealium", "file:///srv/out/tealium")
    app = press(set_up("Tealium"), "Test connection")
    [job] = jobs.all_of(published, "test_partner")
    assert (job.client_id, job.arguments) == ("homestead", {"partner_id": "tealium"})
    assert "The test waits, and nothing works on it." in words(app)
    wrong = {"ok": False, "problem": "The login was refused. <b>"}
    jobs.finish(published, job.job_id, status="done", result=wrong)
    app.run()
    assert "The login was refused. &lt;b&gt;" in words(app)
    jobs.finish(published, job.job_id, status="done", result={"ok": True, "problem": None})
    app.run()
    assert "Connected: a small file was written and removed again." in words(app)


def test_the_sample_is_made_by_the_worker_and_signed_for(published: Settings) -> None:
    entered(published, "selligent", "file:///srv/out/selligent")
    app = press(set_up("Selligent"), "Sample file")
    drain(published, say=lambda _: None)
    app.run()
    [link] = links(app)
    answer = fetch(link)
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist()


def test_activating_and_pausing(published: Settings) -> None:
    entered(published, "tealium", "file:///srv/out/tealium")
    app = press(set_up("Tealium"), "Activate")
    channel = partner_channels.get(published, "homestead", "tealium")
    assert channel.is_active
    assert "Tealium is active since 21 Nov, 04:10." in words(app)
    press(app, "Pause")
    assert not partner_channels.get(published, "homestead", "tealium").is_active


def test_spotler_wants_its_user_id_confirmed_by_somebody(published: Settings) -> None:
    entered(published, "spotler", "file:///srv/out/spotler")
    app = set_up("Spotler")
    wanted = partner_channels.get(published, "homestead", "spotler").profile.confirmation
    assert wanted
    assert "Spotler cannot be activated yet: the client has not confirmed this:" in words(app)
    activate = next(button for button in app.button if button.label == "Activate")
    assert activate.disabled
    app.checkbox[0].set_value(True)
    fill(app, "Your name", "Data desk")
    app.query_params["tab"] = TAB
    app.run()
    press(app, "Confirm")
    assert "Confirmed by Data desk, 21 Nov, 04:10:" in words(app)
    press(app, "Activate")
    assert partner_channels.get(published, "homestead", "spotler").confirmed_by == "Data desk"
    assert "Pause" in labels(app)


def test_a_partner_without_a_way_for_removals_says_so(published: Settings) -> None:
    said = words(set_up("Permutive"))
    assert "Permutive cannot take removals." in said


def test_every_fact_of_its_form_has_its_grade(published: Settings) -> None:
    said = words(set_up("Weborama"))
    assert "Line ends" in said
    assert said.count("Inferred") + said.count("Documented") >= 5


def test_another_clients_trials_are_not_shown(published: Settings) -> None:
    entered(published, "tealium", "file:///srv/out/tealium")
    fields = {"address": "file:///srv/out/far"}
    partner_channels.add(published, "farways", "tealium", fields, by="desk")
    app = press(set_up("Tealium"), "Test connection")
    app.session_state["client"] = "Farways Travel"
    app.query_params["tab"] = TAB
    app.run()
    assert "The test waits" not in words(app)
