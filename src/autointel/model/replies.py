"""From what a model wrote to a value of the schema asked for, with a count of what had to be left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from autointel.model.reply_fit import Fitting, Unfit
from autointel.model.reply_schema import schema_of
from autointel.model.reply_text import json_in

Reply = TypeVar("Reply", bound=BaseModel)

_SHOWN: Final = 3


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
    """The first few problems, without the input: that may be long, and it may be anything."""
    return "; ".join(_problems(error))


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_context=False, include_input=False)[:_SHOWN]:
        yield f"{'.'.join(map(str, problem['loc'])) or 'reply'}: {problem['msg']}"
