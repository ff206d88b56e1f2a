"""Pages that hold a notice in place of an article: a paywall's teaser, a consent layer, a demand for JavaScript."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from autointel.adapters.sources.web.page import structured_data, tree
from autointel.domain.transcript import word_count
from autointel.errors import NoTranscript

# A teaser has a few paragraphs. A page with more has the article, whatever it offers beside.
_TEASER_WORDS: Final = 250
_NOTICE_WORDS: Final = 120
_CONSENT_SHARE: Final = 0.5
# Nobody writes about JavaScript in fewer words, and no newspaper gives away an article of so few.
_SHORT_WORDS: Final = 60
_GIVEN_WORDS: Final = 100
_FREE: Final = "isAccessibleForFree"

# What a paywall says, in the languages of the larger newspapers. One alone may be about subscriptions.
_PAYWALL: Final = re.compile(
    r"(?:continue|finish|keep) reading|to read (?:on|more|the (?:full|rest|whole))|read the full (?:article|story)"
    r"|subscribe (?:now|today|to (?:continue|read|unlock))"
    r"|already (?:a )?(?:subscriber|subscribed|member|have an account)"
    r"|(?:for|to|exclusive to) (?:paid |paying )?(?:subscribers|members)(?: only)?\b|subscribers?[- ]only|unlock this"
    r"|(?:log|sign) in (?:to (?:read|continue|your account)|or subscribe)|cancel (?:at )?any ?time"
    r"|(?:sie sind|du bist) (?:schon|bereits) (?:abonnent|kunde)|(?:diesen|den ganzen) artikel (?:weiter)?lesen"
    r"|start your (?:free )?trial|available to \w{0,20} ?members|create an? (?:new |free )?account to (?:read|continue)"
    r"|(?:free articles?|articles? left|article limit)|a (?:week|month) for the first|become a (?:member|subscriber)"
    r"|weiterlesen|jetzt abonnieren|abonnenten vorbehalten|(?:sind|bist) (?:sie|du) (?:schon|bereits) abonnent"
    r"|jederzeit kündbar|mit (?:einem )?abo\b|probemonat|réservé(?:e)? (?:aux|à nos) abonnés|déjà abonné"
    r"|abonnez-vous|lire la suite|sans engagement|exclusivo para (?:suscriptores|assinantes)|suscríbete"
    r"|ya (?:eres|es) suscriptor|sigue leyendo|riservat\w+ agli abbonati|sei già abbonato|abbonati (?:ora|per|a)"
    r"|continua a leggere|já é assinante|assine (?:já|agora|para)|continue lendo|alleen voor abonnees|al abonnee"
    r"|lees verder|(?:endast )?för prenumeranter|redan prenumerant|kun for abonnenter|allerede abonnent"
    r"|tylko dla subskrybentów|jesteś już subskrybentem|czytaj dalej|только для подписчиков|оформите подписку"
    r"|会員限定|有料会員|続きを読む|登録すると|订阅后|付费(?:阅读|会员|内容)|继续阅读|登录后|구독자 전용|유료 회원",
    re.IGNORECASE,
)
_CONSENT: Final = re.compile(
    r"\bcookies?\b|\bconsent\b|\bgdpr\b|legitimate interest|our partners|personal(?:i[sz]ed)? (?:data|ads?|content)"
    r"|accept all|reject all|manage (?:preferences|options|choices)|einwilligung|datenschutz"
    r"|alle (?:akzeptieren|ablehnen)"
    r"|consentement|tout accepter|consentimiento|aceptar todo|consenso|accetta tutto|zgod[ay]\b|toestemming",
    re.IGNORECASE,
)
_SCRIPT: Final = re.compile(
    r"(?:enable|turn on|activate|requires?|need|allow|without|disabled) (?:the use of )?java ?script"
    r"|java ?script (?:is|must be|has been|to be) (?:disabled|enabled|required|turned off|off|needed|not)"
    r"|browser (?:is (?:not supported|out of date|outdated)|does not support)"
    r"|javascript (?:aktivieren|ist deaktiviert)|aktivieren sie java ?script"
    r"|(?:activez?|habilit\w+|abilita\w*) javascript",
    re.IGNORECASE,
)
_ROBOT: Final = re.compile(
    r"(?:verify(?:ing)?|confirm|prove)(?: that)? you(?:'re| are) (?:a )?(?:human|not a robot)"
    r"|checking (?:if|your browser)"
    r"|unusual (?:traffic|activity)|access (?:to this page )?(?:has been )?denied"
    r"|complete the (?:captcha|security check)"
    r"|just a moment\b|review the security of your connection|are you a robot|press (?:and|&) hold",
    re.IGNORECASE,
)
_MISSING: Final = re.compile(
    r"(?:(?:error )?404(?!\d)|(?:page|seite|article) (?:was |is |wurde )?(?:not|nicht) (?:found|gefunden)"
    r"|(?:sorry|oops)\b.{0,60}\b(?:page|article)\b.{0,60}(?:not (?:be )?found|not exist|no longer)"
    r"|page introuvable|página no encontrada|página não encontrada|pagina non trovata|pagina niet gevonden"
    r"|страница не найдена|页面不存在|找不到(?:该|此)?页面|ページが見つかりません|페이지를 찾을 수 없습니다)",
    re.IGNORECASE,
)
_PASSWORD: Final = re.compile(rb"<input\b[^<>]{0,300}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_SIGN_HERE: Final = re.compile(
    r"(?:log|sign) ?in\b|anmelden|einloggen|se connecter|connexion|iniciar sesión|accedi\b|entrar\b", re.IGNORECASE
)
_FORGOTTEN: Final = re.compile(
    r"forgot(?:ten)? (?:your |my )?password|passwort vergessen|mot de passe oublié"
    r"|(?:olvidado|olvidaste) (?:tu|su) contraseña",
    re.IGNORECASE,
)
_BARRIER: Final = re.compile(
    rb"<(?:div|section|aside|p)\b[^<>]{0,300}\b(?:class|id)\s*=\s*[\"'][^\"'<>]{0,200}"
    rb"(?:paywall|metered-?content|paid-?(?:barrier|content|wall)|regwall|subscriber-?only|piano-?(?:offer|inline))",
    re.IGNORECASE,
)
_SAVE: Final = "Open it in a browser, save its text to a file, and pass that file."
_SIGN_IN: Final = "Open it in a browser that is signed in, save the whole text to a file, and pass that file."


def refuse_notice(paragraphs: Sequence[str], html: bytes) -> None:
    """Raise NoTranscript, with the reason, where the paragraphs are a notice or a teaser and no article."""
    words = word_count(" ".join(paragraphs))
    if words < _NOTICE_WORDS:
        _refuse_wall(paragraphs, html)
    if words < 2 * _TEASER_WORDS and _share(_CONSENT, paragraphs) >= _CONSENT_SHARE:
        raise NoTranscript("The page shows a consent notice in place of its text.", _SAVE)
    article = 0
    for text in paragraphs:
        article += 0 if _PAYWALL.search(text) else word_count(text)
        if article >= _TEASER_WORDS:  # to look through a whole book for offers takes seconds
            return
    offers = len({found.group().lower() for text in paragraphs for found in _PAYWALL.finditer(text)})
    barred = article < _GIVEN_WORDS and _BARRIER.search(html) is not None and _PAYWALL.search(_visible(html))
    if offers > 1 or barred or is_paid(html):
        raise NoTranscript("The page shows the beginning of an article only; the rest is for subscribers.", _SIGN_IN)


def refuse_empty(html: bytes) -> None:
    """Raise NoTranscript for a page without article text, with the reason that the page itself gives."""
    _refuse_wall((), html)
    if is_paid(html):
        raise NoTranscript("The page shows no text of its article, which is for subscribers.", _SIGN_IN)
    raise NoTranscript("The page holds no article text; it may need JavaScript or a subscription.", _SAVE)


def is_paid(html: bytes) -> bool:
    """Whether the page's structured data says that it is not accessible for free (schema.org)."""
    root = tree(html) if _FREE.encode() in html else None
    if root is None:
        return False
    declared = [thing.get(_FREE) for thing in structured_data(root)]
    declared += [meta.get("content") for meta in root.iter("meta") if meta.get("itemprop") == _FREE]
    return any(str(value).strip().lower() in {"false", "http://schema.org/false"} for value in declared)


def _refuse_wall(paragraphs: Sequence[str], html: bytes) -> None:
    text = " ".join(paragraphs) or _visible(html)
    if _ROBOT.search(text):
        raise NoTranscript("The page asks for proof that a person is reading, and shows no text.", _SAVE)
    if _SCRIPT.search(text) or ("javascript" in text.lower() and word_count(text) < _SHORT_WORDS):
        raise NoTranscript("The page shows a notice that it needs JavaScript, and no text.", _SAVE)
    if any(map(_MISSING.match, paragraphs[:3])) or (not paragraphs and _MISSING.search(text)):
        raise NoTranscript("The page says that what was asked for is not there.", "Check the address.")
    # Many pages have a form to sign in above their text.
    signs = not paragraphs or any(map(_SIGN_HERE.match, paragraphs[:3]))
    if signs and (_PASSWORD.search(html) or _FORGOTTEN.search(text)):
        raise NoTranscript("The page asks to sign in, and shows no text.", _SIGN_IN)
    if not paragraphs and _CONSENT.search(text):
        raise NoTranscript("The page shows a consent notice in place of its text.", _SAVE)


def _visible(html: bytes) -> str:
    """The text of a small page, "" for a larger one: enough to find a notice in."""
    root = tree(html)
    if root is None:
        return ""
    for element in list(root.iter("script", "style", "template")):
        element.drop_tree()
    text = " ".join(" ".join(map(str, root.itertext())).split())
    return text if word_count(text) < _TEASER_WORDS else ""


def _share(pattern: re.Pattern[str], paragraphs: Sequence[str]) -> float:
    """Words of the paragraphs in which the pattern is found, as a share of all words."""
    sizes = [(word_count(text), bool(pattern.search(text))) for text in paragraphs]
    return sum(size for size, found in sizes if found) / max(1, sum(size for size, _ in sizes))
