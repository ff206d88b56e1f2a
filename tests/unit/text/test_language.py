from __future__ import annotations

import subprocess
import sys

import pytest

from autointel.text.language import detect_language, english_parts, is_english, language_name, settled_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("So what we are going to do is look at the drives and see.", "en"),
        ("THANK YOU VERY MUCH FOR COMING TO THIS TALK ABOUT BUSES", "en"),
        ("Guten Tag, ich möchte heute etwas über den Nahverkehr sagen.", "de"),
        ("Bonjour à tous et bienvenue dans cette émission.", "fr"),
        ("今日は公共交通の費用について話します。", "ja"),
    ],
)
def test_a_sentence_is_enough_to_tell(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    "text",
    ["", "Hello", "12345 67890 !!! ???", "...", "ok ok ok", "Det er en god dag i dag, og vi skal snakke om busser"],
)
def test_too_little_or_too_ambiguous_is_not_guessed_at(text: str) -> None:
    assert detect_language(text) is None


def test_a_long_text_is_judged_by_its_beginning_middle_and_end() -> None:
    german = "Wir sprechen heute über die Kosten des Nahverkehrs in unserer Stadt. "

    assert detect_language("La la la. " + german * 20_000) == "de"


@pytest.mark.parametrize("language", ["en", "en-GB", "EN_us", "eng"])
def test_every_kind_of_english_is_english(language: str) -> None:
    assert is_english(language, "日本語")


def test_another_language_is_not_english_whatever_its_letters() -> None:
    assert not is_english("de", "the and of")


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("so we went on and we saw that it was not there", True),
        ("Det er en god dag i dag, og vi skal snakke om busser", False),
        ("Hello there", True),
        ("日本語", False),
        ("Здравствуйте, дорогие друзья, сегодня мы говорим о городе", False),
    ],
)
def test_an_unknown_language_is_english_by_its_small_words(text: str, english: bool) -> None:  # noqa: FBT001
    assert is_english(None, text) is english


def test_languages_are_named_with_their_code() -> None:
    assert language_name("de-AT") == "German (de-AT)"
    assert language_name("tlh") == "tlh"
    assert language_name(None) == "an unknown language"


ENGLISH = "The county sold the old mill last night in a long session. Nobody in the valley knew who the buyer was."
GERMAN = "Der Kreis verkaufte die alte Mühle gestern Abend in einer langen Sitzung. Niemand wusste, wer der Käufer war."


UKRAINIAN = (
    "Вчора міська рада знову говорила про нові автобуси. Мешканці чекають на них уже третій рік і пишуть листи. Голова "
    "комісії сказав, що гроші є, але договір іще не підписано. Водії кажуть, що старі машини ламаються щотижня. Улітку "
    "почнуть будувати зупинки, а восени має приїхати перша машина. Рішення обіцяють оголосити наступного понеділка. "
    "До того часу люди їздитимуть так, як їздили досі."
)


@pytest.mark.parametrize(
    ("declared", "text", "language"), [("de", ENGLISH, "en"), ("en-us", GERMAN, "de"), ("ru", UKRAINIAN, "uk")]
)
def test_the_words_decide_over_what_is_declared(declared: str, text: str, language: str) -> None:
    found, warning = settled_language(declared, text, detect_language)

    assert found == language
    assert warning is not None
    assert language_name(declared) in warning


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("en-GB", ENGLISH),
        ("de-AT", GERMAN),
        ("fr", "Berlin, Hamburg"),
        ("de", f"{ENGLISH} {GERMAN}"),
        ("tlh", GERMAN),
        ("nn", "Det er en god dag i dag, og vi skal snakke om de nye busser i byen, som alle har ventet på i år."),
    ],
)
def test_where_the_words_are_not_sure_the_declared_language_stands(declared: str, text: str) -> None:
    assert settled_language(declared, text, detect_language) == (declared, None)


def test_without_a_declared_language_the_words_are_asked() -> None:
    assert settled_language(None, GERMAN, detect_language) == ("de", None)


def test_the_english_sentences_of_a_text_in_two_languages_are_told() -> None:
    sentences = [
        "The county sold the mill last night.",
        "委员会昨晚卖掉了水车，没有人知道买主是谁。",
        "Nobody in the valley knew who the buyer was.",
        "邻居们今天早上才听说。",
    ]

    assert english_parts(sentences) == [True, False, True, False]


def test_lists_of_names_and_short_notes_in_an_english_text_are_in_no_other_language() -> None:
    told = ["The committee agreed that the reading room stays open until nine on Thursdays."] * 6
    noted = [
        "Attendees: Mireille Duval, Jon Okafor, Priya Nair, Lars Winther, Anna Feld, Sam Brook, chair.",
        "Apologies: Harriet Stone, Yusuf Khan, Delia Moss, Peter Grant, treasurer, two members absent.",
        "Decision: repair north roof, budget nine thousand pounds, contractor Feld Brothers, deadline June.",
    ]

    assert english_parts([*noted, *told]) is None


def test_a_text_with_a_few_foreign_words_is_in_one_language() -> None:
    sentences = ["The county sold the mill last night, and nobody in the valley knew of it."] * 9

    assert english_parts([*sentences, "Er sagte gestern Abend nur ein Wort zu seinen Nachbarn."]) is None
    assert english_parts([GERMAN] * 9) is None


def test_a_long_text_that_is_plainly_english_needs_no_identifier() -> None:
    said = "So what we said to them was that they could have it if they were willing to pay for it. " * 20
    program = (
        "import sys; from autointel.text.language import detect_language; "
        "print(detect_language(sys.argv[1]), 'py3langid' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program, said], capture_output=True, text=True, check=True)  # noqa: S603  our own

    assert done.stdout == "en False\n"


def test_a_german_text_with_an_english_end_is_not_taken_for_english() -> None:
    english = "So what we said to them was that they could have it if they were willing to pay for it. " * 8
    german = "Der Rat der Stadt hat am Dienstag beschlossen, die alte Brücke zwei Jahre lang zu sperren. " * 40

    assert detect_language(german + english) == "de"


IN_ENGLISH = [
    "The board voted last night to close the north quay for three years.",
    "Nobody in the room asked what the fishermen thought of it.",
    "We will go to court in April, and we think that we can win.",
]


@pytest.mark.parametrize(
    "foreign",
    [
        ("Le conseil a voté hier soir la fermeture du quai nord.", "Nous irons au tribunal en avril."),
        ("La junta votó anoche el cierre del muelle norte.", "Iremos al tribunal en abril."),
        ("Het bestuur heeft gestemd om de noordkade te sluiten.", "We gaan in april naar de rechter."),
        ("Styrelsen röstade i går kväll för att stänga kajen i tre år.", "Vi går till domstol i april."),
        ("Bestyrelsen stemte i går aftes for at lukke den nordlige kaj i tre år.", "Vi går i retten i april."),
    ],
    ids=["French", "Spanish", "Dutch", "Swedish", "Danish"],
)
def test_short_sentences_and_those_with_words_that_english_has_too_are_told_apart(foreign: tuple[str, str]) -> None:
    sentences = [IN_ENGLISH[0], foreign[0], IN_ENGLISH[1], foreign[1], IN_ENGLISH[2], foreign[0]]

    assert english_parts(sentences) == [True, False] * 3


def test_names_with_foreign_letters_make_no_other_language() -> None:
    assert english_parts([*IN_ENGLISH, "The café in Zürich was full.", "José Díaz and Zoë Ørsted came."]) is None
