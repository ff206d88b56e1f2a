"""Pages with a notice in place of an article: a teaser, consent, an ad blocker, a region, a site that is down."""

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
    r"|(?:for|to|exclusive to) (?:paid |paying )?(?:subscribers|members)(?: only)?\b|subscribers?[- ]only"
    r"|unlock this"
    r"|(?:log|sign) in (?:to (?:read|continue|your account)|or subscribe)|cancel (?:at )?any ?time"
    r"|(?:sie sind|du bist) (?:schon|bereits) (?:abonnent|kunde)|(?:diesen|den ganzen) artikel (?:weiter)?lesen"
    r"|start your (?:free )?trial|available to \w{0,20} ?members|create an? (?:new |free )?account to"
    r" (?:read|continue)"
    r"|(?:free articles?|articles? left|article limit)|a (?:week|month) for the first|become a (?:member"
    r"|subscriber)"
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
# What stands at the end of a teaser, or above it, in few words, and nowhere else: one is enough.
_LONGEST_LINE: Final = 40
_REST: Final = re.compile(
    r"il vous reste \d{1,3}\s?% (?:de cet article )?à lire"
    r"|(?:la suite|le reste|cet article|ce contenu|cette page)(?: de (?:cet |l')article)? (?:est|sont) (?:uniquement )?"
    r"réservée? (?:aux|à nos) abonnés|\A(?:article|contenu) réservé (?:aux|à nos) abonnés"
    r"|weiterlesen mit (?:[\w-]{0,30} ?\+|[\w-]{1,30} ?plus\b|dem|einem|ihrem|deinem|abo)"
    r"|(?:dieser|der ganze|der vollständige) (?:artikel|beitrag|text) ist (?:nur |exklusiv )?(?:für|unseren)"
    r" (?:\w{1,12} )?abonnent|\A(?:exklusiv|nur) für abonnent"
    r"|dieser (?:artikel|inhalt) ist abonnent\w* vorbehalten|um (?:diesen|den ganzen) artikel zu lesen"
    r"|(?:this|the rest of this|the full) (?:article|story|post|content|piece) is"
    r" (?:only |exclusively )?(?:available )?"
    r"(?:for|to|reserved for) (?:our )?(?:paid |paying |premium )?(?:subscribers|members)"
    r"|(?:subscribe|sign|log|register|account)\b[^.]{0,40} to (?:continue|keep|finish) reading"
    r"|you(?:'ve| have) (?:reached|used|read) (?:your|all|the) .{0,30}free (?:articles|stories)"
    r"|subscribe to (?:read (?:this|the)|unlock|continue)"
    r"|\Acontenido (?:exclusivo|reservado) para (?:suscriptores|abonados)|este"
    r" (?:artículo|contenido) es (?:exclusivo|solo)"
    r" para (?:nuestros )?(?:suscriptores|abonados)|suscríbete para (?:seguir leyendo|leer|continuar)"
    r"|quest(?:'|o )(?:articolo|contenuto) è (?:riservato|disponibile solo)"
    r"|\A(?:articolo|contenuto) riservato agli abbonati|abbonati per (?:continuare|leggere)"
    r"|\Aconteúdo exclusivo para (?:assinantes|subscritores)"
    r"|este (?:artigo|conteúdo) é exclusivo (?:para|dos) (?:os )?(?:assinantes"
    r"|subscritores)|assine para (?:continuar|ler)"
    r"|dit (?:artikel|verhaal) is (?:alleen|exclusief) (?:voor|toegankelijk voor) abonnees"
    r"|\A(?:alleen|exclusief) voor abonnees|lees verder met (?:een|uw|je) (?:abonnement|account)",
    re.IGNORECASE,
)
# What a page says to its reader in place of its text: what such a page is, its first words of it, and what goes with
# them. Articles speak of all this as well, so one sign alone decides nothing, nor do signs that stand far apart.
_BLOCKER: Final = (
    r"(?:ad[- ]?block\w*|(?:werbe|anzeigen)blocker\w*|bloqueurs? de (?:publicités?|pubs?)|bloqueador(?:es)?"
    r" de (?:anuncios"
    r"|publicidad|anúncios|publicidade)|blocco (?:degli annunci|della pubblicità)|(?:reclame"
    r"|advertentie)blokker\w*)"
)
_AGAIN: Final = (
    r"try (?:again|later)|another shot|(?:reload|refresh)(?:ing)? (?:the|this|your) page|(?:reload|refresh)"
    r" and|(?:thank you|thanks) for your patience"
    r"|sorry for (?:the|any) inconvenience|back (?:soon|shortly|online|as soon as)|(?:this|our|the) (?:web"
    r" ?site|server)\b"
    r"|(?:später|gleich|in wenigen minuten|in kürze|nochmals?|noch einmal|erneut) (?:wieder|noch"
    r" ?(?:ein)?mal|erneut|versuchen)"
    r"|versuchen sie es|versuch es|lade(?:n sie)? (?:die|diese) seite|(?:diese|unsere) (?:web)?(?:seite|site)\b"
    r"|réessaye[rz]|actualise[rz] la page|recharge[rz] (?:la|cette) page|notre site|de retour (?:bientôt|dans)"
    r"|(?:inténta|int[eé]nte)\w* (?:de nuevo|más tarde|nuevamente)|vuelv[ae] a intentar\w*|(?:recarga"
    r"|actualiza)\w* la página|nuestr[oa] (?:sitio|página)"
    r"|riprova\w*|ricarica\w* la pagina|nostro sito|tent[ae]\w* (?:novamente|mais tarde|de novo)"
    r"|recarreg\w+ a página|nosso site"
    r"|probeer het|opnieuw|(?:laad|ververs) de pagina|onze (?:web)?site"
)
_INSTEAD: Final = tuple(
    (re.compile(first, re.IGNORECASE), re.compile(f"{first}|{more}|{_AGAIN}", re.IGNORECASE), what, hint)
    for first, more, what, hint in (
        (
            (
                r"(?:not|un) ?(?:currently )?available (?:in|from|to \w{1,12} in) (?:your|most) (?:region"
                r"|country|location|area|territory|european)"
                r"|(?:access|visit)\w* (?:this|our) (?:web ?)?site from (?:a country|within the|the) "
                r"|unavailable for legal reasons|unavailable in (?:most )?(?:european countries|the (?:eu|european))"
                r"|in (?:ihr|dein)e[rm] (?:region|land) (?:leider |derzeit )?nicht (?:verfügbar|abrufbar|zugänglich)"
                r"|(?:pas|plus|in) ?(?:disponibles?|accessibles?) (?:dans|depuis) (?:votre|ton) (?:région|pays|zone)"
                r"|no (?:está |se encuentra )?disponible en (?:tu|su) (?:región|país|zona|ubicación)"
                r"|non (?:è )?(?:disponibile|accessibile) (?:nel|nella|dal|dalla) (?:tu|su)[ao] (?:paese"
                r"|regione|area|zona)"
                r"|(?:não (?:está )?|in)disponível (?:na|no|para a|para o) (?:su|tu|se|te)[au] (?:região|país|área)"
                r"|niet (?:beschikbaar|toegankelijk) in (?:uw|jouw|je) (?:regio|land)"
            ),
            (
                r"general data protection regulation|\bgdpr\b|european (?:economic area|union)|(?:cannot|unable"
                r" to) (?:grant|provide|offer|give)"
                r"|(?:e-?mail|contact|call) us|legal reasons|dsgvo|datenschutz-grundverordnung|rechtlichen gründen|rgpd"
                r"|raisons (?:légales|juridiques)|(?:razones|motivos) legales|motivi legali|(?:razões|motivos)"
                r" legais|avg\b|wettelijke redenen"
            ),
            "says that it is not shown in the region that this machine is in",
            _SAVE,
        ),
        (
            (
                rf"(?:disabl|turn|switch|paus|deactivat|whitelist|remov|deaktivier|schalte|désactive|desactiv"
                rf"|desativ|disattiva|disabilita|schakel)\w*"
                rf" (?:[^\s.]{{1,14}} ){{0,4}}{_BLOCKER}|(?:us(?:e|ing)|verwende[nt]|nutz(?:en|t)|benutz(?:en"
                rf"|t)|utilise[sz]|(?:usando|utilizando|using|usa|utiliza)) "
                rf"(?:an?|einen|un|uma?|een|ein) {_BLOCKER}|(?:your|ihre?n?|deine?n?|votre|ton|tu|su|seu|teu"
                rf"|tuo|suo|uw|je|jouw) {_BLOCKER}"
                rf"|{_BLOCKER} (?:was |has been |is |wurde )?(?:detected|erkannt|détecté|detectado|rilevato"
                rf"|gedetecteerd|aktiv)"
            ),
            (
                r"(?:allow|without|see|show) (?:ads|advertis\w+)|ohne werbung|durch werbung|sans publicité"
                r"|grâce à la publicité|sin (?:publicidad|anuncios)"
                r"|senza pubblicità|sem (?:publicidade|anúncios)|zonder (?:reclame|advertenties)|turn it off"
                r"|(?:icon|symbol) (?:of|in|auf)"
                r"|(?:subscribe|subscription|mit (?:unserem|einem) abo|abonnez-vous|abonnieren|suscríbete"
                r"|abbonati|assine|abonneer)\b"
            ),
            "asks to turn an ad blocker off, and shows no text",
            _SAVE,
        ),
        (
            (
                r"\b50[0234]\b.{0,5}(?:service|bad|gateway|internal|error|server)|service (?:is"
                r" )?(?:temporarily )?unavailable|internal server error"
                r"|bad gateway|gateway time-?out|(?:down|closed|offline|unavailable) for (?:\w{1,12}"
                r" )?maintenance|(?:scheduled|planned|under) maintenance"
                r"|temporarily (?:unable to|unavailable|offline)|something went wrong|error (?:has )?occurred"
                r"|too many requests|403 forbidden"
                r"|permission to access|error establishing a database|maintenance downtime"
                r"|wartungsarbeiten|in wartung|gewartet|(?:vorübergehend|derzeit|momentan|gerade|zurzeit)"
                r" (?:leider )?nicht (?:erreichbar|verfügbar)|serverfehler"
                r"|etwas (?:ist )?schief ?(?:ge|lief)\w*|fehler (?:ist )?aufgetreten|(?:en|de) maintenance"
                r"|momentanément indisponible|temporairement indisponible"
                r"|(?:une )?erreur (?:est survenue|s'est produite|interne|inattendue)|en mantenimiento|(?:algo"
                r"|alguna cosa) (?:ha )?salió mal|algo ha ido mal"
                r"|(?:se ha producido|ocurrió|ha ocurrido) un error|temporalmente (?:fuera de servicio|no"
                r" disponible)|in manutenzione|qualcosa è andato storto"
                r"|si è verificato un errore|temporaneamente non (?:disponibile|raggiungibile)|em manutenção"
                r"|algo deu errado|ocorreu um erro|temporariamente indisponível"
                r"|in onderhoud|onderhoudswerkzaamheden|er (?:is|ging) iets (?:mis|fout)\w*|tijdelijk niet"
                r" (?:beschikbaar|bereikbaar)"
            ),
            (
                r"(?:service|handle|process|complete) your request|capacity problems|working (?:hard )?to"
                r"|privacy[- ]related extensions|reference (?:id|number)"
            ),
            "says that its site is down or has failed, and shows no text",
            "Try again later, or open it in a browser, save its text to a file, and pass that file.",
        ),
        (
            (
                r"(?:check|look (?:in|into|at)) your (?:in-?box|e-?mail)|(?:confirm|verify) (?:your|that (?:the"
                r"|your|this)) (?:e-?mail|address|subscription)"
                r"|(?:sent|send) you (?:an?|the) (?:e-?mail|link|message)|confirmation (?:link|e-?mail|message)"
                r"|bestätigen sie (?:bitte )?ihre"
                r"|bestätigungs-?(?:link|mail|e-mail)|(?:ihr|dein) \w{0,12}postfach|(?:ihren|deinen)"
                r" posteingang|confirme[rz] votre (?:adresse|inscription|e-?mail|abonnement)"
                r"|boîte (?:de réception|mail)|(?:e-mail|lien) de confirmation|confirm[ae]r? (?:tu|su)"
                r" (?:correo|dirección|suscripción|e-?mail)|bandeja de entrada"
                r"|conferma\w* (?:il tuo|la tua|il suo|la sua) (?:e-?mail|indirizzo|iscrizione)|posta in arrivo"
                r"|confirm[ae]r? (?:o )?(?:seu|teu) (?:e-?mail|endereço)|caixa de entrada"
                r"|bevestig (?:je|uw) (?:e-?mail\w*|adres|inschrijving)|(?:je|uw) postvak"
            ),
            (
                r"(?:thank you|thanks) for (?:subscribing|signing up|registering|joining)|\bspam\b|junk|click"
                r" (?:on )?(?:the|this) link|(?:send|resend) it again"
                r"|klicken sie (?:bitte )?auf|spam-?ordner|clique[rz] sur|haz clic|clicca|cliqu?e no|klik op"
                r"|(?:danke|vielen dank) für|merci (?:de|pour)|gracias por|grazie per|obrigad[oa] por|bedankt voor"
            ),
            "asks to confirm an address, and shows no text",
            _SAVE,
        ),
        (
            (
                r"(?:log|sign) in (?:or (?:sign up|register|create an account) )?to (?:continue|view|see|read)"
                r"|must (?:be logged|be signed|log|sign) in"
                r"|(?:melden sie sich|melde dich) (?:bitte )?an\b|anmelden, um|(?:veuillez vous connecter"
                r"|connectez-vous)|(?:inicia|inicie) sesión para"
                r"|(?:accedi|effettua (?:il login|l'accesso)) per|(?:faça login|inicie sessão) para|log in om"
                r"|meld je aan om"
            ),
            (
                r"(?:sign up|register|create an? (?:free )?account|don't have an account|new (?:to|here))"
                r"|(?:noch )?kein konto|registrieren|pas (?:encore )?de compte"
                r"|inscrivez-vous|(?:no tienes|crea una) cuenta|regístrate|non hai un account|registrati|não"
                r" tem (?:uma )?conta|cadastre-se|geen account|registreer"
            ),
            "asks to sign in, and shows no text",
            _SIGN_IN,
        ),
    )
)
_WORDS_PER_SIGN: Final = 40
# Articles quote notices, and tell who says what of them; notices do neither.
_SAID: Final = re.compile('["“„«][^"“”„«»]{1,200}["”“»]')
_REPORTED: Final = re.compile(
    r"\b(?:said|says|told|warn(?:s|ed)?|reported|according to|sagte|sagt|laut|warnt"
    r"|teilte|zufolge|a (?:dit|déclaré|annoncé)"
    r"|selon|dijo|según|anunció|ha (?:detto|dichiarato)|secondo (?:il|la|l')|disse"
    r"|segundo [oa]|afirmou|zei|zegt|volgens)\b",
    re.IGNORECASE,
)


def refuse_notice(paragraphs: Sequence[str], html: bytes) -> None:
    """Raise NoTranscript, with the reason, where the paragraphs are a notice or a teaser and no article."""
    words = word_count(" ".join(paragraphs))
    if words < _NOTICE_WORDS:
        _refuse_wall(paragraphs, html)
    if words < 2 * _TEASER_WORDS and _share(_CONSENT, paragraphs) >= _CONSENT_SHARE:
        raise NoTranscript("The page shows a consent notice in place of its text.", _SAVE)
    if words < _TEASER_WORDS:
        _refuse_instead(paragraphs, words)
    article = 0
    for text in paragraphs:
        article += 0 if _PAYWALL.search(text) else word_count(text)
        if article >= _TEASER_WORDS:  # to look through a whole book for offers takes seconds
            return
    offers = len({found.group().lower() for text in paragraphs for found in _PAYWALL.finditer(text)})
    ends = any(_REST.search(_plain(text)) for text in paragraphs if word_count(text) < _LONGEST_LINE)
    barred = article < _GIVEN_WORDS and _BARRIER.search(html) is not None and _PAYWALL.search(_visible(html))
    if offers > 1 or ends or barred or is_paid(html):
        raise NoTranscript("The page shows the beginning of an article only; the rest is for subscribers.", _SIGN_IN)


def refuse_empty(html: bytes) -> None:
    """Raise NoTranscript for a page without article text, with the reason that the page itself gives."""
    _refuse_wall((), html)
    text = _plain(_visible(html))
    for first, _, what, hint in _INSTEAD:
        if first.search(text):
            raise NoTranscript(f"The page {what}.", hint)
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


def _refuse_instead(paragraphs: Sequence[str], words: int) -> None:
    """Raise NoTranscript for few words that are mostly what a site says of itself; not for what an article reports."""
    texts = [_SAID.sub(" ", _plain(text)) for text in paragraphs]
    if any(map(_REPORTED.search, texts)):
        return
    for first, more, what, hint in _INSTEAD:
        if not any(map(first.search, texts)):
            continue
        signs = {found.group().lower() for text in texts for found in more.finditer(text)}
        if len(signs) >= max(2, words / _WORDS_PER_SIGN) and _share(more, texts) >= _CONSENT_SHARE:
            raise NoTranscript(f"The page {what}.", hint)


def _plain(text: str) -> str:
    return text.replace("’", "'").replace("\xa0", " ").replace("\u202f", " ")


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
