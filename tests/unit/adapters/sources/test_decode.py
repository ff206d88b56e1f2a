from __future__ import annotations

import pytest

from autointel.adapters.sources.draft import Parsed
from autointel.adapters.sources.parse import parse
from autointel.errors import NoTranscript

TEXT = "Sie können „ganz einfach“ Funktionen hinzufügen – für 5 €."


def read(data: bytes) -> Parsed:
    return parse(data, "talk.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_without_a_warning(encoding: str) -> None:
    parsed = read((TEXT + "\n\nÄndern.").encode(encoding))

    assert [segment.text for segment in parsed.segments] == [TEXT, "Ändern."]
    assert parsed.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_the_wrong_way_round_is_not_needed(encoding: str) -> None:
    assert read(("\ufeff" + TEXT).encode(encoding)).segments[0].text == TEXT


def test_windows_1252_is_read_and_said_to_be_a_guess() -> None:
    parsed = read((TEXT * 5).encode("cp1252"))

    assert parsed.segments[0].text == TEXT * 5
    assert parsed.warnings == ("The file is not UTF-8; it was read as cp1252, which is a guess.",)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "cp1251",
            "Это совсем простая и понятная русская фраза, которую мы читаем вслух. Потом идёт ещё одна такая же.",
        ),
        ("gb2312", "大家好，欢迎来到今天的节目。我们今天要讨论的是公共交通的费用问题，以及谁来承担这些费用。"),
        ("shift_jis", "こんにちは。今日は公共交通機関の費用について話し合います。誰が払うべきでしょうか。"),
    ],
)
def test_other_alphabets_are_recognised(encoding: str, text: str) -> None:
    assert read((text * 4).encode(encoding)).segments[0].text.startswith(text)


@pytest.mark.parametrize(
    "text",
    [
        "Dzień dobry, chciałbym porozmawiać o kosztach transportu publicznego. Zażółć gęślą jaźń.",
        "Dobrý den, dnes budeme mluvit o městské dopravě. Příliš žluťoučký kůň úpěl ďábelské ódy.",
    ],
)
def test_central_european_letters_are_recognised(text: str) -> None:
    assert read(text.encode("cp1250")).segments[0].text == text


def test_text_in_no_known_alphabet_is_still_read() -> None:
    parsed = read(b"\x81\x8d\x8f\x90\x9d a" * 5)

    assert parsed.segments
    assert parsed.warnings


def test_characters_that_are_lost_are_counted() -> None:
    russian = "Это совсем простая и понятная русская фраза, которую мы читаем вслух.\n" * 400

    # Far behind what the guess is made from.
    parsed = read(russian.encode("cp1251") + b"\x98")

    assert parsed.warnings[1] == "Characters lost because they do not exist in cp1251: 1."


def test_mixed_encodings_lose_nothing() -> None:
    parsed = read("Für alle. ".encode() + "Für uns.".encode("cp1252"))

    assert parsed.segments[0].text == "Für alle. Für uns."
    assert parsed.warnings == ("The file mixes encodings; bytes that are not UTF-8 and were read as Windows-1252: 1.",)


def test_a_byte_that_means_nothing_anywhere_is_dropped() -> None:
    assert read("é".encode() + b"a\x81b").segments[0].text == "éab"


def test_utf_16_cut_short_says_so() -> None:
    parsed = read(TEXT.encode("utf-16")[:-1])

    assert parsed.segments[0].text.startswith(TEXT[:-1])
    assert parsed.warnings == ("Some characters were lost: the file is not sound UTF-16.",)


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\x00" * 100, b"text" + b"\x01\x02" * 50])
def test_binary_files_are_no_transcript(data: bytes) -> None:
    with pytest.raises(NoTranscript, match=r'^"talk\.txt" is not text\.$'):
        read(data)


def test_a_single_nul_in_a_text_is_dropped() -> None:
    assert read(b"a\x00b" + b" word" * 100).segments[0].text.startswith("ab word")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x00\x00\x20ftypisom",
        b"ID3\x03\x00",
        b"OggS\x00",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"FORM\x00\x00\x00\x00AIFF",
        b"\xff\xfb\x90\x00",
        b"\x1aE\xdf\xa3",
    ],
)
def test_a_recording_is_no_transcript(data: bytes) -> None:
    with pytest.raises(NoTranscript, match="is a recording, where a transcript was expected") as raised:
        read(data)
    assert "as a file" in raised.value.hint


@pytest.mark.parametrize(
    ("data", "what"), [(b"%PDF-1.7", "a broken PDF"), (b"PK\x03\x04", "a broken document"), (b"\x89PNG", "a picture")]
)
def test_other_documents_are_named(data: bytes, what: str) -> None:
    with pytest.raises(NoTranscript, match=what):
        read(data)


@pytest.mark.parametrize("text", ["ID3 tags are what we talk about.", "RIFF is a format.", "FORM follows function."])
def test_words_that_look_like_a_recording_are_words(text: str) -> None:
    assert read(text.encode()).segments[0].text == text


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\t"])
def test_nothing_is_empty(data: bytes) -> None:
    with pytest.raises(NoTranscript, match=r'^"talk\.txt" is empty\.$'):
        read(data)


def test_more_than_five_million_lines_are_no_transcript() -> None:
    with pytest.raises(NoTranscript, match="more than 5,000,000 lines"):
        read(b"a\n" * 5_000_002)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1254", "Değirmen dün akşam satıldı, kimse bunu bilmiyordu. Komşular sabahleyin kapıda gördü."),
        ("cp1257", "Malūnas vakar vakare buvo parduotas, niekas apie tai nežinojo. Kaimynai pamatė skelbimą."),
        (
            "iso8859-2",
            "Mlýn byl včera večer prodán a nikdo o tom nevěděl. Sousedé viděli oznámení na dveřích šest dní.",
        ),
        ("cp1250", "Młyn został wczoraj sprzedany i nikt o tym nie wiedział. Sąsiedzi zobaczyli ogłoszenie."),
        ("cp1252", "Le moulin a été vendu hier soir, personne ne le savait. Les voisins l’ont lu à la porte."),
    ],
)
def test_latin_code_pages_are_told_apart_by_the_language(encoding: str, text: str) -> None:
    assert read(text.encode(encoding)).segments[0].text == text


@pytest.mark.parametrize(
    "declaration", ['<meta charset="{}">', '<meta http-equiv="c" content="text/html; charset={}">']
)
def test_a_saved_page_is_read_as_it_declares(declaration: str) -> None:
    words = (
        "<p>The paper «Мельница» wrote that the mill was sold to somebody whom nobody in the valley had heard of.</p>"
    )
    more = "<p>Neighbours learned of it from a notice on the door, and went to the county to ask who the buyer was.</p>"
    head = declaration.format("windows-1251")
    html = f"<html><head>{head}<title>Mill</title></head><body><article>{words}{more}</article></body></html>"

    parsed = parse(html.encode("cp1251"), "mill.html")

    assert any("«Мельница»" in segment.text for segment in parsed.segments)


def test_a_declaration_that_is_wrong_is_not_believed() -> None:
    html = f'<html><head><meta charset="windows-1251"></head><body><article><p>{TEXT * 4}</p></article></body></html>'

    assert parse(html.encode(), "page.html").segments[0].text.startswith(TEXT)


def test_text_garbled_by_another_encoding_is_repaired_and_said_so() -> None:
    garbled = "The miller didn’t sell “yet”.".encode().decode("cp1252", "ignore")

    parsed = read(f"{garbled}\n\nÉlève naïve, « ça va »".encode())

    assert parsed.segments[0].text.startswith("The miller didn’t sell “yet")
    assert parsed.segments[1].text == "Élève naïve, « ça va »"
    assert any("repaired: 1" in warning for warning in parsed.warnings)


@pytest.mark.parametrize("notation", ["idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"])
def test_a_notation_of_python_that_is_declared_is_no_charset(notation: str) -> None:
    parsed = parse("Ein Café ist keine \\x41nderung.".encode("cp1252"), "talk.txt", notation)

    assert [segment.text for segment in parsed.segments] == ["Ein Café ist keine \\x41nderung."]
