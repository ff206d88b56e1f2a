from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from autointel_bench.evaluation.sources import score, score_articles

GOLD = "one two three four five six"


@pytest.mark.parametrize(
    ("found", "precision", "recall"),
    [
        (GOLD, 1.0, 1.0),
        ("One, two; three (four) five: six", 2 / 3, 2 / 3),
        ("one two three four five", 1.0, 2 / 3),
        (f"{GOLD} seven", 3 / 4, 1.0),
        ("", 0.0, 0.0),
        ("nothing of the kind at all", 0.0, 0.0),
        (f"{GOLD} {GOLD}", 3 / 9, 1.0),
    ],
)
def test_runs_of_four_words_are_compared_as_multisets(found: str, precision: float, recall: float) -> None:
    assert score(GOLD, found) == pytest.approx((precision, recall))


def test_short_texts_are_one_run() -> None:
    assert score("two words", "two words") == (1.0, 1.0)
    assert score("two words", "two other") == (0.0, 0.0)


def test_two_empty_texts_agree() -> None:
    assert score("", "") == (1.0, 1.0)
    assert score("", "words") == (0.0, 0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    truth = {"a": {"articleBody": GOLD, "url": "https://a.test"}, "b": {"articleBody": GOLD, "url": "https://b.test"}}
    (tmp_path / "ground-truth.json").write_text(json.dumps(truth))
    with tarfile.open(tmp_path / "html.tar", "w") as archive:
        for name in ("a", "b", "unknown"):
            page = gzip.compress(f"<p>{name}</p>".encode())
            member = tarfile.TarInfo(f"html/{name}.html.gz")
            member.size = len(page)
            archive.addfile(member, io.BytesIO(page))
        archive.addfile(tarfile.TarInfo("html/a.html.gz.d/"))
    return tmp_path


def test_precision_and_recall_are_averaged_over_pages_before_f1(folder: Path) -> None:
    found = {"https://a.test": GOLD, "https://b.test": ""}

    result = score_articles(folder, lambda _html, url: found[url])

    assert (result.pages, result.precision, result.recall, result.f1) == (2, 0.5, 0.5, 0.5)


def test_the_page_itself_is_handed_over(folder: Path) -> None:
    seen: list[bytes] = []

    def extract(html: bytes, _url: str) -> str:
        seen.append(html)
        return ""

    score_articles(folder, extract)

    assert seen == [b"<p>a</p>", b"<p>b</p>"]


def test_a_crash_counts_as_nothing_found_and_is_named(folder: Path) -> None:
    def extract(_html: bytes, url: str) -> str:
        if url == "https://a.test":
            raise ZeroDivisionError
        return GOLD

    result = score_articles(folder, extract)

    assert (result.crashed, result.recall) == (("a",), 0.5)


def test_finding_nothing_anywhere_is_zero(folder: Path) -> None:
    assert score_articles(folder, lambda _html, _url: "").f1 == 0.0
