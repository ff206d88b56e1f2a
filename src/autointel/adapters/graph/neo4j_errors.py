"""What a Neo4j server's failures mean, in the server's own words where it gives any."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from autointel.errors import StoreUnavailable

_WORDS: Final = 300
_HTTP_PORTS: Final = frozenset({80, 443, 7473, 7474, 8080})
_ALREADY: Final = "AlreadyExists"
_NO_DATABASE: Final = "Neo.ClientError.Database.DatabaseNotFound"
_ADDRESS: Final = "AUTOINTEL_NEO4J__URI"


def is_there_already(error: Exception) -> bool:
    """Whether the server refuses a constraint or index because another first writer made it."""
    return _ALREADY in str(getattr(error, "code", ""))


def translated(uri: str, database: str | None, error: Exception) -> StoreUnavailable:
    """The error for a request to the server at ``uri`` that failed."""
    from neo4j import exceptions

    server = f"The graph server at {without_secrets(uri)}"
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


def without_secrets(uri: str) -> str:
    """The address without name, password and query."""
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
