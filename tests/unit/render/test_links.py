from __future__ import annotations

import pytest
from tests import examples

from autointel.domain.transcript import Source, SourceKind
from autointel.render.html.player import player_of, youtube_id
from autointel.render.sheet import opened_at

PAGE = "https://paper.example/fares"


@pytest.mark.parametrize(
    ("url", "quote", "opened"),
    [
        (PAGE, "Fares pay.", f"{PAGE}#:~:text=Fares%20pay."),
        (PAGE, "well-paid, free & easy", f"{PAGE}#:~:text=well%2Dpaid%2C%20free%20%26%20easy"),
        (f"{PAGE}#part", "Fares pay.", f"{PAGE}#part:~:text=Fares%20pay."),
        (f"{PAGE}.pdf#page=3", "Fares pay.", f"{PAGE}.pdf#page=3"),
        (PAGE, " \n", PAGE),
        (None, "Fares pay.", None),
    ],
)
def test_a_written_source_is_opened_at_the_quoted_words(url: str | None, quote: str, opened: str | None) -> None:
    assert opened_at(url, quote) == opened


def test_a_long_quote_is_named_by_its_first_and_last_words() -> None:
    words = " ".join(f"word{number}" for number in range(40))

    assert opened_at(PAGE, words) == (
        f"{PAGE}#:~:text=word0%20word1%20word2%20word3%20word4,word35%20word36%20word37%20word38%20word39"
    )


def test_a_moment_of_a_recording_is_opened_by_its_second_alone() -> None:
    assert opened_at(f"{PAGE}#t=4", "Fares pay.", start=4.0) == f"{PAGE}#t=4"


@pytest.mark.parametrize(
    ("url", "video"),
    [
        ("https://www.youtube.com/watch?v=abcdefghijk&t=3", "abcdefghijk"),
        ("https://youtu.be/abcdefghijk?t=3", "abcdefghijk"),
        ("https://youtube.com/shorts/abcdefghijk", "abcdefghijk"),
        ("https://www.youtube.com/watch?v=a'><script>", ""),
        ("https://youtube.com.hostile.example/watch?v=abcdefghijk", ""),
        ("https://www.youtube.com/@channel", ""),
        ("https://[", ""),
        (None, ""),
    ],
)
def test_a_video_is_known_by_the_address_of_its_site(url: str | None, video: str) -> None:
    assert youtube_id(url) == video


def source(**changed: object) -> Source:
    return Source.model_validate({**examples.source().model_dump(), "url": None, "path": None, **changed})


@pytest.mark.parametrize(
    ("of", "address", "policy"),
    [
        (source(url=PAGE), "", ("media-src blob:",)),
        (
            source(url=PAGE, media_url="https://cdn.example/a.mp3", kind=SourceKind.PODCAST),
            "https://cdn.example/a.mp3",
            ("media-src blob: https:",),
        ),
        (source(path="/talks/a b.ogg", kind=SourceKind.MEDIA), "file:///talks/a%20b.ogg", ("media-src blob: file:",)),
        (source(path="-", kind=SourceKind.MEDIA), "", ("media-src blob:",)),
        (
            source(url="https://youtu.be/abcdefghijk"),
            "",
            ("media-src blob:", "frame-src https://www.youtube-nocookie.com"),
        ),
    ],
)
def test_a_player_asks_the_policy_for_what_it_needs_and_no_more(
    of: Source, address: str, policy: tuple[str, ...]
) -> None:
    player = player_of(examples.local_results().model_copy(update={"source": of}))

    assert player is not None
    assert (player.address, player.policy) == (address, policy)
