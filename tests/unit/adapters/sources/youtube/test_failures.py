from __future__ import annotations

import pytest

from autointel.adapters.sources.youtube.session import FAILURES, explained, plainly, said_in
from autointel.errors import NoTranscript, SourceBlocked, SourceUnreachable


class Expected(Exception):
    expected = True


class TransportError(Exception):
    pass


class GeoRestrictedError(Exception):
    pass


def wrapped(inner: BaseException, text: str = "") -> Exception:
    """As yt-dlp's DownloadError keeps what it wraps."""
    error = RuntimeError(text or f"ERROR: [site] {inner}")
    error.exc_info = (type(inner), inner, None)  # type: ignore[attr-defined]
    return error


def test_a_connection_that_fails_is_no_fault_of_the_page() -> None:
    error = explained(wrapped(TransportError("timed out")))

    assert type(error) is SourceUnreachable
    assert "could not be reached" in error.message


def test_a_country_is_told_by_the_errors_type() -> None:
    assert "country" in explained(wrapped(GeoRestrictedError("Only for some"))).message


def test_a_status_that_is_not_known_is_named() -> None:
    inner = Exception("HTTP Error")
    inner.status = 418  # type: ignore[attr-defined]

    assert "418" in explained(wrapped(inner)).message


def test_a_sites_own_words_are_shown_where_nothing_better_is_known() -> None:
    error = explained(
        wrapped(Expected("x"), "ERROR: [site] abcdef: The moon is full; please report this issue on  https://x")
    )

    assert error.message == "The site says: The moon is full"


def test_what_nobody_expected_asks_for_an_upgrade() -> None:
    error = explained(KeyError("INNERTUBE_CONTEXT"))

    assert "cannot read this page" in error.message
    assert "Upgrade" in error.hint


def test_a_reason_that_was_only_warned_of_is_found() -> None:
    error = explained(KeyError("x"), ["[youtube] Sign in to confirm your age"])

    assert type(error) is SourceBlocked


def test_an_error_that_causes_itself_is_still_explained() -> None:
    error = RuntimeError("round")
    error.cause = error  # type: ignore[attr-defined]

    assert explained(error).hint


@pytest.mark.parametrize(
    "line",
    [
        "[youtube] a1: Some tv client https formats have been skipped as they are DRM protected.",
        "[youtube] Got a GVS PO Token for web client, but missing Data Sync ID for account. Formats may not work.",
        "[youtube] No supported JavaScript runtime could be found.",
        "No video formats found!",
    ],
)
def test_warnings_about_some_formats_say_nothing_of_the_video(line: str) -> None:
    assert said_in([line]) is None


def test_protection_of_the_video_itself_is_said() -> None:
    error = said_in(["[site] This video is DRM protected"])

    assert type(error) is SourceBlocked
    assert "DRM" in error.message


def test_a_page_that_yt_dlp_does_not_know_has_no_recording() -> None:
    assert type(explained(RuntimeError("ERROR: Unsupported URL: https://x.test"))) is NoTranscript


def test_every_failure_says_what_happened_and_what_to_do() -> None:
    assert all(failure.message.endswith(".") and failure.hint.endswith(".") for failure in FAILURES)


def test_silence_is_said_to_be_that() -> None:
    assert plainly("ERROR: ") == "nothing more."
