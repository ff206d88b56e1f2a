"""A claim judged by what was read before, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes.model_run import SAMPLE, run_over

from autointel_bench.simulated import SimulatedModel

pytestmark = pytest.mark.xdist_group("crew")

BEFORE = """\
Ana: A bus costs a city about half a million dollars to buy.
Ben: Fares covered a fifth of what the buses cost before the council voted.
Ana: Drivers say that trips run late because of traffic, and riders wait.
Ben: Free transit raised ridership in Tallinn by a seventh, the statistics say.
"""


def test_what_was_read_before_is_evidence_and_the_source_itself_never_is(tmp_path: Path) -> None:
    before = tmp_path / "before.txt"
    before.write_text(BEFORE, encoding="utf-8")
    sources = {"evidence": {"sources": ("memory",)}}

    with SimulatedModel() as server:
        alone = run_over(server, tmp_path, settings=sources)
        run_over(server, tmp_path, source=before, settings=sources)
        asked = len(server.calls)
        after = run_over(server, tmp_path, settings=sources)
        reread = [call for call in server.calls.all[asked:] if call.step == "read"]

    assert alone.report
    assert after.report
    assert not [claim for claim in alone.report.fact_check.claims if claim.evidence]
    found = [piece for claim in after.report.fact_check.claims for piece in claim.evidence]
    assert found
    assert all(piece.quote in BEFORE for piece in found)
    assert all(piece.url.startswith("autointel:passage/") for piece in found)
    assert reread == []
    assert SAMPLE.name not in {piece.title for piece in found}
