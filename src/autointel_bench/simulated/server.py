"""The simulated model's server."""

from __future__ import annotations

from typing_extensions import override

from autointel_bench.simulated.calls import Calls
from autointel_bench.simulated.endpoints import Endpoints
from autointel_bench.simulated.http import LoopbackServer, Request, Response
from autointel_bench.simulated.profile import Profile


class SimulatedModel(LoopbackServer):
    """``base_url`` is what an OpenAI client wants; ``calls`` is the server's own count."""

    def __init__(self, profile: Profile | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__("simulated-model", host=host, port=port)
        self._endpoints = Endpoints(profile or Profile())

    @property
    def base_url(self) -> str:
        """For example ``http://127.0.0.1:43121/v1``."""
        return f"http://{self._host}:{self.port}/v1"

    @property
    def calls(self) -> Calls:
        """The calls, with times and overlaps."""
        return self._endpoints.calls

    @property
    def profile(self) -> Profile:
        """How it behaves."""
        return self._endpoints.profile

    def become(self, profile: Profile) -> None:
        """Behave so from the next call on; its faults count from here."""
        self._endpoints.become(profile)

    @override
    async def respond(self, request: Request) -> Response:
        return await self._endpoints.respond(request)
