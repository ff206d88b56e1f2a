from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests import examples
from tests.golden import matches

from autointel.domain.citation import Citation
from autointel.domain.notes import Unsought
from autointel.domain.run import Outcome, StepName
from autointel.render.markdown import escaped, opened, page, safe_url
from autointel.render.plain_text import plain
from autointel.render.sheet import Cited

GOLDEN = Path(__file__).parent / "golden"
github = MarkdownIt("commonmark").enable(["strikethrough", "table"])
marked = st.text(st.one_of(st.characters(), st.sampled_from("\\`*_[]()<>~|#-+=!&;:\"'1.) \n")), max_size=40)


def test_the_page_of_the_local_engine() -> None:
    matches(GOLDEN / "local.md", page(examples.local_results(), ()))


def test_the_page_of_a_model() -> None:
    matches(GOLDEN / "llm.md", page(examples.llm_results(), examples.judgments()))


def test_the_page_knows_nothing_of_the_clock() -> None:
    results = examples.llm_results()
    slower = [step.model_copy(update={"seconds": 99.0, "started": 7.0, "parallel": False}) for step in results.steps]

    later = results.model_copy(update={"steps": tuple(slower)})

    assert page(later, examples.judgments()) == page(results, examples.judgments())


def test_a_quote_that_is_not_in_the_transcript_is_never_called_verified() -> None:
    results = examples.local_results()
    invented = Citation(quote="Nobody ever said this.", start=1.0, end=2.0)
    excerpt = results.analysis.excerpts[0].model_copy(update={"citations": (invented,)})
    analysis = results.analysis.model_copy(update={"excerpts": (excerpt,)})

    text = page(results.model_copy(update={"analysis": analysis}), ())

    assert "1 of them not found in the transcript" in text
    assert "verified" not in text


def test_a_page_without_any_citation_says_so() -> None:
    results = examples.llm_results()
    empty = results.model_copy(update={"analysis": type(results.analysis)(), "claims": ()})

    assert "No quotes" in page(empty, ())


def test_what_a_simulated_model_wrote_is_called_simulated() -> None:
    results = examples.llm_results().model_copy(update={"simulated": True})

    assert "A simulated model wrote this" in page(results, examples.judgments()).splitlines()[2]


def test_kinds_that_were_not_sought_are_named_with_the_reason() -> None:
    results = examples.local_results()
    unsought = Unsought(kinds=("excerpts", "entities"), reason="this source is in German")
    notes = results.notes.model_copy(update={"unsought": (unsought,)})

    assert "- excerpts, entities: declined (this source is in German)" in page(
        results.model_copy(update={"notes": notes}), ()
    )


def test_steps_that_ended_alike_share_a_line() -> None:
    text = page(examples.local_results(), ())

    assert text.count("these need a language model") == 1
    assert "- insights, fallacies, perspectives, verdicts: declined" in text


def test_a_page_where_everything_is_there_has_no_last_section() -> None:
    results = examples.llm_results()
    done = tuple(step for step in results.steps if step.outcome is Outcome.DONE)

    text = page(results.model_copy(update={"steps": done, "dropped": type(results.dropped)()}), examples.judgments())

    assert "Not in this briefing" not in text


def test_items_of_replies_that_could_not_be_read_are_counted_over_all_steps() -> None:
    results = examples.llm_results()
    steps = tuple(step.model_copy(update={"dropped_items": 1}) for step in results.steps[:2])

    text = page(results.model_copy(update={"steps": (*steps, *results.steps[2:])}), examples.judgments())

    assert "- 2 items of the model's replies: left out" in text


def test_a_failed_step_without_a_reason_is_still_named() -> None:
    results = examples.llm_results()
    failed = (*results.steps, examples.step(StepName.BRIEF, 0, 0, Outcome.FAILED))

    assert "- brief: failed\n" in page(results.model_copy(update={"steps": failed}), ())


def test_what_is_too_much_for_the_page_is_counted() -> None:
    results = examples.local_results()
    many = results.analysis.excerpts * 9
    analysis = results.analysis.model_copy(update={"excerpts": many})

    text = page(results.model_copy(update={"analysis": analysis}), ())

    assert "6 more in the report." in text


@pytest.mark.parametrize(
    "title",
    [
        "# not a heading",
        "two\nlines\n\n## Key judgments\n\n1. invented",
        "[click](javascript:alert(1))",
        "<script>alert(1)</script>",
        "\x1b[31mred\x1b[0m",
        "a\u202eb",
        "x" * 5000,
        "\x1b\x07",
    ],
)
def test_a_hostile_title_stays_one_title(title: str) -> None:
    text = page(examples.local_results(title), ())

    tokens = github.parse(text)
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h1") == 1
    assert not any(token.type.startswith("html") for token in tokens)
    assert len(text.splitlines()[0]) < 400
    assert "\x1b" not in text


@given(marked)
@example("&lt;b&gt; &#60; &amp;")
@example("1. one 2) two - three")
@example("a | b")
@example("__0__")
def test_escaped_text_reads_as_it_stands(text: str) -> None:
    line = plain(text)

    tokens = github.parse(escaped(line))

    assert [token.type for token in tokens] == (["paragraph_open", "inline", "paragraph_close"] if line else [])
    inline = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inline} <= {"text"}
    assert "".join(child.content for child in inline) == line


@given(st.text(max_size=40))
def test_a_link_never_leads_to_anything_but_its_address(tail: str) -> None:
    tokens = github.parse(opened("4:12", f"https://video.example/{tail}"))

    inline = [child for token in tokens for child in token.children or []]
    assert [child.type for child in inline] == ["link_open", "text", "link_close"]
    assert str(inline[0].attrs["href"]).startswith("https://video.example/")


@pytest.mark.parametrize(
    "url", [None, "", "javascript:alert(1)", "file:///etc/passwd", "talk.vtt", " data:text/html,x"]
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert safe_url(url) is None
    assert opened("4:12", url) == "4:12"


def test_a_quote_stands_with_its_speaker_and_an_estimated_time_with_its_sign() -> None:
    said = Citation(quote="We pay.", start=65.0, end=66.0, speaker="Ana *", approximate=True)

    shown = Cited.of(said)

    assert (shown.place, shown.speaker) == ("≈1:05", "Ana *")


def test_a_quote_that_begins_with_a_quotation_mark_opens_once() -> None:
    assert Cited.of(Citation(quote='"We pay," she said.', start=65.0, end=66.0)).quote == "'We pay,' she said."
