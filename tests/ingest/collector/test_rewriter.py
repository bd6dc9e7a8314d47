"""The link rewriter: every link tracked, every other character as it was."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.collector.anchors import find_anchors
from ingest.collector.rewriter import Mail, Rewritten, rewrite
from matchbook import links
from matchbook.errors import ConfigError
from matchbook.registry import Client

KEY = (b"a key of tests",)
CLIENT = Client(
    client_id="acme",
    name="Acme",
    landing_hosts=("shop.example", "xn--bcher-kva.example"),
    collector_hosts=("px.shop.example",),
)
MAIL = Mail("4711", "m-1", "https://px.shop.example")
OURS = "https://px.shop.example/bakery/click?"


def run(html: str, mail: Mail = MAIL, *, client: Client = CLIENT, **options: object) -> Rewritten:
    return rewrite(html, mail, client=client, link_key=KEY, **options)  # type: ignore[arg-type]


def targets(html: str) -> list[str]:
    """Where the tracked links of a rewritten text lead; each must be signed."""
    found = []
    for anchor in find_anchors(html).found:
        if anchor.href.text.startswith(OURS):
            asked = {n: v[0] for n, v in parse_qs(urlsplit(anchor.href.text).query).items()}
            link = links.Link("click", "acme", asked["contact"], asked["message"], asked["u"])
            assert links.is_signed(KEY, link, asked["sig"])
            assert (link.contact, link.message) == ("4711", "m-1")
            found.append(link.target)
    return found


@pytest.mark.parametrize(
    ("html", "target"),
    [
        ('<a href="https://shop.example/a">x</a>', "https://shop.example/a"),
        ("<A HREF='https://SHOP.example/A'>x</A>", "https://shop.example/A"),
        ("<a href=https://shop.example/a/>x</a>", "https://shop.example/a/"),
        ("<a class=b href = https://shop.example/a id=c>x</a>", "https://shop.example/a"),
        ('<a href="https://shop.example">x</a>', "https://shop.example/"),
        ('<a href="https://shop.example./a?b#c">x</a>', "https://shop.example/a?b#c"),
        ('<a href=" https://shop.example/a\n  b ">x</a>', "https://shop.example/a%20%20b"),
        ('<a href="https://shop.example/?a=1&amp;b=2">x</a>', "https://shop.example/?a=1&b=2"),
        ('<a href="https://shop.example/?a=1&copy=2">x</a>', "https://shop.example/?a=1&copy=2"),
        ('<a href="https://shop.example/?a&sectors=2">x</a>', "https://shop.example/?a&sectors=2"),
        ('<a href="https://shop.example/?q=&#39;&#x22;">x</a>', "https://shop.example/?q='%22"),
        ('<a href="https://shop.example/café">x</a>', "https://shop.example/caf%C3%A9"),
        ('<a href="https://bücher.example/">x</a>', "https://xn--bcher-kva.example/"),
        ('<map><area href="https://shop.example/a"></map>', "https://shop.example/a"),
        ('<a href="https://shop.example/1" href="https://shop.example/2">x</a>',
         "https://shop.example/1"),
        ('<a\thref="https://shop.example/a"title="b">x</a>', "https://shop.example/a"),
        ('<!--[if mso]><a href="https://shop.example/o">x</a><![endif]-->',
         "https://shop.example/o"),
        ('<!--[if gte mso 9]><v:rect href="https://shop.example/v">x</v:rect><![endif]-->',
         "https://shop.example/v"),
        ('<!--[if !mso]><!--><a href="https://shop.example/n">x</a><!--<![endif]-->',
         "https://shop.example/n"),
        ('<![if !mso]><a href="https://shop.example/n">x</a><![endif]>', "https://shop.example/n"),
        ('a < b <% if x > y %> <a href="https://shop.example/n">x</a>', "https://shop.example/n"),
    ],
)  # fmt: skip
def test_a_link_is_tracked(html: str, target: str) -> None:
    result = run(html)
    assert (result.tracked, result.left) == (1, Counter())
    assert targets(result.html) == [target] or targets(html_of_comment(result.html)) == [target]


def html_of_comment(html: str) -> str:
    return html.partition("]>")[2].rpartition("<![")[0]


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ('<a href="https://shop.example/u">Unsubscribe</a>', "unsubscribe"),
        ('<a href="https://shop.example/u">Hier <b>af</b>melden</a>', "unsubscribe"),
        ('<a href="https://shop.example/u">Uit&shy;schrijven</a>', "unsubscribe"),
        ('<a href="https://shop.example/u"><img src=x alt="Abmelden"></a>', "unsubscribe"),
        ('<a href="https://shop.example/u" title="opt out">x</a>', "unsubscribe"),
        ('<a href="https://shop.example/unsubscribe?c=1">x</a>', "unsubscribe"),
        ('<a data-unsubscribe href="https://shop.example/x">x</a>', "unsubscribe"),
        ('<a href="https://shop.example/x" DATA-MATCHBOOK-KEEP>x</a>', "unsubscribe"),
        ('<a href="mailto:info@shop.example">x</a>', "not_web"),
        ('<a href="tel:+31201234567">x</a>', "not_web"),
        ('<a href="#top">x</a>', "not_web"),
        ('<a href="">x</a>', "not_web"),
        ("<a href>x</a>", "not_web"),
        ('<a href="/relative">x</a>', "not_web"),
        ('<a href="//shop.example/x">x</a>', "not_web"),
        ('<a href="javascript:alert(1)">x</a>', "not_web"),
        ("<a href=\"<%syslink_message_read url='/public/r.jsp'%>\">x</a>", "placeholder"),
        ('<a href="https://shop.example/?u=<%user.id%>">x</a>', "placeholder"),
        ('<a href="https://shop.example/{{ id }}">x</a>', "placeholder"),
        ('<a href="https://px.shop.example/bakery/click?client=acme">x</a>', "already_tracked"),
        ('<a href="https://px.shop.example/bakery/optout">x</a>', "unsubscribe"),
        ('<a href="https://elsewhere.example/">x</a>', "host_not_listed"),
        ('<a href="https://shop.example.evil.example/">x</a>', "host_not_listed"),
        ('<a href="https://shop.example@evil.example/">x</a>', "bad_target"),
        ('<a href="https://shop.example\\@evil.example/">x</a>', "bad_target"),
        ('<a href="https:///shop.example/">x</a>', "bad_target"),
        ('<a href="http://shop.example/">x</a>', "not_https"),
        ('<a href="https://shop.example/?m=anna%40mail.example">x</a>', "personal_data"),
        (f'<a href="https://shop.example/?{"x" * 8000}">x</a>', "too_long"),
    ],
)
def test_a_link_is_left_alone(html: str, reason: str) -> None:
    result = run(html)
    assert result.html == html
    assert (result.tracked, result.left) == (0, Counter([reason]))


@pytest.mark.parametrize(
    "html",
    [
        '<!-- <a href="https://shop.example/">x</a> -->',
        '<![CDATA[ <a href="https://shop.example/">x</a> ]]>',
        "<script>\"<a href='https://shop.example/'>\"</script>",
        '<style><a href="https://shop.example/"></style>',
        '<title><a href="https://shop.example/"></title>',
        '<textarea><a href="https://shop.example/"></textarea>',
        '<link href="https://shop.example/a.css"><img src="https://shop.example/a.png">',
        '<a name="x">x</a>',
        '<a href="https://shop.example/',
        "",
    ],
)
def test_what_is_no_link_is_not_seen(html: str) -> None:
    result = run(html)
    assert (result.html, result.tracked, result.left) == (html, 0, Counter())


def test_a_pattern_keeps_links() -> None:
    html = '<a href="https://shop.example/terms">x</a><a href="https://shop.example/a">y</a>'
    result = run(html, keep=("/terms$",))
    assert (result.tracked, result.left) == (1, Counter(["kept"]))


def test_hosts_that_are_not_listed_are_named() -> None:
    result = run('<a href="https://fb.example/1">x</a><a href="https://fb.example/2">y</a>')
    assert result.unlisted_hosts == Counter({"fb.example": 2})


def test_pages_without_tls_where_the_client_allows_them() -> None:
    client = CLIENT.model_copy(update={"allows_http_landing": True})
    assert run('<a href="http://shop.example:8080/a">x</a>', client=client).tracked == 1


def test_no_host_listed_tracks_nothing() -> None:
    client = CLIENT.model_copy(update={"landing_hosts": ()})
    assert run('<a href="https://shop.example/">x</a>', client=client).tracked == 0


@pytest.mark.parametrize(
    ("html", "consent", "mark"),
    [
        ('<a href="https://shop.example/">x</a>', "<%contact.flag%>", '"'),
        ("<a href=https://shop.example/>x</a>", "<%contact.flag%>", '"'),
        ('<a href="https://shop.example/">x</a>', '<%flag["ok"]%>', "'"),
        ("<a href='https://shop.example/'>x</a>", "<%flag['ok']%>", '"'),
    ],
)
def test_the_consent_text_is_inserted_as_it_is(html: str, consent: str, mark: str) -> None:
    text = run(html, Mail("4711", "m-1", "https://px.shop.example", consent)).html
    assert f"&amp;consent={consent}&amp;sig=" in text
    assert f"href={mark}{OURS}" in text
    assert text.replace(consent, "1").count(mark) == 2


def test_the_pixel_comes_last_in_the_body() -> None:
    html = "<html><body><p>Hello</body></html>"
    text = run(html, with_read_pixel=True).html
    assert text.startswith("<html><body><p>Hello<img src=")
    assert text.endswith('width="1" height="1" alt=""></body></html>')
    assert "/bakery/read?client=acme&amp;contact=4711&amp;message=m-1&amp;sig=" in text
    assert run("Hello", with_read_pixel=True).html.startswith("Hello<img ")


@pytest.mark.parametrize(
    "mail",
    [
        Mail("0", "m", "https://px.shop.example"),
        Mail("anna@shop.example", "m", "https://px.shop.example"),
        Mail("9223372036854775808", "m", "https://px.shop.example"),
        Mail("1", "", "https://px.shop.example"),
        Mail("1", "m\r\nx", "https://px.shop.example"),
        Mail("1", "m", "https://px.shop.example/path"),
        Mail("1", "m", "px.shop.example"),
        Mail("1", "m", "https://px.shop.example", "'\""),
    ],
)
def test_what_cannot_be_signed_is_refused(mail: Mail) -> None:
    with pytest.raises(ConfigError) as refused:
        run("<p>", mail)
    assert mail.contact not in str(refused.value) or mail.contact in "01"


PIECES = st.sampled_from(
    [
        '<a href="https://shop.example/a">', "</a>", "<A HREF='https://shop.example/?b=1&c'>",
        "<a href=https://shop.example/d>", '<a class="e" href="https://else.example/">',
        "<area href='https://shop.example/f' alt='g'>", "<p>", "</p>", "text", "&amp;", "&copy",
        "&#60;", "\r\n", "\n", " ", "é\u2028€", "<!-- c -->", "<!--", "-->", "<![CDATA[", "]]>",
        "<!--[if mso]>", "<![endif]-->", "<![if !mso]>", "<![endif]>", "<script>", "</script>",
        "<style>", "</style>", "<title>", "</title>", "<", ">", '"', "'", "=", "/", "<%x y='z'%>",
        '<a href="<%syslink_x%>">', "<!doctype html>", "<?xml?>", "</", "<body>", "</body>",
        '<v:rect href="https://shop.example/h">', "</v:rect>", "<a\nhref\n=\n'https://shop.example'",
        '<img alt="i" src="https://shop.example/j">', "unsubscribe", "\x00", "\udc80",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join))
@example('<a href="https://shop.example/a" <a href="https://shop.example/b">x</a>')
def test_only_where_links_lead_changes(html: str) -> None:
    result = run(html)
    assert restored(html, result.html) == html
    assert seen(result.html) == seen(html)
    assert run(result.html).tracked == 0


def restored(before: str, after: str) -> str:
    """The rewritten text with the old values put back in the places of the tracked links."""
    old, new = find_anchors(before).found, find_anchors(after).found
    assert len(old) == len(new)
    for was, is_now in reversed(list(zip(old, new, strict=True))):
        if is_now.href.text.startswith(OURS):
            value = before[was.href.start : was.href.stop]
            after = after[: is_now.href.start] + value + after[is_now.href.stop :]
    return after


def seen(html: str) -> list[object]:
    """What Python's parser sees of a text, without where links lead."""

    class Seen(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            events.append((tag, [n if n == "href" else (n, v) for n, v in attrs]))

        def handle_endtag(self, tag: str) -> None:
            events.append(f"/{tag}")

        def handle_data(self, data: str) -> None:
            events.append(data)

        def handle_comment(self, data: str) -> None:
            events.extend(seen(data) if data.startswith("[if") else [data])

        def parse_marked_section(self, i: int, report: int = 1) -> int:
            return self.parse_bogus_comment(i)

    events: list[object] = []
    parser = Seen()
    parser.feed(html)
    parser.close()
    return events
