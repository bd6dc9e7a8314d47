"""What happened and what to do, for every outcome of a check."""

from __future__ import annotations

WORDS = {
    "implemented": (
        "The pixel of {site} is implemented, with its integrations.",
        "Nothing to do.",
    ),
    "missing": (
        "There is no pixel in this page.",
        "Put the site's snippet into the page's head. A tag manager's tags show only in a browser: "
        "if one adds the pixel, look at the site's last call instead.",
    ),
    "only_syncs": (
        "The page calls for partners, but the site's own pixel is not in it.",
        "Put the site's snippet into the page's head.",
    ),
    "other_host": (
        "There is a pixel in this page, but it calls {found}, which is not your collector.",
        "Replace it by the site's snippet.",
    ),
    "not_set_up": (
        "The page carries the tag of {site}, but no pixel is set up for that site.",
        "Set it up on the page Pixels, under New pixel.",
    ),
    "wrong_site": (
        "The pixel in this page names the site “{found}”, where {wanted} is expected.",
        "Replace it by the snippet of the right site; or, if the page does belong to that site, "
        "add its address to the site.",
    ),
    "no_site": (
        "The pixel in this page names no site, where {wanted} is expected.",
        "Replace it by the site's snippet.",
    ),
    "image_only": (
        "The pixel of {site} is in this page as an image, so these integrations are missing: "
        "{missing}.",
        "Use the script form of the snippet: an image reports page views and nothing else.",
    ),
    "not_handed_over": (
        "The pixel of {site} is in this page, but these integrations are missing: {missing}.",
        "Nobody but the page knows their cookie ids: hand them over in matchbook.partners, in "
        "front of the script, as the site's snippet shows.",
    ),
}
"""Reason → happened, to do; for a page that came."""

UNAVAILABLE = {
    "private_address": (
        "The address leads into a private network, so it was not opened.",
        "Check a page that everybody can reach. For a test site of your own, whoever runs "
        "Matchbook can name its host in MATCHBOOK_CHECK_HOSTS.",
    ),
    "bad_url": ("This is not the address of a web page.", "Write it as https://www.shop.example/."),
    "credentials": (
        "The address holds a user name, so it was not opened.",
        "Leave out everything up to the @.",
    ),
    "port": (
        "The address names a port, so it was not opened.",
        "Check the page that visitors see. For a test site, whoever runs Matchbook can name host "
        "and port in MATCHBOOK_CHECK_HOSTS.",
    ),
    "too_large": (
        "The page is larger than 1 MiB, so it was not read to the end.",
        "Check a smaller page of the same site.",
    ),
    "timeout": (
        "The page did not come within 5 seconds.",
        "Try again later, or check another page of the same site.",
    ),
    "unreachable": ("The web server does not answer.", "See if the address opens in a browser."),
    "bad_certificate": (
        "The web server has no valid certificate for its name.",
        "Have it renewed: browsers refuse the page too.",
    ),
    "too_many_redirects": (
        "The address leads from one redirect to the next.",
        "Check the page at the end of them.",
    ),
    "not_html": ("The address leads to a file, not to a web page.", "Check a web page."),
    "unreadable": (
        "The web server's answer cannot be read.",
        "See if the address opens in a browser.",
    ),
    "not_a_page": (
        "The web server answers with an error instead of a page.",
        "Check an address that opens in a browser without signing in.",
    ),
}
"""Reason or result → the same; for a page that did not come."""
