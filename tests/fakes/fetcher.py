"""The web as a table: what stands at each address, and who asked."""

from __future__ import annotations

from collections.abc import Mapping

from autointel.errors import AutointelError, FetchFailed
from autointel.ports import Fetched, Fetcher


class TableFetcher(Fetcher):
    """Answers from ``pages``; an error in the table is raised, an address that is not in it cannot be reached."""

    def __init__(self, pages: Mapping[str, Fetched | AutointelError] | None = None) -> None:
        self.pages = dict(pages or {})
        self.asked: list[str] = []

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        named_by: str | None = None,  # noqa: ARG002 - everybody may name anything here
    ) -> Fetched:
        """The page; headers and body make no difference to it."""
        del headers, body
        self.asked.append(url)
        answer = self.pages.get(url, FetchFailed(f"{url} could not be reached.", "Check the address."))
        if isinstance(answer, AutointelError):
            raise answer
        return answer


def html(url: str, body: str, *, status: int = 200) -> Fetched:
    """An HTML page at an address."""
    return Fetched(url=url, status=status, content_type="text/html", body=body.encode())
