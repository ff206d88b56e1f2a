"""The simulated model's reply: words or JSON by the schema that was asked for, or calls of the tools on offer."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from autointel_bench.simulated.calls import Call
from autointel_bench.simulated.material import material_of
from autointel_bench.simulated.profile import Character, FaultKind, Profile
from autointel_bench.simulated.schema import Place, Schema, Voice, fill
from autointel_bench.simulated.voices import Honest, Liar, Obedient, Small

_REFUSAL = "I can't help with that. (simulated)"
_EACH: Final = re.compile(r"\bonce for each of the (\d{1,2})\b")


@dataclass(frozen=True)
class Said:
    """The reply's text, or its refusal."""

    text: str
    refusal: str | None = None
    finish: str = "stop"
    thought: str = ""
    repeats: str = ""
    calls: tuple[ToolCall, ...] = ()

    @property
    def spoken(self) -> str:
        """All that was said, for counting it."""
        return (
            self.text
            or self.refusal
            or self.thought
            or " ".join(f"{call.name} {call.arguments}" for call in self.calls)
        )


def tokens(text: str) -> int:
    """Four characters a token: a round figure for English, not any vendor's count."""
    return math.ceil(len(text) / 4)


def say(request: Mapping[str, Any], call: Call, profile: Profile) -> Said:
    """The reply to a request; what was made up or obeyed on the way is noted in the call."""
    if call.fault == FaultKind.REFUSAL:
        return Said("", _REFUSAL)
    if call.fault == FaultKind.EMPTY:
        return Said("")
    system, user = said_by(request, {"system", "developer"}), said_by(request, {"user", "assistant"})
    schema = asked_schema(request, f"{system}\n{user}")
    voice = _voice(system, user, profile)
    calls = tool_calls(request, user, voice)
    if calls:
        return Said("", finish="tool_calls", calls=calls)
    text = json.dumps(fill(schema, voice), ensure_ascii=False) if schema else _in_words(voice)
    call.invented.extend(voice.invented)
    call.obeyed.extend(voice.obeyed)
    return _disturbed(text, call) or Said(_spoilt(text, call.fault, in_prose=profile.in_prose and schema is not None))


def _disturbed(text: str, call: Call) -> Said | None:
    """The reply as a fault leaves it; None where there is none of these."""
    if call.rewrite is not None:
        return Said(call.rewrite(text))
    half = text[: len(text) // 2]
    return {
        FaultKind.LENGTH: Said(half, finish="length"),
        FaultKind.THOUGHT: Said("", thought=text),
        FaultKind.REASONED_AWAY: Said("", finish="length", thought="Let me think about what they want of me here. "),
        FaultKind.ENDLESS_SPACE: Said(half, repeats="\n\t   "),
        FaultKind.ENDLESS_ITEM: Said(half, repeats=', {"text": "The same again.", "quote": "The same again."}'),
    }.get(FaultKind(call.fault) if call.fault else FaultKind.HANG)


def said_by(request: Mapping[str, Any], roles: set[str]) -> str:
    """All messages of these roles, as one text."""
    texts = [_content(m.get("content")) for m in request.get("messages", ()) if m.get("role") in roles]
    return "\n".join(texts)


def _content(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content or ""


def asked_schema(request: Mapping[str, Any], prompt: str) -> Schema | None:
    """The schema a reply has to fit: the request's own, or, in JSON mode and in prose, the one shown in the prompt."""
    wanted = request.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema: Schema = wanted["json_schema"]["schema"]
        return schema
    shown = list(_schemas_in(prompt))
    if shown:
        return shown[-1]
    return {"type": "object", "properties": {"text": {"type": "string"}}} if wanted else None


def _schemas_in(prompt: str) -> Iterator[Schema]:
    decoder, at = json.JSONDecoder(), prompt.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(prompt, at)
        except ValueError:
            end = at + 1
        else:
            if isinstance(value, dict) and isinstance(value.get("properties"), dict):
                yield value
        at = prompt.find("{", end)


def _voice(system: str, user: str, profile: Profile) -> Honest:
    material = material_of(user, instructions=system)
    if profile.character is Character.LIAR:
        return Liar(material, items=profile.items, lie_share=profile.lie_share)
    if profile.character is Character.SMALL:
        return Small(material, items=profile.items)
    if profile.character is Character.OBEYS_INJECTIONS:
        return Obedient(material, items=profile.items)
    return Honest(material, items=profile.items)


def _in_words(voice: Honest) -> str:
    units = voice.material.units[:3]
    return " ".join(f"{unit.text} [{unit.id}]" if unit.id else unit.text for unit in units)


def _spoilt(text: str, fault: str | None, *, in_prose: bool) -> str:
    if fault == FaultKind.GARBAGE:
        return text[: len(text) // 2] + '\\",,]]'
    if fault == FaultKind.SCHEMA_VIOLATION:
        return json.dumps({"simulated": "not what was asked for"})
    return f"Sure! Here is what you asked for:\n```json\n{text}\n```\nLet me know." if in_prose else text


@dataclass(frozen=True)
class ToolCall:
    """One call: the tool's name and its arguments as JSON."""

    name: str
    arguments: str

    def as_message(self, index: int) -> dict[str, Any]:
        """As OpenAI writes it."""
        digest = sha256(f"{index} {self.name} {self.arguments}".encode()).hexdigest()[:16]
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": f"call_simulated_{digest}", "type": "function", "function": function}


def tool_calls(request: Mapping[str, Any], prompt: str, voice: Voice) -> tuple[ToolCall, ...]:
    """Calls of the first tool on offer; none without tools, and none once a tool has answered.

    As many as the task says ("once for each of the 5"), all in one turn, with arguments from the prompt's own text: the
    fewest turns that a real model could do with, which flatters a benchmarked agent that drives tools.
    """
    offered = [tool["function"] for tool in request.get("tools") or () if tool.get("type") == "function"]
    if not offered or any(message.get("role") == "tool" for message in request.get("messages", ())):
        return ()
    tool, found = offered[0], _EACH.search(prompt)
    schema = tool.get("parameters") or {"type": "object", "properties": {}}
    wanted = int(found[1]) if found and schema.get("properties") else 1
    units = voice.units(Place("", "", schema), wanted, wanted)
    calls = [ToolCall(tool["name"], json.dumps(fill(schema, voice, unit), ensure_ascii=False)) for unit in units]
    return tuple(dict.fromkeys(calls))
