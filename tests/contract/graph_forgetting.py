"""What every graph does when a source is forgotten."""

from __future__ import annotations

from tests.contract.graph_promises import ALL, OLD_TALLINN, RIGA, TALLINN, TALLINN_BUS, relation

from autointel.adapters.graph.cypher import CypherGraph


async def forgets_a_source(graph: CypherGraph) -> None:
    """The relations of one source go; its entities where they are asked to; all else stays as it was."""
    await graph.relate(
        ALL, [relation(TALLINN, "runs", TALLINN_BUS), relation(TALLINN, "was", OLD_TALLINN, source="two")]
    )
    before = await graph.neighbours(OLD_TALLINN.id, 5)

    await graph.forget_source("talk")
    loose = {each.id for each in await graph.loose()}
    await graph.forget([TALLINN_BUS.id])
    await graph.compact()

    assert loose == {TALLINN_BUS.id, RIGA.id}
    assert await graph.count() == (3, 1)
    assert await graph.missing([each.id for each in ALL]) == {TALLINN_BUS.id}
    assert await graph.neighbours(OLD_TALLINN.id, 5) == before
    assert (await graph.find("Riga", 1)) == [RIGA]
