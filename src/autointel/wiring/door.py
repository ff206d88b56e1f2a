"""Where the model stands, and what may be asked of it at once, as settings say."""

from __future__ import annotations

from pydantic import SecretStr

from autointel.crew.endpoint import Endpoint, Limits
from autointel.settings import Settings


def endpoint_of(settings: Settings) -> Endpoint:
    """The server and its models."""
    model = settings.model
    return Endpoint(
        name=model.name,
        base_url=model.base_url,
        api_key=model.api_key or SecretStr("none"),
        read_name=model.read_name,
        timeout=model.timeout,
    )


def limits_of(settings: Settings, *, max_usd: float | None = None, max_seconds: float | None = None) -> Limits:
    """The server's limits, and a run's budget."""
    model = settings.model
    return Limits(
        max_concurrent_calls=model.max_concurrent_calls,
        requests_per_minute=model.requests_per_minute,
        max_usd=max_usd,
        max_seconds=max_seconds,
    )
