"""Conversations on disk."""

from __future__ import annotations

from pathlib import Path

from autointel.adapters.conversations import Conversations, Turn


def test_a_turn_that_was_cut_takes_no_other_with_it(tmp_path: Path) -> None:
    saved = Conversations(tmp_path, "default")
    chat = saved.add(saved.new(None), Turn(question="Who pays?"))
    chat = saved.add(chat, Turn(question="Why?"))
    [file] = (tmp_path / "chats").rglob("*.jsonl")
    file.write_bytes(file.read_bytes()[:-20])

    saved.add(chat, Turn(question="Since when?"))

    assert [turn.question for turn in saved.find(None).turns] == ["Who pays?", "Since when?"]
