"""A notice in place of an article is refused, with its reason."""

from __future__ import annotations

import pytest

from autointel.adapters.sources.web.articles import parse_article
from autointel.errors import NoTranscript

URL = "https://courier.test/mill"
OPENING = (
    "<p>The county sold the old mill on Friday to a buyer whom nobody in the valley had heard of before.</p>"
    "<p>Neighbours learned of it from a notice on the door, said Ines Okafor, who lives across the river.</p>"
)
NOT_FREE = (
    '<script type="application/ld+json">{"@type":"NewsArticle","hasPart":{"isAccessibleForFree":"False"}}</script>'
)


def page(body: str, head: str = "") -> bytes:
    return (
        f"<html><head><title>Mill sold</title>{head}</head><body><main><article><h1>Mill sold</h1>{body}"
        "</article></main></body></html>"
    ).encode()


@pytest.mark.parametrize(
    "html",
    [
        page(OPENING, NOT_FREE),
        page(OPENING, '<meta itemprop="isAccessibleForFree" content="false">'),
        page(f"{OPENING}<p>To continue reading, subscribe now. Already a subscriber? Log in.</p>"),
        page(f"{OPENING}<p>Jetzt abonnieren und weiterlesen. Jederzeit kündbar.</p>"),
        page(f"{OPENING}<p>Cet article est réservé aux abonnés. Déjà abonné ? Identifiez-vous.</p>"),
    ],
)
def test_the_beginning_of_an_article_is_no_article(html: bytes) -> None:
    with pytest.raises(NoTranscript) as refused:
        parse_article(html, URL)

    assert "for subscribers" in refused.value.message
    assert "signed in" in refused.value.hint


def test_a_teaser_whose_offer_stands_in_a_barrier_beside_it_is_no_article() -> None:
    for barrier in (
        '<div class="paid-barrier"><p>Weiterlesen mit Kurier+</p><p>Vier Wochen für 1 Euro.</p></div>',
        '<div class="paywall"><h2>This post is for paid subscribers</h2><p>Already one?</p></div>',
        '<div class="meteredContent"><h2>The author made this available to Courier members only.</h2></div>',
    ):
        with pytest.raises(NoTranscript, match="for subscribers"):
            parse_article(page(OPENING + barrier), URL)


def test_a_short_article_below_a_form_to_sign_in_is_read() -> None:
    assert parse_article(page(f"<form><input type='password'></form>{OPENING}"), URL).segments


def test_a_short_piece_about_javascript_and_a_missing_page_is_read() -> None:
    body = "".join(
        f"<p>In {year} the county's page needed JavaScript, and half of those who came were told that it was gone.</p>"
        for year in range(2010, 2014)
    )

    assert len(parse_article(page(body), URL).segments) >= 4


def test_a_whole_article_that_is_not_free_is_read() -> None:
    years = range(1900, 1940)
    rest = "".join(f"<p>In {year} the mill and its wheel were painted again by the family.</p>" for year in years)

    parsed = parse_article(page(OPENING + rest, NOT_FREE), URL)

    assert parsed.segments[-1].text.startswith("In 1939")


def test_an_article_that_asks_for_subscriptions_once_is_read() -> None:
    assert parse_article(page(f"{OPENING}<p>If you liked this, subscribe now to our weekly letter.</p>"), URL).segments


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<p>You need to enable JavaScript to run this app.</p>", "JavaScript"),
        (
            """<p>JavaScript is disabled in your browser. Please turn on JavaScript in the settings of the browser
            that you use, and then load this page again so that it can be shown to you.</p>""",
            "JavaScript",
        ),
        (
            """<p>We and our partners use cookies to store information on a device and to show personalised ads.
            You may give your consent to all of them, or manage your choices, before you go on to our site.</p>""",
            "consent",
        ),
        ("<p>Please verify you are human by completing the action below.</p>", "a person"),
        ("<p>Verifying you are human. The site reviews the security of your connection.</p>", "a person"),
        ("<p>Bitte aktivieren Sie JavaScript in Ihrem Browser, um diese Seite ganz zu sehen.</p>", "JavaScript"),
        (
            "<p>Cette application ne fonctionne pas sans JavaScript, et votre navigateur l'a désactivé.</p>",
            "JavaScript",
        ),
        ("<p>このページを表示するには、ブラウザのJavaScriptを有効にしてください。</p>", "JavaScript"),
        ("<p>404</p><p>Sorry, the page that you are looking for has moved, or has been deleted.</p>", "is not there"),
        ("<p>Seite nicht gefunden</p><p>Bitte prüfen Sie die Adresse, oder gehen Sie zum Anfang.</p>", "is not there"),
        ("<p>Log in to save articles for later.</p><form><input type='password'></form>", "to sign in"),
    ],
)
def test_a_notice_is_refused_with_its_reason(body: str, reason: str) -> None:
    with pytest.raises(NoTranscript) as refused:
        parse_article(page(body), URL)

    assert reason in refused.value.message
