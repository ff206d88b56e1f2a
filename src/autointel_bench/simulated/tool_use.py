"""The simulated model with tools on offer: it calls the first of them in its first turn, and then answers in words.

As often as the task says ("once for each of the 5"), all in one turn, with arguments from the prompt's own text: the
fewest turns that a real model could do with. A benchmark of an agent that drives tools is the kinder to it for that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from autointel_bench.simulated.schema import Place, Voice, fill

_EACH: Final = re.compile(r"\bonce for each of the (\d{1,2})\b")


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
    """None without tools, and none once a tool has answered."""
    offered = [tool["function"] for tool in request.get("tools") or () if tool.get("type") == "function"]
    if not offered or any(message.get("role") == "tool" for message in request.get("messages", ())):
        return ()
    tool, found = offered[0], _EACH.search(prompt)
    schema = tool.get("parameters") or {"type": "object", "properties": {}}
    wanted = int(found[1]) if found and schema.get("properties") else 1
    units = voice.units(Place("", "", schema), wanted, wanted)
    calls = [ToolCall(tool["name"], json.dumps(fill(schema, voice, unit), ensure_ascii=False)) for unit in units]
    return tuple(dict.fromkeys(calls))
