from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.fakes.site import Page, Site

from autointel.app.doctor import javascript, speech, video_sites
from autointel.app.doctor_check import Check
from autointel.extensions import how_to_upgrade
from autointel.settings import Settings
from autointel.settings.fields import SpeechSettings


def hearing(**speech_settings: str) -> Check:
    [check] = speech(Settings(speech=SpeechSettings.model_validate(speech_settings)))
    return check


def test_without_the_extra_there_are_transcripts_only() -> None:
    [check] = speech(Settings(), lambda _: None)

    assert (check.state, check.ok, check.verdict) == ("missing", True, "no recordings")
    assert "EXTRAS=asr" in check.hint


def test_a_model_that_is_not_here_yet_is_no_fault() -> None:
    check = hearing(model="nobody/has-this")

    assert (check.state, check.ok, check.hint) == ("installed", True, "fetched when it is first needed")


def test_a_folder_of_a_model_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()
    assert (hearing(model=str(tmp_path)).verdict, hearing(model=str(tmp_path)).ok) == ("lacks tokenizer.json", False)

    (tmp_path / "tokenizer.json").touch()
    assert hearing(model=str(tmp_path)) == Check("asr", "folder", str(tmp_path))


def test_a_model_in_the_hubs_cache_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    snapshot = tmp_path / "models--Systran--faster-whisper-small" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "model.bin").touch()

    assert hearing().detail == "model small is on this machine"
    assert hearing(model="Systran/faster-whisper-small").detail.endswith("is on this machine")
    assert hearing(model="medium").detail == "model medium not here yet"


def test_a_server_is_asked() -> None:
    with Site({"/v1/models": Page(b"{}", "application/json")}) as site:
        assert hearing(base_url=site.url("/v1")).ok
    down = hearing(base_url="http://127.0.0.1:1/v1", model="large")

    assert (down.state, down.detail, down.ok) == ("server", "large at 127.0.0.1:1", False)


def test_an_old_yt_dlp_says_how_old_it_is() -> None:
    settings = Settings()
    [new] = video_sites(settings, date(2000, 1, 1))
    [old] = video_sites(settings, date(2100, 1, 1))

    assert (new.state, new.ok, new.hint) == ("yt-dlp", True, "")
    assert "days old" in old.detail
    assert "upgrade" in old.hint


def runtime(folder: Path, name: str, says: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("name", "says", "detail"),
    [
        ("deno", "deno 2.4.1 (stable)", "2.4.1"),
        ("deno", "deno 2.1.0 (stable)", "2.1.0 is too old"),
        ("node", "v22.1.0", "22.1.0"),
        ("node", "v20.20.2", "20.20.2 is too old"),
    ],
)
def test_a_javascript_runtime_is_named_with_its_version(
    name: str, says: str, detail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime(tmp_path, name, says)
    monkeypatch.setenv("PATH", f"{tmp_path}")

    [check] = javascript(Settings(), lambda _: "there")

    assert (check.state, check.detail, check.ok) == (name, detail, True)


def test_a_runtime_needs_the_scripts_that_it_is_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime(tmp_path, "deno", "deno 2.4.1 (stable)")
    monkeypatch.setenv("PATH", str(tmp_path))

    [check] = javascript(Settings(), lambda _: None)

    assert (check.detail, check.hint) == ("2.4.1, without yt-dlp-ejs", how_to_upgrade("yt-dlp-ejs"))


def test_without_a_runtime_captions_are_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    [check] = javascript(Settings())

    assert (check.state, check.detail, check.ok) == ("missing", "YouTube: captions only", True)


def test_a_runtime_that_says_nothing_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime(tmp_path, "deno", "")
    (tmp_path / "node").write_text("not a program")
    (tmp_path / "node").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert javascript(Settings())[0].state == "missing"
