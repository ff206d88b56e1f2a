"""A reply with a schema: how the schema is asked for, what the reply comes to, and what code could not accept."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final, Generic, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from autointel.model.reply_fit import Fitting, Unfit
from autointel.model.reply_text import json_in

JsonSchema = dict[str, Any]
# What OpenAI's strict mode refuses (guide to structured outputs, "supported schemas"); our own validation still holds.
_REFUSED: Final = ("default", "title", "uniqueItems", "examples", "discriminator")
_LENGTHS: Final = ("minLength", "maxLength")
# A text and a list without limits of their own, and a name with its punctuation, for the longest reply.
_TEXT: Final = 500
_ITEMS: Final = 20
_WORD: Final = 8
_DEEPEST: Final = 12  # of a schema that refers to itself
_FEWEST_TOKENS: Final = 400
_MOST_TOKENS: Final = 8_000
# Keys of a schema that strict mode has no form of.
_NOT_STRICT: Final = ("oneOf", "not", "if", "patternProperties", "prefixItems")
Reply = TypeVar("Reply", bound=BaseModel)
_SHOWN: Final = 3  # problems that the model is told of
R = TypeVar("R")
T = TypeVar("T")
R_contra = TypeVar("R_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Level(IntEnum):
    """How far a server can be held to a schema, best first."""

    SCHEMA = 0  # response_format json_schema
    JSON = 1  # response_format json_object, the schema in the prompt
    TEXT = 2  # the schema in the prompt, and JSON looked for in the reply


@lru_cache(maxsize=64)  # pydantic takes 20 ms for a large one, and a short run asks two dozen times
def schema_of(model: type[BaseModel]) -> JsonSchema:
    """The schema as pydantic writes it, of what the model is to send. Shared between callers: nobody changes it."""
    return model.model_json_schema(mode="validation")


def response_format(model: type[BaseModel], level: Level, *, lengths: bool = True) -> JsonSchema | None:
    """The request's ``response_format``; None where it has none.

    ``lengths`` keeps the lengths of texts in the schema: a server that compiles it to a grammar then ends them in time.
    """
    if level is Level.SCHEMA:
        schema = schema_of(model)
        strict = _strict(schema, lengths=lengths)
        return {
            "type": "json_schema",
            "json_schema": {
                "name": model.__name__.lstrip("_"),
                "schema": strict or schema,
                "strict": strict is not None,
            },
        }
    return {"type": "json_object"} if level is Level.JSON else None


def in_words(model: type[BaseModel]) -> str:
    """The schema as a part of the prompt, for servers that take none in the request."""
    shown = json.dumps(schema_of(model), ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It must fit this JSON schema:\n{shown}"


def most_tokens(model: type[BaseModel]) -> int:
    """How many tokens a reply can have that fills every list and text of its schema; at most 8,000."""
    schema = schema_of(model)
    return max(_FEWEST_TOKENS, min(_MOST_TOKENS, _tokens(schema, schema.get("$defs", {}), 0)))


def _tokens(schema: JsonSchema, defs: JsonSchema, depth: int) -> int:
    if "$ref" in schema:
        return _tokens(defs[schema["$ref"].rsplit("/", 1)[-1]], defs, depth + 1) if depth < _DEEPEST else _WORD
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return max(_tokens(part, defs, depth + 1) for part in schema[key])
    if "properties" in schema:
        return sum(_WORD + _tokens(part, defs, depth + 1) for part in schema["properties"].values())
    if schema.get("type") == "array":
        return int(schema.get("maxItems", _ITEMS)) * (2 + _tokens(schema.get("items", {}), defs, depth + 1))
    if schema.get("type") == "string" and "enum" not in schema:
        # Three characters a token is less than most languages have.
        return int(schema.get("maxLength", _TEXT)) // 3 + 2
    return _WORD


def _strict(schema: Any, *, lengths: bool) -> Any:
    """The schema under strict mode's rules: every property required, none additional. None where it can't be."""
    if isinstance(schema, list):
        parts = [_strict(part, lengths=lengths) for part in schema]
        return None if None in parts else parts
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # no siblings there
    if any(key in schema for key in _NOT_STRICT) or _is_open(schema):
        return None
    return _strict_object(schema, lengths=lengths)


def _is_open(schema: JsonSchema) -> bool:
    """Whether the schema is of a mapping with any names."""
    return schema.get("type") == "object" and ("properties" not in schema or bool(schema.get("additionalProperties")))


def _strict_object(schema: JsonSchema, *, lengths: bool) -> JsonSchema | None:
    result: JsonSchema = {}
    for key, value in schema.items():
        if key in {"properties", "$defs"}:
            inner = {name: _strict(part, lengths=lengths) for name, part in value.items()}
            if None in inner.values():
                return None
            result[key] = inner
        elif key in {"items", "anyOf", "allOf"}:
            part = _strict(value, lengths=lengths)
            if part is None:
                return None
            result[key] = part
        elif key not in _REFUSED and (lengths or key not in _LENGTHS):
            result[key] = value
    if "properties" in schema:
        result |= {"required": list(schema["properties"]), "additionalProperties": False}
    return result


class Malformed(Exception):
    """The reply is not what was asked for; says how, in words for the model."""


@dataclass(frozen=True)
class Salvaged(Generic[Reply]):
    """A reply as a value. ``dropped`` has a reason for each item left out, ``cut`` where the reply ended too early."""

    value: Reply
    dropped: tuple[str, ...] = ()
    kept: int = 0
    cut: bool = False

    @property
    def is_poor(self) -> bool:
        """Whether more was lost than kept: worth asking once more."""
        return len(self.dropped) > self.kept

    @property
    def problem(self) -> str:
        """The first reasons, in words for the model."""
        return "; ".join(dict.fromkeys(self.dropped[:_SHOWN])) or "it ends before its end"


def salvaged(text: str, schema: type[Reply]) -> Salvaged[Reply]:
    """The value in ``text``, as much of it as fits. Raises Malformed where nothing does."""
    problem = "it holds no JSON object"
    for found in json_in(text):
        try:
            return _fitted(found.value, schema, cut=found.cut)
        except Unfit as error:
            problem = str(error)
    raise Malformed(problem)


def is_empty(value: BaseModel) -> bool:
    """Whether a reply is made of lists, and nothing is in any of them."""
    parts = [getattr(value, name) for name in type(value).model_fields]
    lists = [part for part in parts if isinstance(part, list | tuple)]
    return bool(lists) and len(lists) == len(parts) and not any(lists)


def _fitted(value: Any, schema: type[Reply], *, cut: bool) -> Salvaged[Reply]:
    with suppress(ValidationError):
        whole = schema.model_validate(value)
        # With defaults for everything, any object would do.
        if whole.model_fields_set or not schema.model_fields:
            return Salvaged(whole, kept=_count(value), cut=cut)
    fitting = Fitting(schema_of(schema), whole=not cut)
    fitted = fitting.fit(value)
    dropped = list(fitting.dropped)
    for _ in range(fitting.kept + 1):
        try:
            reply = schema.model_validate(fitted)
        except ValidationError as error:
            # What a JSON schema can't say: the item that the model's own rules refuse goes, the others stay.
            if not _drop(fitted, error):
                raise Unfit(_in_words(error)) from None
            dropped.append(_in_words(error))
        else:
            kept = fitting.kept - (len(dropped) - len(fitting.dropped))
            if dropped and not kept:
                raise Unfit("; ".join(dropped[:_SHOWN]))
            return Salvaged(reply, tuple(dropped), kept, cut)
    raise Unfit("it does not fit the schema")


def _count(value: Any) -> int:
    return sum(len(part) for part in value.values() if isinstance(part, list)) if isinstance(value, dict) else 0


def _drop(value: Any, error: ValidationError) -> bool:
    """Take the innermost list item that the first problem names out of ``value``."""
    path = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
    holder, index, at = None, None, value
    for step in path:
        if isinstance(at, list) and isinstance(step, int) and step < len(at):
            holder, index = at, step
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            break
    if holder is None or index is None:
        return False
    del holder[index]
    return True


def _in_words(error: ValidationError) -> str:
    """The first few problems, without the input, which may be long or hostile."""
    return "; ".join(_problems(error))


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_context=False, include_input=False)[:_SHOWN]:
        yield f"{'.'.join(map(str, problem['loc'])) or 'reply'}: {problem['msg']}"


class Ungrounded(Exception):
    """A reply holds quotes, ids or sentences that rest on nothing; the model is told ``problems``, once."""

    def __init__(self, problems: str) -> None:
        super().__init__(problems)
        self.problems = problems


class Accept(Protocol[R_contra, T_co]):
    """Checks a reply by code."""

    def __call__(self, reply: R_contra, /, *, last: bool) -> T_co:
        """What holds of the reply. Raises Ungrounded where something does not, unless this is the ``last`` try."""
        ...


async def ask_until_grounded(ask: Callable[[str], Awaitable[R]], accept: Accept[R, T]) -> T:
    """Ask at most twice. ``ask`` gets the text to add to its prompt: empty at first, then what was wrong.

    Raises what ``ask`` raises.
    """
    asking = _asking(accept)
    remark = next(asking)
    while True:
        reply = await ask(remark)
        try:
            remark = asking.send(reply)
        except StopIteration as accepted:
            found: T = accepted.value
            return found


def ask_until_grounded_in_thread(ask: Callable[[str], R], accept: Accept[R, T]) -> T:
    """The same for a thread that may block, such as CrewAI's."""
    asking = _asking(accept)
    remark = next(asking)
    while True:
        try:
            remark = asking.send(ask(remark))
        except StopIteration as accepted:
            found: T = accepted.value
            return found


def _asking(accept: Accept[R, T]) -> Generator[str, R, T]:
    """Yields what to add to the prompt, takes the reply, returns what was accepted."""
    reply = yield ""
    try:
        return accept(reply, last=False)
    except Ungrounded as rejected:
        problems = rejected.problems
    reply = yield f"\n\nYour last answer was rejected: {problems}\nAnswer again; cite only what is above."
    return accept(reply, last=True)
