"""From what a model wrote to a value: JSON as asked for, or found in prose."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

Reply = TypeVar("Reply", bound=BaseModel)

_FENCE: Final = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL | re.IGNORECASE)
# Reasoning models of local servers think aloud first.
_THOUGHT: Final = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)
_LOOKS_LIKE_JSON: Final = re.compile(r'\{\s*"')
_SHOWN: Final = 3


class Malformed(Exception):
    """The reply is not what was asked for; says how, in words for the model."""


def parsed(text: str, schema: type[Reply]) -> Reply:
    """The value in ``text``: all of it, or in a fence, or the last object that fits. Raises Malformed."""
    problem = "it holds no JSON object"
    for candidate in _candidates(_THOUGHT.sub("", text).strip()):
        try:
            value = schema.model_validate_json(candidate)
        except ValidationError as error:
            problem = _in_words(error)
        else:
            # With defaults for everything, any object would do.
            if value.model_fields_set or not schema.model_fields:
                return value
            problem = "it has none of the fields asked for"
    raise Malformed(problem)


def _candidates(text: str) -> Iterator[str]:
    if text.startswith("{"):
        # And perhaps some chatter after it. What is inside of a reply that was cut short must not pass for the reply.
        yield text
        yield from [text[start:end] for start, end in _objects(text)][:1]
        return
    yield from reversed([found[1] for found in _FENCE.finditer(text)])
    yield from reversed([text[start:end] for start, end in _objects(text)])


def _objects(text: str) -> Iterator[tuple[int, int]]:
    """Where JSON objects stand that are not inside one another, up to one that does not end."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            if _LOOKS_LIKE_JSON.match(text, at):
                return
            end = at + 1
        else:
            yield at, end
        at = text.find("{", end)


def _in_words(error: ValidationError) -> str:
    """The first few problems, without the input: that may be long, and it may be anything."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [f"{'.'.join(map(str, problem['loc'])) or 'reply'}: {problem['msg']}" for problem in problems[:_SHOWN]]
    return "; ".join(shown)
