"""A copy under another name or address replaces what was read; a quotation, or another talk, replaces nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.fakes.material import talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.app.versions import place_of, retire_older, same_page
from autointel.domain.transcript import Source

VOCABULARY = [f"{a}{b}{c}" for a in ("ka", "lo", "mi", "ne") for b in ("ru", "sa", "to", "vi") for c in ("x", "n", "l")]


def sentences(seed: int, count: int = 30) -> list[str]:
    draw = random.Random(seed)  # noqa: S311  made-up words
    return [" ".join(draw.choices(VOCABULARY, k=14)).capitalize() + "." for _ in range(count)]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqliteCatalogue]:
    with closing(SqliteCatalogue(tmp_path / "catalogue.sqlite3", "default")) as opened:
        yield opened


def read(catalogue: SqliteCatalogue, said: list[str], name: str, url: str | None = None) -> list[str]:
    """Store a source; the titles of those that it replaces."""
    source, transcript, passages = talk(said, name)
    if url:
        source = Source(id=source.id, kind=source.kind, url=url, title=source.title)
    catalogue.passages.store(source, transcript, passages)
    return [each.title for each in retire_older(catalogue, source, transcript)]


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/talk",
        "https://www.example.org/talk/",
        "https://m.example.org/talk?utm_source=news&utm_medium=mail",
        "https://EXAMPLE.org:443/talk?fbclid=x#t=4",
        "https://example.org/talk/index.html",
    ],
)
def test_an_edited_page_replaces_itself_whatever_led_to_it(catalogue: SqliteCatalogue, other: str) -> None:
    said = sentences(1)

    assert read(catalogue, said, "first", "https://example.org/talk") == []
    assert read(catalogue, said[:20] + sentences(2, 10), "second", other) == ["The first"]
    assert [source.url for source in catalogue.passages.sources()] == [other]


def test_words_of_a_hundred_thousand_parts_tell_no_copy(catalogue: SqliteCatalogue) -> None:
    """The index would look for a phrase of them all for an hour."""
    said = [" ".join(f"{'a:' * 20_000}{number}" for number in range(6)) + "." for _ in range(14)]

    assert read(catalogue, said, "first") == []
    assert read(catalogue, [*said, "And so on."], "second") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/talk?id=1", "https://example.org/talk?id=2"),
        ("https://example.org/talk", "https://example.org/talks"),
        ("https://example.org/talk", "https://example.com/talk"),
        ("https://example.org/talk", "https://example.org:8080/talk"),
    ],
)
def test_other_pages_are_other_pages(one: str, other: str) -> None:
    assert same_page(one) != same_page(other)


@pytest.mark.parametrize("url", [None, "https://mirror.example/copies/17"], ids=["renamed file", "mirror"])
def test_nearly_the_same_words_under_another_name_or_address_replace_what_was_read(
    catalogue: SqliteCatalogue, url: str | None
) -> None:
    said = sentences(1, 60)

    read(catalogue, said, "original")
    replaced = read(catalogue, ["An advertisement stands before it.", *said], "copy", url)

    assert replaced == ["The original"]
    assert [source.title for source in catalogue.passages.sources()] == ["The copy"]


def test_a_long_quotation_and_another_talk_replace_nothing(catalogue: SqliteCatalogue) -> None:
    said = sentences(1, 60)
    read(catalogue, said, "original")

    assert read(catalogue, said[:20], "excerpt") == []
    assert read(catalogue, [*sentences(2, 40), *said[:30]], "report") == []
    assert read(catalogue, sentences(3, 60), "other") == []
    assert len(catalogue.passages.sources()) == 4


def test_namespaces_replace_nothing_of_each_other(catalogue: SqliteCatalogue, tmp_path: Path) -> None:
    with closing(SqliteCatalogue(tmp_path / "catalogue.sqlite3", "elsewhere")) as other:
        read(other, sentences(1), "original")

        assert read(catalogue, sentences(1), "copy") == []
        assert len(other.passages.sources()) == 1


REPORT = (
    "Weekly ferry report, week 31. The Northsound ferries carried 12,400 passengers between Monday 28 July and Sunday."
    " The morning service from Harbour Point was full. The operator said that most of the sailings left on time. "
    " The cause of the delays was the repair of the eastern pier. The council meets again to discuss the timetable for"
    " the autumn. Fares remain the same until the end of the season. The next report will be published in a week. The"
    " operator asks passengers to arrive early and to have their tickets at hand. Dogs travel on the upper deck, and"
    " bicycles are carried as long as there is room for them. The cafe on board opens as soon as the ferry leaves, and"
    " it takes cards alone. Those who miss the last ferry may wait in the hall, which is heated until the morning."
)


@pytest.mark.parametrize(
    ("said", "other"),
    [("12,400", "15,100"), ("28 July", "4 August"), ("Northsound", "Westbank"), ("week 31", "week 32")],
)
def test_a_text_of_the_same_template_with_another_number_date_or_name_is_no_copy(
    catalogue: SqliteCatalogue, said: str, other: str
) -> None:
    read(catalogue, [REPORT], "older")

    assert read(catalogue, [REPORT.replace(said, other)], "newer") == []
    assert len(catalogue.passages.sources()) == 2


@pytest.mark.parametrize(
    "copy",
    [
        REPORT.lower(),
        REPORT.replace("12,400", "12400"),
        REPORT.replace("12,400", "twelve thousand four hundred"),
        f"Published on 3 August 2026 by the Island Gazette. {REPORT}",
        REPORT.replace("asks passengers to arrive early", "begs passengers to come early"),
    ],
    ids=["captions without capitals", "without commas", "number words", "header", "wording"],
)
def test_a_copy_that_differs_in_wording_spelling_or_a_header_replaces_what_was_read(
    catalogue: SqliteCatalogue, copy: str
) -> None:
    read(catalogue, [REPORT], "older")

    assert read(catalogue, [copy], "newer") == ["The older"]


def test_captions_that_misspell_a_few_names_of_a_long_talk_are_a_copy(catalogue: SqliteCatalogue) -> None:
    said = [" ".join(f"{line[:-1]} said Karlow Berg." for line in sentences(seed, 6)) for seed in range(10)]

    read(catalogue, said, "transcript")

    assert read(catalogue, [*said[:9], said[9].replace("Karlow", "Carlo")], "captions") == ["The transcript"]


def test_one_file_read_again_replaces_itself_whatever_its_numbers_are_now(catalogue: SqliteCatalogue) -> None:
    source, transcript, passages = talk([REPORT], "ferries")
    edited = talk([REPORT.replace("12,400", "15,100")], "ferries")
    catalogue.passages.store(source, transcript, passages)
    catalogue.passages.store(newer := source.model_copy(update={"id": "edited"}), *edited[1:])

    assert retire_older(catalogue, newer, edited[1]) == [source]


def read_file(catalogue: SqliteCatalogue, said: list[str], name: str, typed: str) -> list[str]:
    """Store a file's words under the path as it was typed; the paths that it replaces."""
    source, transcript, passages = talk(said, name)
    source = Source(id=source.id, kind=source.kind, path=typed, title=source.title)
    replaced = retire_older(catalogue, source, transcript)
    catalogue.passages.store(source, transcript, passages, place=place_of(source))
    return [str(each.path) for each in replaced]


def test_one_file_typed_in_another_way_or_from_another_folder_replaces_itself(
    catalogue: SqliteCatalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, longer = sentences(3, 4), sentences(4, 1)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "week.txt").touch()

    monkeypatch.chdir(tmp_path / "notes")
    assert read_file(catalogue, short, "first", "week.txt") == []
    assert read_file(catalogue, [*short, *longer], "second", "./week.txt") == ["week.txt"]
    monkeypatch.chdir(tmp_path)
    assert read_file(catalogue, short[1:], "third", "notes/../notes/week.txt") == ["./week.txt"]
    assert [source.path for source in catalogue.passages.sources()] == ["notes/../notes/week.txt"]


def test_the_place_of_a_file_that_was_read_before_places_were_known_is_learnt_when_it_is_read_again(
    catalogue: SqliteCatalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = sentences(7, 4)
    (tmp_path / "week.txt").touch()
    monkeypatch.chdir(tmp_path)
    read_file(catalogue, said, "first", "week.txt")
    catalogue.connection.write("UPDATE sources SET place = NULL")

    read_file(catalogue, said, "first", "week.txt")

    assert read_file(catalogue, said[1:], "second", str(tmp_path / "week.txt")) == ["week.txt"]


def test_files_of_one_name_in_two_folders_are_two_sources(
    catalogue: SqliteCatalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = sentences(5, 4)
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "week.txt").touch()

    monkeypatch.chdir(tmp_path / "one")
    assert read_file(catalogue, said, "first", "week.txt") == []
    monkeypatch.chdir(tmp_path / "other")
    assert read_file(catalogue, said[1:], "second", "week.txt") == []
    assert len(catalogue.passages.sources()) == 2


def test_a_path_at_which_no_file_stands_is_compared_as_it_was_typed(catalogue: SqliteCatalogue) -> None:
    said = sentences(6, 4)

    assert read_file(catalogue, said, "first", "gone.txt") == []
    assert read_file(catalogue, said[1:], "second", "gone.txt") == ["gone.txt"]
