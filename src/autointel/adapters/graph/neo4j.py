"""The graph on a Neo4j server, by URI."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio

from autointel.adapters.graph import schema
from autointel.adapters.graph.cypher import CypherGraph, Statement
from autointel.adapters.graph.neo4j_errors import is_there_already, translated, without_secrets
from autointel.adapters.graph.rows import Row
from autointel.adapters.insertion.writer import InsertionLimits
from autointel.adapters.slow_queries import timed
from autointel.errors import StoreUnavailable

if TYPE_CHECKING:
    from neo4j import AsyncDriver, AsyncManagedTransaction

_TIMEOUT: Final = 10.0
_LIMITS: Final = InsertionLimits()
# A batch of a thousand rows takes seconds. A server that hangs in the middle of one would be waited for for ever.
_PATIENCE: Final = 60.0
# The driver would take http:// too, as a preview with a warning.
_SCHEMES: Final = {f"{scheme}{security}" for scheme in ("bolt", "neo4j") for security in ("", "+s", "+ssc")}


class Neo4jGraph(CypherGraph):
    """One namespace in a database that it may share with others. Everything raises StoreUnavailable.

    ``timeout`` is seconds to connect, and seconds over which what fails in passing is tried again; ``patience`` is
    seconds that one request may take in all. The driver belongs to the event loop that asks first. Writes go one by
    one: two writers over the same entities block each other. With ``offline`` every request fails before anything is
    sent.
    """

    def __init__(
        self,
        uri: str,
        namespace: str,
        *,
        user: str | None = None,
        password: str | None = None,
        database: str | None = None,
        timeout: float = _TIMEOUT,
        patience: float = _PATIENCE,
        offline: bool = False,
        limits: InsertionLimits = _LIMITS,
    ) -> None:
        super().__init__(namespace, f"The graph server at {without_secrets(uri)}", limits)
        self._offline = offline
        self._uri = uri
        self._auth = None if user is None else (user, password or "")
        self._database = database
        self._timeout = timeout
        self._patience = patience
        self._driver: AsyncDriver | None = None
        self._opening = anyio.Lock()
        self._writing = anyio.Lock()

    @property
    def backend(self) -> str:
        """The name of the store, for the report."""
        return "neo4j"

    async def close(self) -> None:
        """Release what is held; closing twice is fine."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    async def _ask(self, statements: Sequence[Statement], *, write: bool = False) -> list[list[Row]]:
        try:
            async with self._writing if write else nullcontext():
                with timed("neo4j", _named(statements)), anyio.fail_after(self._patience):
                    return await self._answered(statements, write=write)
        except StoreUnavailable:
            raise
        except Exception as error:
            # The driver raises its own errors, and those of sockets, TLS and parsers below it.
            raise translated(self._uri, self._database, error) from error

    async def _answered(self, statements: Sequence[Statement], *, write: bool) -> list[list[Row]]:
        if self._offline:
            raise StoreUnavailable(
                f"The graph server at {without_secrets(self._uri)} was not asked, because this run is offline.",
                hint="Leave out --offline, or add the host to AUTOINTEL_FETCH__ALLOW_HOSTS.",
            )
        driver = await self._opened()
        async with driver.session(database=self._database) as session:
            transact = session.execute_write if write else session.execute_read
            return await transact(_run, statements)

    async def _opened(self) -> AsyncDriver:
        """Once: the server answers, and has our constraint and indexes."""
        async with self._opening:
            if self._driver is None:
                driver = self._connect()
                try:
                    with anyio.fail_after(self._timeout):
                        # Unlike a transaction this does not try for half a minute to reach a server that is not there.
                        await driver.verify_connectivity()
                    await self._lay_out(driver)
                except BaseException:
                    with anyio.CancelScope(shield=True):
                        await driver.close()
                    raise
                self._driver = driver
            return self._driver

    async def _lay_out(self, driver: AsyncDriver) -> None:
        """Make constraint and indexes, each in a transaction that is repeated: first writers block each other."""
        from neo4j import exceptions

        async with driver.session(database=self._database) as session:
            for statement in schema.NEO4J:
                try:
                    await session.execute_write(_run, [(statement, {})])
                except exceptions.ClientError as error:
                    if not is_there_already(error):
                        raise

    async def ping(self) -> None:
        """Sign in and ask the database for one number; nothing is made. Raises StoreUnavailable."""
        try:
            with anyio.fail_after(self._timeout):
                driver = self._connect()
                try:
                    await driver.verify_connectivity()
                    async with driver.session(database=self._database) as session:
                        await session.execute_read(_run, [("RETURN 1", {})])
                finally:
                    with anyio.CancelScope(shield=True):
                        await driver.close()
        except Exception as error:
            raise translated(self._uri, self._database, error) from error

    def _connect(self) -> AsyncDriver:
        from neo4j import AsyncGraphDatabase

        scheme = urlsplit(self._uri).scheme
        if scheme not in _SCHEMES:
            raise ValueError(f"{scheme or 'nothing'}:// is not how Neo4j is reached")
        return AsyncGraphDatabase.driver(
            self._uri,
            auth=self._auth,
            connection_timeout=self._timeout,
            connection_acquisition_timeout=math.ceil(self._timeout) + 1,
            max_transaction_retry_time=self._timeout,
            # An empty database answers with a warning for every label it has not seen.
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )


def _named(statements: Sequence[Statement]) -> str:
    """The first line of each query, for the log; parameters hold what people said, and stay out."""
    return "; ".join(query.strip().partition("\n")[0][:80] for query, _ in statements)


async def _run(transaction: AsyncManagedTransaction, statements: Sequence[Statement]) -> list[list[Row]]:
    answers: list[list[Row]] = []
    for query, parameters in statements:
        # Only our own queries come here; what people said travels in the parameters.
        result = await transaction.run(query, parameters)
        answers.append([dict(record) for record in await result.fetch(1_000_000)])
    return answers
