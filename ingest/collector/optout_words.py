"""What the opt-out page says, in English and Dutch."""

from __future__ import annotations

LANGUAGES = {"en": "English", "nl": "Nederlands"}

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Recognition of this browser",
        "what": "What happens",
        "what_text": (
            "Some web sites and e-mails want to know whether the same browser was here before. "
            "For them we keep a number in a cookie in your browser (<code>mbid</code>) for at most "
            "13 months. A company you are a customer of can then see that this browser probably "
            "belongs to one of its customers, and choose which advertisements to show. "
            "We do this only after consent."
        ),
        "does": "What opting out does",
        "does_list": (
            "<li>The cookie with the number is deleted from this browser.</li>"
            "<li>What we knew by that number is no longer used. Partners that were told about "
            "this browser are told to remove it with their next daily file.</li>"
            "<li>A cookie without a number (<code>mb_optout</code>) remembers your choice for 13 "
            "months. While it is there, we do not recognise this browser.</li>"
        ),
        "not": "What it does not do",
        "not_list": (
            "<li>It counts for this browser only. Opt out on your other devices too, and again "
            "if you delete your cookies.</li>"
            "<li>You will still get e-mails and see advertisements. To stop e-mails, use the "
            "unsubscribe link in them.</li>"
            "<li>On a few web sites the number is valid on that site alone. There, use the "
            "cookie settings of the site.</li>"
        ),
        "in": "This browser is <strong>not opted out</strong>.",
        "out": (
            "This browser is <strong>opted out</strong>. We do not recognise it, and there is "
            "nothing else you need to do."
        ),
        "gpc": (
            "Your browser tells every site that it does not want to be tracked (Global Privacy "
            "Control). We obey that: while it does so, <strong>this browser is not "
            "recognised</strong>. If you opt out here too, your choice stays when you turn it off."
        ),
        "forgets": (
            "Your opt-out was received, but your browser <strong>did not keep the cookie</strong> "
            "that remembers it. Allow cookies for this address and try again. If your browser "
            "keeps no cookies at all, we cannot recognise it either."
        ),
        "opt_out": "Opt out",
        "erase": "Opt out and erase",
        "erases": "What erasing does beside",
        "erases_text": (
            "Everything that is stored about this browser under its number is erased within 30 "
            "days, at every company that has it: visits, and to which customer it seemed to "
            "belong. What such a company knows of you otherwise stays; for that, ask the company. "
            "Once you have opted out your browser has no number any more, and we cannot tell what "
            "was its."
        ),
        "undo": "Undo the opt-out",
        "change": "Changing your mind",
        "change_text": (
            "You can undo the opt-out on this page. That removes the cookie "
            "<code>mb_optout</code>; deleting it in your browser's settings does the same. The "
            "old number does not come back. You get a new one only where you consent."
        ),
        "undo_refused": (
            "<p>Nothing was changed: an opt-out can be taken back only with the button on its own "
            'page. <a href="/bakery/optout?lang=en">Go to that page</a></p>'
        ),
    },
    "nl": {
        "title": "Herkenning van deze browser",
        "what": "Wat er gebeurt",
        "what_text": (
            "Sommige websites en e-mails willen weten of dezelfde browser hier al eerder was. "
            "Daarvoor bewaren wij een nummer in een cookie in uw browser (<code>mbid</code>), "
            "hooguit 13 maanden. Een bedrijf waar u klant bent, kan dan zien dat deze browser "
            "waarschijnlijk van een van zijn klanten is, en kiezen welke advertenties het toont. "
            "Dat doen wij alleen na toestemming."
        ),
        "does": "Wat afmelden doet",
        "does_list": (
            "<li>De cookie met het nummer wordt uit deze browser verwijderd.</li>"
            "<li>Wat wij via dat nummer wisten, wordt niet meer gebruikt. Partners die van deze "
            "browser weten, krijgen in hun volgende dagelijkse bestand te horen dat zij hem "
            "moeten verwijderen.</li>"
            "<li>Een cookie zonder nummer (<code>mb_optout</code>) onthoudt uw keuze 13 maanden. "
            "Zolang die er is, herkennen wij deze browser niet.</li>"
        ),
        "not": "Wat het niet doet",
        "not_list": (
            "<li>Het geldt alleen voor deze browser. Meld u ook op uw andere apparaten af, en "
            "opnieuw als u uw cookies verwijdert.</li>"
            "<li>U krijgt nog steeds e-mails en ziet nog advertenties. Wilt u geen e-mails meer, "
            "gebruik dan de afmeldlink in die e-mails.</li>"
            "<li>Op een paar websites geldt het nummer alleen daar. Gebruik daar de "
            "cookie-instellingen van de website.</li>"
        ),
        "in": "Deze browser is <strong>niet afgemeld</strong>.",
        "out": (
            "Deze browser is <strong>afgemeld</strong>. Wij herkennen hem niet, en u hoeft "
            "verder niets te doen."
        ),
        "gpc": (
            "Uw browser vertelt elke website dat hij niet gevolgd wil worden (Global Privacy "
            "Control). Daar houden wij ons aan: zolang hij dat doet, <strong>wordt deze browser "
            "niet herkend</strong>. Meldt u zich hier ook af, dan blijft uw keuze gelden als u "
            "het uitzet."
        ),
        "forgets": (
            "Uw afmelding is ontvangen, maar uw browser <strong>heeft de cookie niet "
            "bewaard</strong> die haar onthoudt. Sta cookies voor dit adres toe en probeer het "
            "opnieuw. Bewaart uw browser helemaal geen cookies, dan kunnen wij hem ook niet "
            "herkennen."
        ),
        "opt_out": "Afmelden",
        "erase": "Afmelden en wissen",
        "erases": "Wat wissen daarnaast doet",
        "erases_text": (
            "Alles wat onder het nummer van deze browser is bewaard, wordt binnen 30 dagen gewist, "
            "bij elk bedrijf dat het heeft: bezoeken, en bij welke klant hij leek te horen. Wat "
            "zo'n bedrijf verder van u weet, blijft; vraag daarvoor het bedrijf zelf. Hebt u zich "
            "eenmaal afgemeld, dan heeft uw browser geen nummer meer en kunnen wij niet zien wat "
            "van hem was."
        ),
        "undo": "Afmelding ongedaan maken",
        "change": "Van gedachten veranderen",
        "change_text": (
            "U kunt de afmelding op deze pagina ongedaan maken. Dat verwijdert de cookie "
            "<code>mb_optout</code>; hem verwijderen in de instellingen van uw browser doet "
            "hetzelfde. Het oude nummer komt niet terug. U krijgt alleen een nieuw als u "
            "toestemming geeft."
        ),
        "undo_refused": (
            "<p>Er is niets veranderd: een afmelding kan alleen ongedaan worden gemaakt met de "
            'knop op haar eigen pagina. <a href="/bakery/optout?lang=nl">Naar die pagina</a></p>'
        ),
    },
}


def document(language: str, status: str) -> str:
    """The page below its title; `status` is in, out, gpc or forgets."""
    words = WORDS[language]
    is_out = status == "out"
    button = words["undo"] if is_out else words["opt_out"]
    action = f"/bakery/optout?lang={language}{'&amp;undo=1' if is_out else ''}"
    form = f'<form method="post" action="{action}"><button>{button}</button></form>'
    if not is_out:
        form += (
            f'<form method="post" action="{action}&amp;erase=1">'
            f'<button class="other">{words["erase"]}</button></form>'
        )
    return (
        f"{_other_language(language)}"
        f'<p class="status" role="status">{words[status]}</p>'
        f"{'' if is_out else form}"
        f"<h2>{words['what']}</h2><p>{words['what_text']}</p>"
        f"<h2>{words['does']}</h2><ul>{words['does_list']}</ul>"
        f"<h2>{words['erases']}</h2><p>{words['erases_text']}</p>"
        f"<h2>{words['not']}</h2><ul>{words['not_list']}</ul>"
        f"<h2>{words['change']}</h2><p>{words['change_text']}</p>"
        f"{form if is_out else ''}"
    )


def _other_language(language: str) -> str:
    other = "nl" if language == "en" else "en"
    return (
        f'<nav><a href="/bakery/optout?lang={other}" lang="{other}" hreflang="{other}">'
        f"{LANGUAGES[other]}</a></nav>"
    )
