"""Google Fact Check Tools, reviews by fact-checkers: https://developers.google.com/fact-check/tools/api."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel
from typing_extensions import override

from autointel.adapters.evidence.finder import Api, Finder, Hit, Probe, day
from autointel.extensions import Setting
from autointel.ports import Fetcher


class _Publisher(BaseModel):
    name: str = ""


class _Review(BaseModel):
    url: str = ""
    title: str = ""
    reviewDate: str | None = None  # noqa: N815 - Google's name
    publisher: _Publisher = _Publisher()


class _Claim(BaseModel):
    text: str = ""
    claimReview: list[_Review] = []  # noqa: N815 - Google's name


class _Reply(BaseModel):
    # An empty object is how nothing found is said.
    claims: list[_Claim] = []


class GoogleFactCheckFinder(Finder):
    """By key. The review's page is read like any other; its rating is not taken over."""

    name = "google-fact-check"
    settings: ClassVar[Mapping[str, Setting]] = {"google_fact_check_api_key": Setting(takes="key")}

    def __init__(self, fetcher: Fetcher, key: str, base_url: str = "https://factchecktools.googleapis.com") -> None:
        self._api = Api(
            fetcher,
            "Google Fact Check Tools",
            base_url,
            key_setting="AUTOINTEL_EVIDENCE__GOOGLE_FACT_CHECK_API_KEY",
            # In a header, not in the address, where it would be logged on the way.
            headers={"x-goog-api-key": key},
        )

    @classmethod
    @override
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:
        return cls(fetcher, values["google_fact_check_api_key"])

    @classmethod
    @override
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        return Probe("key is set")  # a search costs money

    async def find(self, query: str, limit: int) -> list[Hit]:
        """See Finder. One claim may have several reviews."""
        reply = await self._api.ask("/v1alpha1/claims:search", _Reply, {"query": query, "pageSize": limit})
        reviews = [(claim, review) for claim in reply.claims for review in claim.claimReview if review.url]
        return [
            Hit(
                url=review.url,
                title=review.title or f"{review.publisher.name}: {claim.text}"[:200],
                published_at=day(review.reviewDate),
            )
            for claim, review in reviews[:limit]
        ]
