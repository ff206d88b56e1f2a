from __future__ import annotations

import pytest

from autointel.local.noun_phrases import names_thing
from autointel.local.quotable import is_whole_elsewhere
from autointel.local.terms import noun_phrases_of, rank_terms
from autointel.text.word_lists import stop_words


def terms(texts: list[str], language: str) -> set[str]:
    return {term.text for term in noun_phrases_of(rank_terms(texts, language, least=2), language, texts)}


SPANISH = [
    "El agua se pierde en la red y nadie repara la red.",
    "La fuga pierde agua de la red, y reparar la fuga costaría veinte euros.",
    "Un sensor encuentra la fuga; reparar el tubo costaría veinte euros.",
]


def test_spanish_terms_stand_after_articles_and_prepositions() -> None:
    assert {"red", "fuga", "agua"} <= terms(SPANISH, "es")
    assert not {"pierde", "costaría", "reparar", "euros", "veinte"} & terms(SPANISH, "es")


def test_two_linked_nouns_are_one_term() -> None:
    spanish = [
        "La lista de espera crece.",
        "El médico cierra la lista de espera.",
        "La espera cansa en la lista de espera.",
    ]
    french = ["La salle d’attente ferme.", "Il ouvre la salle d’attente.", "On quitte la salle d’attente."]

    assert terms(spanish, "es") & {"lista de espera", "lista", "espera"} == {"lista de espera"}
    assert "salle d’attente" in terms(french, "fr")
    assert "Junta de Murcia" in terms(["La Junta de Murcia paga.", "Hoy la Junta de Murcia cobra."], "es")


def test_a_phrase_whose_words_do_not_agree_in_number_is_no_term() -> None:
    texts = [
        "Las urgencias crece así.",
        "De las urgencias crece mucho.",
        "El parque eólico gira; el parque eólico para.",
    ]

    assert "parque eólico" in terms(texts, "es")
    assert "urgencias crece" not in terms(texts, "es")


def test_a_german_noun_is_shown_without_its_genitive_where_the_text_has_it_so() -> None:
    texts = [
        "Der Lärm des Hammers stört.",
        "Der Hammer fällt.",
        "Das Gewicht des Hammers zählt.",
        "Die Kraft des Hammers.",
    ]

    assert "Hammer" in terms(texts, "de")


def test_german_terms_are_nouns_with_what_modifies_them() -> None:
    texts = [
        "Das ermöglicht Ihren Besuchern die billige Fähre.",
        "So ermöglicht Ihren Besuchern nur die billige Fähre viel.",
    ]

    assert "billige Fähre" in terms(texts, "de")
    assert not any("Ihren" in term or "ermöglicht" in term for term in terms(texts, "de"))


def test_russian_verbs_are_told_by_their_endings() -> None:
    texts = ["Трамвай теряет пассажиров.", "Метро теряет пассажиров, трамвай нет."]

    assert "пассажиров" in terms(texts, "ru")
    assert not any("теряет" in term for term in terms(texts, "ru"))


def test_arabic_terms_bear_the_article() -> None:
    texts = ["تضيع المياه في الأنابيب.", "تضيع المياه من الأنابيب القديمة."]

    assert {"المياه", "الأنابيب"} <= terms(texts, "ar")
    assert "تضيع" not in terms(texts, "ar")


def test_of_a_language_without_signs_all_are_believed() -> None:
    ranked = rank_terms(["Kala meres. Kala meres."], "et", least=2)

    assert all(names_thing([], "et")(term.text) for term in ranked)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Herzlich willkommen zu unserer Sendung über die Zukunft der Stadtbahn."),
        ("es", "Hoy nos acompaña Martín Salas, ingeniero hidráulico de la Universidad de Valencia."),
        ("fr", "Mon invité est Karim Haddad, économiste à la grande université de Lyon."),
        ("pt", "Nosso convidado é Rafael Souza, biólogo da grande Universidade de Manaus."),
        ("ru", "Сегодня у нас в гостях инженер Иван Смирнов из далёкой Казани."),
        ("ja", "佐藤さん、今日は番組に来てくださってありがとうございました。"),
        ("ja", "なぜ地方の鉄道は廃線になるのでしょうか。"),
        ("zh", "大家好，欢迎收看今天的城市节目。"),
        ("ar", "ضيفنا اليوم هو المهندس خالد منصور من جامعة القاهرة."),
        ("hi", "हमारे मेहमान हैं इंजीनियर अमित वर्मा, जो दिल्ली विश्वविद्यालय से हैं।"),
    ],
)
def test_greetings_guests_and_questions_are_not_quoted_in_any_language(language: str, text: str) -> None:
    assert not is_whole_elsewhere(text, stop_words(language), punctuated=True)


def test_numbers_and_courtesies_are_stop_words() -> None:
    assert {"ochenta", "gracias"} <= (stop_words("es") or frozenset())
    assert {"谢谢", "今天"} <= (stop_words("zh") or frozenset())
