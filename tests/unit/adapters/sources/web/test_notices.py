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
        page(f"{OPENING}<p>Il vous reste 78 % de cet article à lire.</p>"),
        page(f"{OPENING}<p>La suite est réservée aux abonnés.</p>"),
        page(f"{OPENING}<p>Weiterlesen mit K+</p><p>Sie haben schon ein Abo? Hier anmelden.</p>"),
        page(f"{OPENING}<p>Dieser Artikel ist nur für Abonnenten.</p>"),
        page(f"{OPENING}<p>Contenido exclusivo para suscriptores</p>"),
        page(f"{OPENING}<p>Questo articolo è riservato agli abbonati.</p>"),
        page(f"{OPENING}<p>Conteúdo exclusivo para assinantes</p>"),
        page(f"{OPENING}<p>Dit artikel is alleen voor abonnees.</p>"),
        page(f"{OPENING}<p>The rest of this story is available to members.</p>"),
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
        (
            """<p>Content not available in your region</p><p>You attempt to access this website from a country of the
            European Economic Area, and therefore we cannot grant you access at this time.</p>""",
            "the region",
        ),
        (
            """<p>Dieser Inhalt ist in Ihrer Region nicht verfügbar.</p><p>Aus rechtlichen Gründen können wir die Texte
            dort, wo Sie sind, leider nicht zeigen.</p>""",
            "the region",
        ),
        (
            """<p>Este conteúdo não está disponível na sua região.</p><p>Por motivos legais não podemos mostrar os
            textos aos leitores que estão fora do país.</p>""",
            "the region",
        ),
        (
            """<p>Turn off your ad blocker</p><p>It looks like you are using an ad blocker. Our reporters are paid by
            what advertisers give us. Click the icon of the blocker, pause it here, and reload the page.</p>""",
            "ad blocker",
        ),
        (
            """<p>Bitte deaktivieren Sie Ihren Adblocker</p><p>Der Kurier lebt von Werbung. Schalten Sie bitte Ihren
            Werbeblocker aus, und laden Sie die Seite neu, um unsere Artikel zu lesen.</p>""",
            "ad blocker",
        ),
        (
            """<p>Désactivez votre bloqueur de publicité</p><p>Le Courrier vit grâce à la publicité. Rechargez la page
            quand c'est fait, et bonne lecture de tous nos articles.</p>""",
            "ad blocker",
        ),
        (
            """<p>Scheduled maintenance</p><p>The Courier is down for maintenance at the moment. Thank you for your
            patience; please try again in a few minutes.</p>""",
            "down or has failed",
        ),
        (
            """<p>503 Service Unavailable</p><p>The server is temporarily unable to service your request due to
            maintenance downtime or capacity problems. Please try again later.</p>""",
            "down or has failed",
        ),
        ("<p>502 Bad Gateway</p>", "down or has failed"),
        (
            """<p>Sitio en mantenimiento</p><p>Nuestro sitio está temporalmente fuera de servicio. Volvemos cuanto
        antes.
            Inténtalo de nuevo en unos minutos.</p>""",
            "down or has failed",
        ),
        (
            """<p>Sign in</p><p>Something went wrong, but let us give it another shot. Some extensions may cause
            issues here. Please disable them and try again.</p>""",
            "down or has failed",
        ),
        (
            """<p>Thank you for subscribing!</p><p>Please check your inbox for a message from us and click the link in
            it to confirm that the address is yours.</p>""",
            "to confirm an address",
        ),
        (
            """<p>Log in to continue</p><p>You must be logged in to view this page. If you have no account yet, register
            with your address; this takes a minute.</p>""",
            "to sign in",
        ),
        ("<p>Êtes-vous un robot ?</p><p>Cochez la case pour continuer vers le site.</p>", "proof that a person"),
        (
            "<p>Hoppla!</p><p>Die gewünschte Seite konnte nicht gefunden werden. Sie wurde wohl verschoben.</p>",
            "not there",
        ),
        (
            "<p>Lo sentimos</p><p>El artículo que buscas ya no está disponible, o su autor lo ha retirado.</p>",
            "not there",
        ),
        (
            "<p>courier.test</p><p>This domain is for sale! Click here to inquire about this domain.</p>",
            "notice of its host",
        ),
        (f"<p>{OPENING}</p><p>Dla prenumeratorów. Masz już prenumeratę? Zaloguj się.</p>", "beginning of an article"),
        (f"<p>{OPENING}</p><p>この記事は会員向けです。初月100円。ログイン</p>", "beginning of an article"),
        (
            f"<p>{OPENING}</p><div class='tp-modal'><h3>This article is for subscribers only</h3></div>",
            "beginning of an article",
        ),
        (
            "<p>Slow Letters</p><p>By subscribing, I agree to the Terms of Use and the Privacy Policy.</p>",
            "asks to subscribe",
        ),
        (
            "<p>Are you over 18?</p><p>You must be of legal drinking age to enter this site: your date of birth.</p>",
            "its reader's age",
        ),
        (
            "<p>Please wait</p><p>You are being redirected. If nothing happens within a few seconds, click here.</p>",
            "leads on to another page",
        ),
        (
            "<p>Join us</p><p>To view this article, sign in or create an account.</p><p>Already on it? Sign in</p>",
            "asks to sign in",
        ),
        ("<p>Log in to save articles for later.</p><form><input type='password'></form>", "to sign in"),
    ],
)
def test_a_notice_is_refused_with_its_reason(body: str, reason: str) -> None:
    with pytest.raises(NoTranscript) as refused:
        parse_article(page(body), URL)

    assert reason in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        """Wegen Wartungsarbeiten ist die Hafenbrücke bis Sonntag gesperrt. Bitte weichen Sie auf die Nordbrücke aus.
        Die
        Arbeiten dauern drei Tage und kosten die Stadt hunderttausend Euro.""",
        """Thousands met the words "Something went wrong. Try again later." when the network failed on Friday. A server
        had broken, and all was well again by noon on the same day.""",
        """The ferry is down for maintenance until Thursday. We are sorry for the inconvenience, its director told the
        Courier. Those who must cross should try again at the end of the week, or take the bus.""",
        """Chrome no longer supports the ad blocker that millions use. Who does not want to see advertising must look
        for
        another browser, or pay the newspapers for what they write.""",
        """Newspapers that ask "Subscribe to continue reading" lose half of their readers at that line, she found, and
        win two in a thousand. The page was not found by one in nine visitors, says the report of the regulator.""",
        """The ferry is cancelled until Thursday, the harbour office writes. Those who have to cross can take the mail
        boat at seven; it costs 9 euros. Subscribers to the season ticket need not sign in for it.""",
        """Le journal vit de ses lecteurs : huit articles sur dix sont réservés aux abonnés. La publicité, en baisse
        depuis dix ans, ne paie plus que le papier, l'encre et une partie du facteur.""",
    ],
)
def test_a_short_piece_that_reports_of_a_notice_is_read(text: str) -> None:
    assert parse_article(page(f"<p>{text}</p>"), URL).segments


def test_a_notice_is_looked_for_in_a_short_text_only_whatever_its_count_of_words() -> None:
    notice = "<p>Please enable JavaScript to go on.</p>"

    with pytest.raises(NoTranscript, match="needs JavaScript"):
        parse_article(page(f"<p>{'[' * 9_000}</p>{notice}"), URL)
    with pytest.raises(NoTranscript, match="holds no article text"):
        parse_article(page(f"<p>{'[' * 30_000}</p>{notice}"), URL)
