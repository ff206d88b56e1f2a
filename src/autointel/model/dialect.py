"""What a model's server turned out to understand, and which part of a request to leave out next.

A server that names what it does not take (a 4xx) is believed for the rest of the run. Where a failure only hints at it
(a 500 in a schema's compiler, a reply that ignores the schema), the part is left out for this question; for the run,
once that has helped several questions in a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from autointel.model.chat import Message
from autointel.model.reply_schema import Level

# So many questions in a row that only the concession answered: the server does not heed the other form.
_STRIKES: Final = 2
# Shares of a prompt that count as the same, and lengths that count as different.
_SAME: Final = 0.05
_OTHER: Final = 0.3


class Part(Enum):
    """A part of a request that a server may not take."""

    SYSTEM = "a system message"
    SCHEMA = "a JSON schema"
    JSON = "JSON mode"
    TEMPERATURE = "temperature"
    STREAM = "streaming"
    MAX_TOKENS = "max_tokens"
    LENGTHS = "lengths in a schema"


_JSON_ONLY: Final = re.compile(r"json_object", re.IGNORECASE)
_SIGNS: Final = (
    (
        Part.MAX_TOKENS,
        re.compile(r"max_tokens|max_completion_tokens|max_new_tokens|in the completion", re.IGNORECASE),
    ),
    (
        Part.SYSTEM,
        re.compile(
            r"(?:system|developer).{0,40}(?:role|message|prompt|instruction)|role.{0,30}\bsystem\b"
            r"|roles must alternate|only.{0,20}user.{0,20}assistant.{0,20}roles",
            re.IGNORECASE,
        ),
    ),
    (Part.LENGTHS, re.compile(r"maxLength|minLength", re.IGNORECASE)),
    (Part.TEMPERATURE, re.compile(r"temperature", re.IGNORECASE)),
    (
        Part.SCHEMA,
        re.compile(
            r"json.?schema|grammar|xgrammar|outlines|llguidance|guided|structured.?output|minItems|maxItems"
            r"|\$ref|\$defs|additionalProperties|anyOf|schema.{0,60}(?:support|compil|invalid|complex|convert)",
            re.IGNORECASE,
        ),
    ),
    (Part.JSON, re.compile(r"response_?format|json mode|json_object", re.IGNORECASE)),
    (Part.STREAM, re.compile(r"stream", re.IGNORECASE)),
)
# What a server answers with a 5xx may be its passing fault; these words are no accident.
_COMPILER: Final = re.compile(r"grammar|json.?schema|xgrammar|outlines|llguidance|guided.?decoding", re.IGNORECASE)


@dataclass(frozen=True)
class Form:
    """How a request is put: everything that may have to be given up."""

    temperature: float | None = None
    system: bool = True
    streams: bool = True
    max_tokens: str | None = "max_tokens"
    lengths: bool = True
    refused: frozenset[Level] = frozenset()
    in_words: bool = False

    @property
    def level(self) -> Level:
        """The best form of reply that is not refused."""
        return next(level for level in Level if level not in self.refused)

    @property
    def shows_schema(self) -> bool:
        """Whether the prompt has to hold the schema."""
        return self.in_words or self.level is not Level.SCHEMA

    def without(self, part: Part, words: str = "") -> Form | None:
        """The form without ``part``; None where it was not in it. ``words`` may name what to say instead."""
        other = self.max_tokens == "max_tokens" and "max_completion_tokens" in words
        less = {
            Part.TEMPERATURE: replace(self, temperature=None),
            Part.STREAM: replace(self, streams=False),
            Part.SYSTEM: replace(self, system=False),
            Part.LENGTHS: replace(self, lengths=False),
            Part.MAX_TOKENS: replace(self, max_tokens="max_completion_tokens" if other else None),
            Part.SCHEMA: replace(self, refused=self.refused | {Level.SCHEMA}),
            Part.JSON: replace(self, refused=self.refused | {Level.JSON}),
        }[part]
        if less == self:
            return self.without(Part.SCHEMA) if part is Part.LENGTHS else None
        return less

    def worded(self) -> Form:
        """With the schema in the prompt, in JSON mode where that is taken: the server may not heed a schema."""
        refused = self.refused if Level.JSON in self.refused else self.refused | {Level.SCHEMA}
        return replace(self, refused=refused, in_words=True)


@dataclass
class Dialect:
    """One model's form for the run, and how often a way around it was needed."""

    form: Form
    room: int = 1
    """How many times the usual length a reply may have: more for a model that reasons first."""
    strikes: int = 0
    _low: list[tuple[int, int]] = field(default_factory=list)

    def counts_plausibly(self, sent: int, read: int) -> bool:
        """Whether a count of tokens that is far too low means a cut prompt.

        A server that counts in other units is off by the same share each time; a cut prompt is as long as the context.
        """
        share = read / sent
        odd = any(
            abs(share - before / other) < _SAME and abs(sent - other) > _OTHER * sent for other, before in self._low
        )
        self._low.append((sent, read))
        return not odd

    def settle(self, used: Form) -> None:
        """A question was answered in the form ``used``, which is not the run's own: perhaps it should be."""
        if used == self.form:
            self.strikes = 0
            return
        self.strikes += 1
        if self.strikes >= _STRIKES:
            self.form = replace(used, in_words=used.in_words or self.form.in_words)
            self.strikes = 0


def part_refused(words: str, form: Form) -> Part | None:
    """Which part of a request, put in ``form``, an error speaks of."""
    level = form.level
    if _JSON_ONLY.search(words) and level is Level.JSON:
        return Part.JSON
    for part, sign in _SIGNS:
        if sign.search(words):
            if part in {Part.SCHEMA, Part.JSON}:
                return {Level.SCHEMA: Part.SCHEMA, Level.JSON: Part.JSON, Level.TEXT: None}[level]
            return part
    return None


def compiler_failed(words: str) -> bool:
    """Whether a server's own error comes from compiling the schema."""
    return bool(_COMPILER.search(words))


def without_system(messages: list[Message]) -> list[Message]:
    """What the system says, put before what the user says first."""
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [message for message in messages if message["role"] != "system"]
    if not system:
        return rest
    first = rest[0] if rest else {"role": "user", "content": ""}
    return [{**first, "role": "user", "content": f"{system}\n\n{first['content']}".strip()}, *rest[1:]]
