"""Write docs/model-costs.md: calls and tokens at each depth, measured against the simulated model."""

from __future__ import annotations

from pathlib import Path

from autointel.domain.run import Depth, Verify
from autointel_bench.model_costs import page_of, run_cost

if __name__ == "__main__":
    page = Path(__file__).resolve().parent.parent / "docs" / "model-costs.md"
    page.write_text(page_of([*map(run_cost, Depth), run_cost(Depth.STANDARD, verify=Verify.MODEL)]), encoding="utf-8")
    print(page)
