"""What every error promises of its two sentences."""

from __future__ import annotations

from autointel.errors import HomeUnusable


def test_a_path_that_is_no_utf_8_can_be_saved_in_a_message() -> None:
    path = b"/home/\xff".decode(errors="surrogateescape")
    error = HomeUnusable(f"{path} cannot be used.", hint=f"Rename {path}.")

    assert (error.message + error.hint).encode() == rb"/home/\udcff cannot be used.Rename /home/\udcff."
