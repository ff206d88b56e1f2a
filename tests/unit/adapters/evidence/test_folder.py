from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from autointel.adapters.evidence.finder import Hit
from autointel.adapters.evidence.folder import FolderFinder
from autointel.errors import EvidenceUnavailable


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "report.txt").write_text("Sulphur emissions fell by 12 percent.")
    (tmp_path / "deep" / "notes.MD").write_text("# Notes\nThe café has sulphur yellow walls.")
    (tmp_path / "page.html").write_text(
        "<html><title>Station</title><article>" + "<p>Emissions of sulphur rose in 1999.</p>" * 5 + "</article></html>"
    )
    (tmp_path / "picture.png").write_bytes(b"\x89PNG sulphur emissions")
    return tmp_path


def find(finder: FolderFinder, query: str, limit: int = 5) -> list[Hit]:
    return anyio.run(finder.find, query, limit)


def test_files_of_all_kinds_are_found_by_what_they_say(folder: Path) -> None:
    found = find(FolderFinder(folder), "sulphur emissions")

    assert {hit.title for hit in found} == {"report", "Station"}
    assert {hit.url for hit in found} == {(folder / "report.txt").as_uri(), (folder / "page.html").as_uri()}


def test_files_in_deeper_folders_count(folder: Path) -> None:
    assert [hit.title for hit in find(FolderFinder(folder), "yellow walls")] == ["notes"]


def test_a_link_that_leads_out_is_left_alone(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("sulphur emissions secret")
    (folder / "link.txt").symlink_to(secret)

    assert "link" not in {hit.title for hit in find(FolderFinder(folder), "sulphur emissions secret")}


def test_files_are_read_once(folder: Path) -> None:
    finder = FolderFinder(folder)

    async def twice() -> list[Hit]:
        await finder.find("sulphur emissions", 5)
        (folder / "report.txt").unlink()
        return await finder.find("sulphur emissions", 5)

    assert "report" in {hit.title for hit in anyio.run(twice)}


def test_what_is_too_large_empty_or_gone_is_left_out(folder: Path) -> None:
    (folder / "huge.txt").write_bytes(b"sulphur emissions " * 300_000)
    (folder / "empty.txt").write_bytes(b" ")
    (folder / "dangling.txt").symlink_to(folder / "nowhere.txt")

    assert {hit.title for hit in find(FolderFinder(folder), "sulphur emissions")} == {"report", "Station"}


def test_a_file_that_may_not_be_read_stops_nothing(folder: Path) -> None:
    (folder / "closed.txt").mkdir()

    assert len(find(FolderFinder(folder), "sulphur emissions")) == 2


def test_two_searches_at_once_read_the_folder_once(folder: Path) -> None:
    finder = FolderFinder(folder)

    async def at_once() -> list[Hit]:
        async with anyio.create_task_group() as group:
            group.start_soon(finder.find, "sulphur emissions", 5)
            group.start_soon(finder.find, "yellow walls", 5)
        (folder / "report.txt").unlink()
        return await finder.find("sulphur emissions", 5)

    assert {hit.title for hit in anyio.run(at_once)} == {"report", "Station"}


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(EvidenceUnavailable, match="is not a folder") as missing:
        find(FolderFinder(tmp_path / "missing"), "anything")

    assert "AUTOINTEL_EVIDENCE__FOLDER" in missing.value.hint
