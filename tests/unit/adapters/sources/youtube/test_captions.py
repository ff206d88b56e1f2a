from __future__ import annotations

from typing import Any

import pytest

from autointel.adapters.sources.youtube.video import choose_track


def track(language: str, *formats: str, **more: str) -> dict[str, Any]:
    return {
        language: [{"ext": name, "url": f"https://v.test/{language}.{name}", **more} for name in formats or ("vtt",)]
    }


def test_the_format_that_tells_most_is_taken() -> None:
    chosen = choose_track({"subtitles": track("en", "ttml", "vtt", "json3", "srv1")}, None)

    assert chosen is not None
    assert chosen.format == "json3"


def test_a_declared_language_decides_among_a_persons_captions() -> None:
    chosen = choose_track({"language": "fr", "subtitles": {**track("en"), **track("fr-CA")}}, None)

    assert chosen is not None
    assert chosen.language == "fr-CA"


def test_without_a_hint_the_first_of_a_persons_captions_serves() -> None:
    chosen = choose_track({"subtitles": {**track("sv"), **track("en")}}, None)

    assert chosen is not None
    assert chosen.language == "sv"


def test_an_exact_form_of_a_language_comes_before_another() -> None:
    info = {"subtitles": {**track("pt"), **track("pt-BR")}}

    assert [getattr(choose_track(info, wanted), "language", None) for wanted in ("pt-BR", "pt", "PT-pt", "de")] == [
        "pt-BR",
        "pt",
        "pt",
        None,
    ]


@pytest.mark.parametrize(
    "listed", [None, [], {}, {"en": None}, {"en": [None]}, {"en": [{"ext": "vtt"}]}, {"en": [{"ext": "m3u"}]}]
)
def test_what_is_no_track_is_passed_over(listed: object) -> None:
    assert choose_track({"subtitles": listed}, None) is None


def test_a_translation_alone_is_not_read_unasked() -> None:
    translated = {"de": [{"ext": "vtt", "url": "https://v.test/t?lang=en&tlang=de"}]}

    assert choose_track({"automatic_captions": translated}, None) is None
    assert choose_track({"automatic_captions": translated}, "de") is not None
