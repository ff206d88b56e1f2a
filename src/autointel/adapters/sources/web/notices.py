"""Pages with a notice in place of an article: a teaser, consent, an ad blocker, a region, a site that is down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from autointel.adapters.sources.web.page import is_paid, length_in_words, visible_text
from autointel.domain.transcript import word_count
from autointel.errors import NoTranscript

# A teaser has a few paragraphs. A page with more has the article, whatever it offers beside.
_TEASER_WORDS: Final = 250
_NOTICE_WORDS: Final = 120
_CONSENT_SHARE: Final = 0.5
# Nobody writes about JavaScript in fewer words, and no newspaper gives away an article of so few.
_SHORT_WORDS: Final = 60
_GIVEN_WORDS: Final = 100

# What a paywall says, in the languages of the larger newspapers. One alone may be about subscriptions.
_PAYWALL: Final = re.compile(
    r"(?:continue|finish|keep) reading|to read (?:on|more|the (?:full|rest|whole))|read the full (?:article|story)"
    r"|subscribe (?:now|today|to (?:continue|read|unlock))|already (?:a )?(?:subscriber|subscribed|member"
    r"|have an account)|(?:for|to|exclusive to) (?:paid |paying )?(?:subscribers|members)(?: only)?\b"
    r"|subscribers?[- ]only|unlock this|(?:log|sign) in (?:to (?:read|continue|your account)|or subscribe)"
    r"|cancel (?:at )?any ?time|(?:sie sind|du bist) (?:schon|bereits) (?:abonnent|kunde)|(?:diesen"
    r"|den ganzen) artikel (?:weiter)?lesen|start your (?:free )?trial|available to \w{0,20} ?members"
    r"|create an? (?:new |free )?account to (?:read|continue)|(?:free articles?|articles? left|article limit)"
    r"|a (?:week|month) for the first|become a (?:member|subscriber)|weiterlesen|jetzt abonnieren"
    r"|abonnenten vorbehalten|(?:sind|bist) (?:sie|du) (?:schon|bereits) abonnent|jederzeit kündbar"
    r"|mit (?:einem )?abo\b|probemonat|réservé(?:e)? (?:aux|à nos) abonnés|déjà abonné|abonnez-vous|lire la suite"
    r"|sans engagement|exclusivo para (?:suscriptores|assinantes)|suscríbete|ya (?:eres|es) suscriptor|sigue leyendo"
    r"|riservat\w+ agli abbonati|sei già abbonato|abbonati (?:ora|per|a)|continua a leggere|já é assinante"
    r"|assine (?:já|agora|para)|continue lendo|alleen voor abonnees|al abonnee|lees verder"
    r"|(?:endast )?för prenumeranter|redan prenumerant|kun for abonnenter|allerede abonnent|tylko dla subskrybentów"
    r"|jesteś już subskrybentem|czytaj dalej|только для подписчиков|оформите подписку|会員限定|有料会員|続きを読む"
    r"|登録すると|订阅后|付费(?:阅读|会员|内容)|继续阅读|登录后|구독자 전용|유료 회원",
    re.IGNORECASE,
)
_CONSENT: Final = re.compile(
    r"\bcookies?\b|\bconsent\b|\bgdpr\b|legitimate interest|our partners|personal(?:i[sz]ed)? (?:data|ads?|content)"
    r"|accept all|reject all|manage (?:preferences|options|choices)|einwilligung|datenschutz|alle (?:akzeptieren"
    r"|ablehnen)|consentement|tout accepter|consentimiento|aceptar todo|consenso|accetta tutto|zgod[ay]\b|toestemming",
    re.IGNORECASE,
)
_SCRIPT: Final = re.compile(
    r"(?:enable|turn on|activate|requires?|need|allow|without|disabled) (?:the use of )?java ?script"
    r"|java ?script (?:is|must be|has been|to be) (?:disabled|enabled|required|turned off|off|needed|not)"
    r"|browser (?:is (?:not supported|out of date|outdated)|does not support)|javascript (?:aktivieren"
    r"|ist deaktiviert)|aktivieren sie java ?script|(?:activez?|habilit\w+|abilita\w*) javascript",
    re.IGNORECASE,
)
_ROBOT: Final = re.compile(
    r"(?:verify(?:ing)?|confirm|prove)(?: that)? you(?:'re| are) (?:a )?(?:human|not a robot)|checking (?:if"
    r"|your browser)|unusual (?:traffic|activity)|access (?:to this page )?(?:has been )?denied"
    r"|complete the (?:captcha|security check)|just a moment\b|review the security of your connection|are you a robot"
    r"|press (?:and|&) hold|(?:kein|pas (?:un )?|no (?:eres|soy|es) un|não (?:é|sou) um|non sei un|geen|nie jestem"
    r"|inte en) ?robo\w*|не робот|(?:êtes-vous|eres|é) (?:un|um) (?:robot|robô)|sind sie ein (?:mensch|roboter)"
    r"|(?:vous êtes|eres|sei) (?:un )?humano?\b|(?:activité|actividad|atividade|attività) (?:inhabituelle|inusual"
    r"|incomum|insolita)|ungewöhnliche (?:aktivität|zugriff)|机器人|機器人|ロボットではありません|로봇이 아닙니다",
    re.IGNORECASE,
)
_MISSING: Final = re.compile(
    r"(?:error )?404(?!\d)|(?:page|seite|article) (?:was |is |wurde )?(?:not|nicht) (?:found|gefunden)|找不到(?:该"
    r"|此)?页面|페이지를 찾을 수 없습니다",
    re.IGNORECASE,
)
# Of a thing on the site, that it is not there, in one sentence.
_GONE: Final = re.compile(
    r"(?:\b(?:page|article|story|content|post|link|seite|artikel|beitrag|inhalt|contenu|lien|p[áa]gina|art[íi]culo"
    r"|contenido|artigo|conteúdo|articolo|contenuto|stron[ay]|artykuł|sidan?|siden|sivua?|stránk[ay]"
    r"|страниц[аы])\b[^.!?]{0,80}(?:not (?:be )?found|(?:no longer|not) (?:available|exist)|been (?:removed|deleted"
    r"|moved)|nicht (?:mehr )?(?:gefunden|verfügbar|vorhanden|auffindbar|finden)|existiert nicht|introuvable"
    r"|n'existe (?:pas|plus)|(?:plus|pas) disponible|no (?:se )?(?:ha (?:sido )?)?(?:encontr|existe"
    r"|(?:está )?disponible)|eliminad|não (?:foi |pôde ser )?(?:encontr|existe|está (?:mais )?disponível)"
    r"|non (?:è (?:stat\w )?|più )?(?:trovat|esiste|disponibile)|niet (?:gevonden|beschikbaar)|bestaat niet"
    r"|nie (?:została )?(?:znalezion|istnieje)|(?:hittades|finns) inte|ikke (?:fundet|funnet)|ei löydy|nenalezen"
    r"|не (?:найдена|существует))|(?:can't|cannot|couldn't|could not|unable to) find (?:the|that|this) (?:page"
    r"|article)|(?:ページ|記事).{0,20}(?:見つかりません|存在しません|削除されました)|(?:页面|文章).{0,12}(?:不存在"
    r"|已删除))",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(rb"<title\b[^<>]{0,200}>([^<]{0,300})", re.IGNORECASE)
# An offer, in any of many languages: who subscribes, and where subscribers sign in or what they pay.
_ASKS: Final = re.compile("[?？؟]|[\u3040-\u9fff\uac00-\ud7af]")  # not every script needs a sign to ask
_MEMBER: Final = re.compile(
    r"subscri|abonn|abbon|suscri|assinan|prenumer|p[rř]edplat|előfizet|tilaa|abone|подпис|підпис|συνδρομ|会員|購読"
    r"|订阅|訂閱|會員|구독|회원|اشتراك|מנוי",
    re.IGNORECASE,
)
_ENTER: Final = re.compile(
    r"\b(?:log|sign) ?in\b|anmelden|einloggen|connectez|se connecter|inici[ae]r? sesión|\baccedi\b|\bentrar\b"
    r"|inloggen|logga in|logg inn|log ind|zaloguj|kirjaudu|p[rř]ihl[aá]s|bejelentkez|giriş yap|войти|войдите|увійти"
    r"|σύνδεση|ログイン|登录|登入|로그인|تسجيل الدخول|התחבר|[€$£¥₹]\s?\d|\d\s?(?:[€$£¥₽₺]|円|元|원|kr\b|kron|zł\b"
    r"|eur\b|euro\b|chf\b|kč\b|ft\b|руб)",
    re.IGNORECASE,
)
_PASSWORD: Final = re.compile(rb"<input\b[^<>]{0,300}\btype\s*=\s*[\"']?password", re.IGNORECASE)
_SIGN_HERE: Final = re.compile(
    r"(?:log|sign) ?in\b|anmelden|einloggen|se connecter|connexion|iniciar sesión|accedi\b|entrar\b", re.IGNORECASE
)
_FORGOTTEN: Final = re.compile(
    r"forgot(?:ten)? (?:your |my )?password|passwort vergessen|mot de passe oublié|(?:olvidado|olvidaste) (?:tu"
    r"|su) contraseña",
    re.IGNORECASE,
)
_BARRIER: Final = re.compile(
    rb"<(?:div|section|aside|p)\b[^<>]{0,300}\b(?:class|id)\s*=\s*[\"'][^\"'<>]{0,200}"
    rb"(?:paywall|metered-?content|paid-?(?:barrier|content|wall)|regwall|subscriber-?only|piano-?(?:offer|inline))",
    re.IGNORECASE,
)
_NOT_THERE: Final = ("The page says that what was asked for is not there.", "Check the address.")
_SAVE: Final = "Open it in a browser, save its text to a file, and pass that file."
_SIGN_IN: Final = "Open it in a browser that is signed in, save the whole text to a file, and pass that file."
# What stands at the end of a teaser, or above it, in few words, and nowhere else: one is enough.
_LONGEST_LINE: Final = 40
_FEW_LINES: Final = 3
_REST: Final = re.compile(
    r"il vous reste \d{1,3}\s?% (?:de cet article )?à lire|(?:la suite|le reste|cet article|ce contenu"
    r"|cette page)(?: de (?:cet |l')article)? (?:est|sont) (?:uniquement )?réservée? (?:aux|à nos) abonnés"
    r"|\A(?:article|contenu) réservé (?:aux|à nos) abonnés|weiterlesen mit (?:[\w-]{0,30} ?\+|[\w-]{1,30} ?plus\b|dem"
    r"|einem|ihrem|deinem|abo)|(?:dieser|der ganze|der vollständige) (?:artikel|beitrag|text) ist (?:nur "
    r"|exklusiv )?(?:für|unseren) (?:\w{1,12} )?abonnent|\A(?:exklusiv|nur) für abonnent|dieser (?:artikel"
    r"|inhalt) ist abonnent\w* vorbehalten|um (?:diesen|den ganzen) artikel zu lesen|(?:this|the rest of this"
    r"|the full) (?:article|story|post|content|piece) is (?:only |exclusively )?(?:available )?(?:for|to"
    r"|reserved for) (?:our )?(?:paid |paying |premium )?(?:subscribers|members)|(?:subscribe|sign|log|register"
    r"|account)\b[^.]{0,40} to (?:continue|keep|finish) reading|you(?:'ve| have) (?:reached|used|read) (?:your|all"
    r"|the) .{0,30}free (?:articles|stories)|subscribe to (?:read (?:this|the)|unlock|continue)"
    r"|\Acontenido (?:exclusivo|reservado) para (?:suscriptores|abonados)|este (?:artículo|contenido) es (?:exclusivo"
    r"|solo) para (?:nuestros )?(?:suscriptores|abonados)|suscríbete para (?:seguir leyendo|leer|continuar)|quest(?:'"
    r"|o )(?:articolo|contenuto) è (?:riservato|disponibile solo)|\A(?:articolo|contenuto) riservato agli abbonati"
    r"|abbonati per (?:continuare|leggere)|\Aconteúdo exclusivo para (?:assinantes|subscritores)|este (?:artigo"
    r"|conteúdo) é exclusivo (?:para|dos) (?:os )?(?:assinantes|subscritores)|assine para (?:continuar|ler)"
    r"|dit (?:artikel|verhaal) is (?:alleen|exclusief) (?:voor|toegankelijk voor) abonnees|\A(?:alleen"
    r"|exclusief) voor abonnees|lees verder met (?:een|uw|je) (?:abonnement|account)",
    re.IGNORECASE,
)
# What a page says to its reader in place of its text: what such a page is, its first words of it, and what goes with
# them. Articles speak of all this as well, so one sign alone decides nothing, nor do signs that stand far apart.
_BLOCKER: Final = (
    r"(?:ad[- ]?block\w*|(?:werbe|anzeigen)blocker\w*|bloqueurs? de (?:publicités?|pubs?)"
    r"|bloqueador(?:es)? de (?:anuncios|publicidad|anúncios|publicidade)|blocco (?:degli annunci|della pubblicità)"
    r"|(?:reclame|advertentie)blokker\w*)"
)
_AGAIN: Final = (
    r"try (?:again|later)|another shot|(?:reload|refresh)(?:ing)? (?:the|this|your) page|(?:reload|refresh) and"
    r"|(?:thank you|thanks) for your patience|sorry for (?:the|any) inconvenience|back (?:soon|shortly|online"
    r"|as soon as)|(?:this|our|the) (?:web ?site|server)\b|(?:später|gleich|in wenigen minuten|in kürze|nochmals?"
    r"|noch einmal|erneut) (?:wieder|noch ?(?:ein)?mal|erneut|versuchen)|versuchen sie es|versuch es"
    r"|lade(?:n sie)? (?:die|diese) seite|(?:diese|unsere) (?:web)?(?:seite|site)\b|réessaye[rz]"
    r"|actualise[rz] la page|recharge[rz] (?:la|cette) page|notre site|de retour (?:bientôt|dans)|(?:inténta"
    r"|int[eé]nte)\w* (?:de nuevo|más tarde|nuevamente)|vuelv[ae] a intentar\w*|(?:recarga|actualiza)\w* la página"
    r"|nuestr[oa] (?:sitio|página)|riprova\w*|ricarica\w* la pagina|nostro sito|tent[ae]\w* (?:novamente|mais tarde"
    r"|de novo)|recarreg\w+ a página|nosso site|probeer het|opnieuw|(?:laad|ververs) de pagina|onze (?:web)?site"
)
_INSTEAD: Final = tuple(
    (re.compile(first, re.IGNORECASE), re.compile(f"{first}|{more}|{_AGAIN}", re.IGNORECASE), what, hint)
    for first, more, what, hint in (
        (
            (
                r"(?:not|un) ?(?:currently )?available (?:in|from|to \w{1,12} in) (?:your|most) (?:region|country"
                r"|location|area|territory|european)|(?:access|visit)\w* (?:this|our) (?:web ?)?site from (?:a country"
                r"|within the|the) |unavailable for legal reasons|unavailable in (?:most )?(?:european countries"
                r"|the (?:eu|european))|in (?:ihr|dein)e[rm] (?:region|land) (?:leider |derzeit )?nicht (?:verfügbar"
                r"|abrufbar|zugänglich)|(?:pas|plus|in) ?(?:disponibles?|accessibles?) (?:dans|depuis) (?:votre"
                r"|ton) (?:région|pays|zone)|no (?:está |se encuentra )?disponible en (?:tu|su) (?:región|país|zona"
                r"|ubicación)|non (?:è )?(?:disponibile|accessibile) (?:nel|nella|dal|dalla) (?:tu|su)[ao] (?:paese"
                r"|regione|area|zona)|(?:não (?:está )?|in)disponível (?:na|no|para a|para o) (?:su|tu|se"
                r"|te)[au] (?:região|país|área)|niet (?:beschikbaar|toegankelijk) in (?:uw|jouw|je) (?:regio|land)"
            ),
            (
                r"general data protection regulation|\bgdpr\b|european (?:economic area|union)|(?:cannot"
                r"|unable to) (?:grant|provide|offer|give)|(?:e-?mail|contact|call) us|legal reasons|dsgvo"
                r"|datenschutz-grundverordnung|rechtlichen gründen|rgpd|raisons (?:légales|juridiques)|(?:razones"
                r"|motivos) legales|motivi legali|(?:razões|motivos) legais|avg\b|wettelijke redenen"
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
                r"|grâce à la publicité|sin (?:publicidad|anuncios)|senza pubblicità|sem (?:publicidade|anúncios)"
                r"|zonder (?:reclame|advertenties)|turn it off|(?:icon|symbol) (?:of|in|auf)|(?:subscribe|subscription"
                r"|mit (?:unserem|einem) abo|abonnez-vous|abonnieren|suscríbete|abbonati|assine|abonneer)\b"
            ),
            "asks to turn an ad blocker off, and shows no text",
            _SAVE,
        ),
        (
            (
                r"\b50[0234]\b.{0,5}(?:service|bad|gateway|internal|error|server)"
                r"|service (?:is )?(?:temporarily )?unavailable|internal server error|bad gateway|gateway time-?out"
                r"|(?:down|closed|offline|unavailable) for (?:\w{1,12} )?maintenance|(?:scheduled|planned"
                r"|under) maintenance|temporarily (?:unable to|unavailable|offline)|something went wrong"
                r"|error (?:has )?occurred|too many requests|403 forbidden|permission to access"
                r"|error establishing a database|maintenance downtime|wartungsarbeiten|in wartung|gewartet"
                r"|(?:vorübergehend|derzeit|momentan|gerade|zurzeit) (?:leider )?nicht (?:erreichbar|verfügbar)"
                r"|serverfehler|etwas (?:ist )?schief ?(?:ge|lief)\w*|fehler (?:ist )?aufgetreten|(?:en"
                r"|de) maintenance|momentanément indisponible|temporairement indisponible"
                r"|(?:une )?erreur (?:est survenue|s'est produite|interne|inattendue)|en mantenimiento|(?:algo"
                r"|alguna cosa) (?:ha )?salió mal|algo ha ido mal|(?:se ha producido|ocurrió|ha ocurrido) un error"
                r"|temporalmente (?:fuera de servicio|no disponible)|in manutenzione|qualcosa è andato storto"
                r"|si è verificato un errore|temporaneamente non (?:disponibile|raggiungibile)|em manutenção"
                r"|algo deu errado|ocorreu um erro|temporariamente indisponível|in onderhoud|onderhoudswerkzaamheden"
                r"|er (?:is|ging) iets (?:mis|fout)\w*|tijdelijk niet (?:beschikbaar|bereikbaar)"
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
                r"(?:check|look (?:in|into|at)) your (?:in-?box|e-?mail)|(?:confirm|verify) (?:your|that (?:the|your"
                r"|this)) (?:e-?mail|address|subscription)|(?:sent|send) you (?:an?|the) (?:e-?mail|link|message)"
                r"|confirmation (?:link|e-?mail|message)|bestätigen sie (?:bitte )?ihre|bestätigungs-?(?:link|mail"
                r"|e-mail)|(?:ihr|dein) \w{0,12}postfach|(?:ihren|deinen) posteingang|confirme[rz] votre (?:adresse"
                r"|inscription|e-?mail|abonnement)|boîte (?:de réception|mail)|(?:e-mail|lien) de confirmation"
                r"|confirm[ae]r? (?:tu|su) (?:correo|dirección|suscripción|e-?mail)|bandeja de entrada"
                r"|conferma\w* (?:il tuo|la tua|il suo|la sua) (?:e-?mail|indirizzo|iscrizione)|posta in arrivo"
                r"|confirm[ae]r? (?:o )?(?:seu|teu) (?:e-?mail|endereço)|caixa de entrada|bevestig (?:je"
                r"|uw) (?:e-?mail\w*|adres|inschrijving)|(?:je|uw) postvak"
            ),
            (
                r"(?:thank you|thanks) for (?:subscribing|signing up|registering|joining)|\bspam\b|junk"
                r"|click (?:on )?(?:the|this) link|(?:send|resend) it again|klicken sie (?:bitte )?auf|spam-?ordner"
                r"|clique[rz] sur|haz clic|clicca|cliqu?e no|klik op|(?:danke|vielen dank) für|merci (?:de|pour)"
                r"|gracias por|grazie per|obrigad[oa] por|bedankt voor"
            ),
            "asks to confirm an address, and shows no text",
            _SAVE,
        ),
        (
            (
                r"(?:log|sign) in (?:or (?:sign up|register|create an account) )?to (?:continue|view|see|read)"
                r"|sign in or (?:create|join)|must (?:be logged|be signed|log|sign) in|(?:melden sie sich"
                r"|melde dich) (?:bitte )?an\b|anmelden, um|(?:veuillez vous connecter|connectez-vous)|(?:inicia"
                r"|inicie) sesión para|(?:accedi|effettua (?:il login|l'accesso)) per|(?:faça login"
                r"|inicie sessão) para|log in om|meld je aan om"
            ),
            (
                r"(?:sign up|register|create an? (?:free )?account|don't have an account|already (?:on|have)"
                r"|agree (?:&|and) join|user agreement|new (?:to|here))|(?:noch )?kein konto|registrieren"
                r"|pas (?:encore )?de compte|inscrivez-vous|(?:no tienes|crea una) cuenta|regístrate"
                r"|non hai un account|registrati|não tem (?:uma )?conta|cadastre-se|geen account|registreer"
            ),
            "asks to sign in, and shows no text",
            _SIGN_IN,
        ),
        (
            (
                r"domain (?:name )?(?:is|may be) (?:for sale|available|parked)|(?:buy|about|purchase) this domain"
                r"|domain (?:ist|steht) (?:zu|zum) (?:verkauf|verkaufen)|(?:account|site) (?:has been |is )?suspended"
                r"|default (?:web ?|welcome |server )?page|welcome to nginx"
            ),
            r"for (?:sale|purchase)|related searches|hosting|registrar|web ?server|administrator|nginx|apache",
            "shows a notice of its host, and no text",
            "Check the address.",
        ),
        (
            r"by subscribing,? (?:i|you) agree|(?:type|enter) your e-?mail",
            r"subscribers?\b|privacy policy|terms of (?:use|service)|no thanks|collection notice",
            "asks to subscribe, and shows no text",
            _SAVE,
        ),
        (
            r"\b(?:over|under|über|unter) 18\b|legal (?:drinking )?age|plus de 18 ans|mayor de (?:18|edad)|maggiorenne",
            r"date of birth|enter (?:this|the) site|geburtsdatum|date de naissance|fecha de nacimiento|data di nascita",
            "asks for its reader's age, and shows no text",
            _SAVE,
        ),
        (
            r"(?:being|not|be) redirected|weitergeleitet|redirigée?s?\b|redirigid|reindirizzat|doorgestuurd",
            r"please wait|click here|few seconds|automati\w+|klicken sie|cliquez ici|haz clic|clicca qui|klik hier",
            "leads on to another page, and shows no text",
            "Open it in a browser, and pass the address that it leads to.",
        ),
    )
)
_WORDS_PER_SIGN: Final = 40
# Articles quote notices, and tell who says what of them; notices do neither.
_SAID: Final = re.compile('["“„«][^"“”„«»]{1,200}["”“»]')
_REPORTED: Final = re.compile(
    r"\b(?:said|says|told|warn(?:s|ed)?|reported|according to|sagte|sagt|laut|warnt|teilte|zufolge|a (?:dit|déclaré"
    r"|annoncé)|selon|dijo|según|anunció|ha (?:detto|dichiarato)|secondo (?:il|la|l')|disse|segundo [oa]|afirmou|zei"
    r"|zegt|volgens)\b",
    re.IGNORECASE,
)


def refuse_notice(paragraphs: Sequence[str], html: bytes) -> None:
    """Raise NoTranscript, with the reason, where the paragraphs are a notice or a teaser and no article."""
    words = length_in_words(" ".join(paragraphs))
    if words < _NOTICE_WORDS:
        _refuse_wall(paragraphs, html)
    if words < 2 * _TEASER_WORDS and _share(_CONSENT, paragraphs) >= _CONSENT_SHARE:
        raise NoTranscript("The page shows a consent notice in place of its text.", _SAVE)
    if words < _TEASER_WORDS:
        _refuse_instead(paragraphs, words)
    if words < _NOTICE_WORDS:
        _refuse_gone(paragraphs)
    _refuse_teaser(paragraphs, html)


def _refuse_teaser(paragraphs: Sequence[str], html: bytes) -> None:
    article = 0
    for text in paragraphs:
        article += 0 if _PAYWALL.search(text) else length_in_words(text)
        if article >= _TEASER_WORDS:  # to look through a whole book for offers takes seconds
            return
    own = [_SAID.sub(" ", _plain(text)) for text in paragraphs if not _REPORTED.search(text)]
    offers = len({found.group().lower() for text in own for found in _PAYWALL.finditer(text)})
    lines = [text for text in own if word_count(text) < _LONGEST_LINE]
    ends = any(map(_REST.search, lines))
    if not ends and article < _GIVEN_WORDS:
        visible = _plain(visible_text(html, _TEASER_WORDS))
        for text in paragraphs:  # what stands beside the text
            visible = visible.replace(_plain(text), " ")
        barred = _BARRIER.search(html) is not None and _PAYWALL.search(visible) is not None
        offered = any(
            _ASKS.search(each) and _MEMBER.search(each) and _ENTER.search(each) for each in lines[-_FEW_LINES:]
        )
        ends = barred or offered or _REST.search(visible) is not None
    if offers > 1 or ends or is_paid(html):
        raise NoTranscript("The page shows the beginning of an article only; the rest is for subscribers.", _SIGN_IN)


def refuse_empty(html: bytes) -> None:
    """Raise NoTranscript for a page without article text, with the reason that the page itself gives."""
    _refuse_wall((), html)
    text = _plain(visible_text(html, _TEASER_WORDS))
    for first, _, what, hint in _INSTEAD:
        if first.search(text):
            raise NoTranscript(f"The page {what}.", hint)
    if _GONE.search(_SAID.sub(" ", text)):
        raise NoTranscript(*_NOT_THERE)
    if is_paid(html):
        raise NoTranscript("The page shows no text of its article, which is for subscribers.", _SIGN_IN)
    raise NoTranscript("The page holds no article text; it may need JavaScript or a subscription.", _SAVE)


def _refuse_wall(paragraphs: Sequence[str], html: bytes) -> None:
    text = " ".join(paragraphs) or visible_text(html, _TEASER_WORDS)
    if _ROBOT.search(text):
        raise NoTranscript("The page asks for proof that a person is reading, and shows no text.", _SAVE)
    if _SCRIPT.search(text) or ("javascript" in text.lower() and word_count(text) < _SHORT_WORDS):
        raise NoTranscript("The page shows a notice that it needs JavaScript, and no text.", _SAVE)
    if any(map(_MISSING.match, paragraphs[:3])) or (not paragraphs and _MISSING.search(text)):
        raise NoTranscript(*_NOT_THERE)
    # Many pages have a form to sign in above their text.
    titles = [title.decode(errors="replace").strip() for title in _TITLE.findall(html)]
    signs = not paragraphs or any(map(_SIGN_HERE.match, [*paragraphs[:3], *titles[:1]]))
    if signs and (_PASSWORD.search(html) or _FORGOTTEN.search(text)):
        raise NoTranscript("The page asks to sign in, and shows no text.", _SIGN_IN)
    if not paragraphs and _CONSENT.search(text):
        raise NoTranscript("The page shows a consent notice in place of its text.", _SAVE)


def _refuse_gone(paragraphs: Sequence[str]) -> None:
    texts = [_SAID.sub(" ", _plain(text)) for text in paragraphs]
    reported = any(word_count(text) > _LONGEST_LINE or _REPORTED.search(text) for text in texts)
    if not reported and any(map(_GONE.search, texts[:_FEW_LINES])):
        raise NoTranscript(*_NOT_THERE)


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


def _share(pattern: re.Pattern[str], paragraphs: Sequence[str]) -> float:
    """Words of the paragraphs in which the pattern is found, as a share of all words."""
    sizes = [(word_count(text), bool(pattern.search(text))) for text in paragraphs]
    return sum(size for size, found in sizes if found) / max(1, sum(size for size, _ in sizes))
