"""The graph on a Neo4j server, by URI, and what its failures mean, in the server's own words where it gives any."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio
from typing_extensions import override

from autointel.adapters.graph.cypher import CypherGraph, Row, Statement
from autointel.adapters.insertion import InsertionLimits
from autointel.adapters.store_requests import public_address, timed
from autointel.errors import StoreUnavailable, not_asked

if TYPE_CHECKING:
    from neo4j import AsyncDriver, AsyncManagedTransaction

_CONSTRAINTS: Final = (
    "CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (e:Entity) REQUIRE e.id IS UNIQUE",
    "CREATE TEXT INDEX entity_folded IF NOT EXISTS FOR (e:Entity) ON (e.folded)",
    "CREATE INDEX related_id IF NOT EXISTS FOR ()-[r:RELATED]-() ON (r.id)",
)
_WORDS: Final = 300  # characters of the server's own words
_HTTP_PORTS: Final = frozenset({80, 443, 7473, 7474, 8080})
_ALREADY: Final = "AlreadyExists"
_NO_DATABASE: Final = "Neo.ClientError.Database.DatabaseNotFound"
_ADDRESS: Final = "AUTOINTEL_NEO4J__URI"
_TIMEOUT: Final = 10.0  # seconds for one request
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
        super().__init__(namespace, f"The graph server at {public_address(uri)}", limits)
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
    @override
    def backend(self) -> str:
        return "neo4j"

    @override
    async def close(self) -> None:
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
            raise StoreUnavailable(*not_asked(f"The graph server at {public_address(self._uri)}"))
        driver = await self._opened()
        async with driver.session(database=self._database) as session:
            transact = session.execute_write if write else session.execute_read
            return await transact(_run, statements)

    async def _opened(self) -> AsyncDriver:
        """The driver, once it is known that the server answers and has our constraint and indexes."""
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
            for statement in _CONSTRAINTS:
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


def translated(uri: str, database: str | None, error: Exception) -> StoreUnavailable:
    """The error for a request to the server at ``uri`` that failed."""
    from neo4j import exceptions

    server = f"The graph server at {public_address(uri)}"
    if isinstance(error, exceptions.UnsupportedServerProduct):
        return _not_reached(server, error)
    if isinstance(error, exceptions.ConfigurationError | ValueError):
        return StoreUnavailable(
            f"{server} cannot be addressed: {_short(error)}.",
            f"{_ADDRESS} begins with bolt:// or neo4j://, with +s where it is encrypted.",
        )
    if isinstance(error, exceptions.ServiceUnavailable | OSError) and not isinstance(error, TimeoutError):
        return _not_reached(server, error)
    return _answered(server, uri, database, error)


def _answered(server: str, uri: str, database: str | None, error: Exception) -> StoreUnavailable:
    from neo4j import exceptions

    if isinstance(error, TimeoutError):
        late = "Its port is that of HTTP: Bolt's is mostly 7687." if urlsplit(uri).port in _HTTP_PORTS else ""
        return StoreUnavailable(
            f"{server} did not answer in time.", late or "See whether it is overloaded, or try again.", down=True
        )
    if isinstance(error, exceptions.AuthError):
        return StoreUnavailable(
            f"{server} does not accept the name or password: {_short(error)}.",
            "See AUTOINTEL_NEO4J__USER and AUTOINTEL_NEO4J__PASSWORD.",
            down=True,
        )
    if getattr(error, "code", None) == _NO_DATABASE:
        return StoreUnavailable(
            f"{server} has no database {database or 'by default'}: {_short(error)}.",
            "See AUTOINTEL_NEO4J__DATABASE; unset, the server's default is used.",
            down=True,
        )
    if isinstance(error, exceptions.SessionExpired | exceptions.TransientError):
        return StoreUnavailable(f"{server} broke off: {_short(error)}.", "Try again.", passing=True)
    return StoreUnavailable(f"{server} did not do as asked: {_short(error)}.", "See its log, or try again.")


def _not_reached(server: str, error: Exception) -> StoreUnavailable:
    reason = _all_reasons(error)
    if "looks like HTTP" in reason:
        return StoreUnavailable(
            f"{server} answers in HTTP: this is its HTTP port.",
            f"Bolt has a port of its own, mostly 7687: see {_ADDRESS}.",
            down=True,
        )
    if "does not support communication" in reason:
        return StoreUnavailable(
            f"{server} speaks no version of Bolt that is known here: too old, or no Neo4j.",
            "Neo4j 4.4 and later can be used.",
            down=True,
        )
    if "certificate" in reason.lower():
        hint = f"Its certificate is not trusted here: with +ssc in {_ADDRESS} any certificate is accepted."
    elif "SSL" in reason or "TLS" in reason:
        hint = f"It does not encrypt as asked: see whether {_ADDRESS} should have +s or not."
    elif "not resolve" in reason or "Name or service" in reason:
        hint = f"No such host is known: see {_ADDRESS}."
    else:
        hint = f"Is it running? See {_ADDRESS}."
    return StoreUnavailable(f"{server} cannot be reached: {_short(error)}.", hint, down=True)


def _all_reasons(error: BaseException | None) -> str:
    """The texts of an error and of those it was raised from: the driver wraps what sockets and TLS say."""
    texts: list[str] = []
    while error is not None and len(texts) < 30:  # noqa: PLR2004  a chain that leads back to itself
        texts += [str(error), *map(str, error.args)]
        error = error.__cause__ or error.__context__
    return " ".join(texts)


def _short(error: Exception) -> str:
    message = str(getattr(error, "message", None) or str(error) or type(error).__name__)
    # What follows in brackets, or on further lines, are addresses and errors of sockets, for developers.
    first = message.strip().partition("\n")[0].partition(" (")[0]
    return " ".join(first.split()).rstrip(".:")[:_WORDS]


def is_there_already(error: Exception) -> bool:
    """Whether the server refuses a constraint or index because another first writer made it."""
    return _ALREADY in str(getattr(error, "code", ""))
