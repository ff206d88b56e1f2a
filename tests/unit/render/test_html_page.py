from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree, html
from tests import examples
from tests.hostile import NAUGHTY, everything, poisoned

from autointel.domain.citation import Citation
from autointel.domain.results import Results
from autointel.domain.run import Engine
from autointel.domain.transcript import Segment, Transcript
from autointel.render.html.page import html_page

CSS = (files("autointel.render.html") / "templates" / "page.css").read_text(encoding="utf-8")
JS = (files("autointel.render.html") / "templates" / "page.js").read_text(encoding="utf-8")
# Parsed as HTML, a tag of a foreign element keeps its name.
TAGS = set(
    "html head meta title style body a header h1 h2 p small strong nav ul ol li main section figure figcaption svg g "
    "line text rect path circle div dl dt dd time span q cite bdi details summary table thead tbody tr th td "
    "footer script".split()
)
ATTRIBUTES = set(
    "lang charset http-equiv content name class href id dir aria-label aria-labelledby aria-describedby aria-hidden "
    "tabindex rel datetime title start scope role width height viewbox x y x1 x2 y1 y2 cx cy r rx d stroke-width "
    "text-anchor transform".split()
)


def parsed(page: str) -> html.HtmlElement:
    return html.document_fromstring(page)


def page_of(text: str | None = None) -> str:
    report, results = everything()
    if text is not None:
        report, results = poisoned(report, text), poisoned(results, text)
    return html_page(report, results)


def elements(page: html.HtmlElement) -> list[html.HtmlElement]:
    return [each for each in page.iter() if isinstance(each.tag, str)]


def skeleton(page: str) -> list[tuple[str, list[str]]]:
    return [(str(each.tag), sorted(map(str, each.attrib))) for each in elements(parsed(page))]


PLAIN = skeleton(page_of("some words"))


def words(page: html.HtmlElement, path: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in page.xpath(path)]


def test_every_section_stands_in_the_readers_order() -> None:
    page = parsed(page_of())

    assert page.xpath("//main/section/@id") == [
        *("timeline", "judgments", "insights", "claims", "fallacies", "perspectives", "excerpts", "statements"),
        *("terms", "chapters", "entities", "missing", "time", "run"),
    ]
    assert page.xpath("//nav//a/@href") == [f"#{name}" for name in page.xpath("//main/section/@id")]
    assert [each.tag for each in page.xpath("//h1 | //h2")] == ["h1"] + ["h2"] * 14
    assert [str(each.tag) for each in page.find("body") if each.tag in {"header", "nav", "main", "footer"}] == [
        *("header", "nav", "main", "footer")
    ]


def test_a_judgment_shows_how_sure_it_is_and_opens_its_moments() -> None:
    page = parsed(page_of())

    judgment = page.xpath("//li[@id='judgment-1']")[0]

    assert words(judgment, "./p")[1] == "likely · high confidence"
    assert [(link.get("href"), link.text_content(), link.get("rel")) for link in judgment.xpath(".//a")] == [
        ("https://video.example/watch?v=transit&t=252", "4:12", "noopener noreferrer"),
        ("https://video.example/watch?v=transit&t=3063", "51:03", "noopener noreferrer"),
    ]
    assert words(judgment, ".//q")[0] == "Nobody at this table thinks fares cover it."


def test_a_claim_shows_its_verdict_in_words_and_the_evidence_with_its_page() -> None:
    claim = parsed(page_of()).xpath("//li[@id='claim-1']")[0]

    assert words(claim, "./p")[0] == "✗ refuted · high confidence · Jon Okafor"
    assert words(claim, ".//ul[@class='evidence']/li") == [
        "refutes the number of trips increased by 14 per cent Transport Statistics 2014, city of Tallinn"
    ]
    assert claim.xpath(".//cite/a/@href") == ["https://tallinn.example/2014"]


def test_reasoning_shows_its_premise_and_what_speaks_against_the_reading() -> None:
    page = parsed(page_of())

    assert words(page, "//li[@id='fallacy-1']//dl/div") == [
        "premise only two options exist.",
        "against this reading he names parking prices later on.",
    ]
    assert words(page, "//li[@id='perspective-1']//dt") == ["grounds", "missing"]


def test_what_is_not_in_the_briefing_says_why_and_what_to_do() -> None:
    rows = words(parsed(page_of()), "//section[@id='missing']//div")

    assert rows[0].startswith("graph degraded neo4j at bolt://db:7687 refused the connection")
    assert rows[0].endswith("autointel drain")


def test_every_mark_of_the_timeline_leads_to_its_item_and_says_what_it_is() -> None:
    page = parsed(page_of())

    marks = page.xpath("//section[@id='timeline']//svg//a")

    assert {str(mark.get("href")) for mark in marks} == {
        *("#judgment-1", "#claim-1", "#claim-2", "#fallacy-1", "#excerpt-1", "#excerpt-2", "#statement-1"),
        *("#chapter-1", "#chapter-2"),
    }
    claim = next(mark for mark in marks if mark.get("href") == "#claim-1")
    assert claim.get("aria-label").startswith("claim 1, refuted, 18:40: Ridership in Tallinn")


def test_a_mark_stands_where_its_moment_is() -> None:
    page = parsed(page_of())

    at = float(page.xpath("//a[@href='#claim-1']/rect/@x")[0].rstrip("%"))

    # 2 per cent are kept free at both ends of an axis of 4,320 seconds.
    assert at == pytest.approx(2 + 96 * 1120 / 4320, abs=0.01)


def test_marks_on_the_same_second_stand_under_each_other() -> None:
    tops = [int(each) for each in parsed(page_of()).xpath("//a[starts-with(@href, '#claim-')]/rect/@y")]

    assert tops[1] - tops[0] == 24


def test_more_marks_than_there_is_room_for_are_all_still_there() -> None:
    report, results = everything()
    crowd = report.fact_check.claims[:1] * 30
    report = report.model_copy(update={"fact_check": report.fact_check.model_copy(update={"claims": crowd})})

    page = parsed(html_page(report, results))

    assert len(page.xpath("//svg//a[starts-with(@href, '#claim-')]")) == 30
    assert words(page, "//section[@id='claims']//summary") == ["15 more"]
    assert page.xpath("//section[@id='claims']//details/ol/@start") == ["16"]


def test_the_critical_path_is_marked_by_more_than_its_colour() -> None:
    rows = parsed(page_of()).xpath("//table[@class='waterfall']/tbody/tr")

    critical = [row.xpath("string(th)") for row in rows if "on the critical path" in row.text_content()]

    assert critical == ["transcribe", "read", "fact_check", "brief"]
    assert [bool(row.xpath(".//rect[@class='critical']")) for row in rows] == [
        row.xpath("string(th)") in critical for row in rows
    ]


def test_a_step_that_did_not_run_has_no_bar() -> None:
    results = examples.finished(examples.local_results())
    rows = parsed(html_page(examples.report(results), results)).xpath("//table[@class='waterfall']/tbody/tr")

    assert {row.xpath("string(th)") for row in rows if not row.xpath(".//rect")} == {
        *("insights", "fallacies", "perspectives", "fact_check", "graph")
    }


def test_the_table_of_entities_says_all_that_the_picture_shows() -> None:
    page = parsed(page_of())

    rows = [[cell.text_content() for cell in row] for row in page.xpath("//table[@id='entities-table']/tbody/tr")]

    assert rows == [
        ["Tallinn", "place", "12", "Mara Lind"],
        ["Mara Lind", "place", "7", "Tallinn"],
        ["Riga", "place", "1", ""],
    ]
    assert words(page, "//svg[@class='arcs']/path/title") == ["Tallinn co-occurs with Mara Lind, 3 times"]
    radii = [float(each) for each in page.xpath("//svg[@class='arcs']//circle/@r")]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] > radii[-1] > 0


def test_a_source_without_names_has_no_picture() -> None:
    results = examples.finished(examples.llm_results(), examples.judgments())

    page = parsed(html_page(examples.report(results, Engine.LLM), results))

    assert not page.xpath("//*[@id='entities']")
    assert "#entities" not in page.xpath("//nav//a/@href")


def untimed() -> Results:
    results = examples.finished(examples.local_results())
    lines = [text for _, _, text in examples.LINES]
    cited = Citation(quote=lines[2], paragraph=3)
    excerpt = results.analysis.excerpts[0].model_copy(update={"citations": (cited,)})
    return results.model_copy(
        update={
            "transcript": Transcript(
                segments=tuple(Segment(text=text, paragraph=number) for number, text in enumerate(lines, 1))
            ),
            "analysis": results.analysis.model_copy(update={"excerpts": (excerpt,), "statements": ()}),
        }
    )


def test_a_text_without_times_is_cited_and_drawn_by_paragraph() -> None:
    results = untimed()

    page = parsed(html_page(examples.report(results), results))

    assert words(page, "//li[@id='excerpt-1']//*[@class='at copy']") == ["¶3"]
    assert words(page, "//figure[@class='timeline']//*[@class='axis']/text") == ["¶1", "¶2", "¶3", "¶4"]
    assert page.xpath("//a[@href='#excerpt-1']/@aria-label")[0].startswith("excerpt 1, ¶3: ")
    at = float(page.xpath("//a[@href='#excerpt-1']/rect/@x")[0].rstrip("%"))
    assert at == pytest.approx(2 + 96 * 2 / 3, abs=0.01)


def test_what_has_no_place_on_the_axis_is_in_the_page_and_not_on_the_timeline() -> None:
    report, _ = everything()

    page = parsed(html_page(report, untimed()))

    assert page.xpath("//li[@id='claim-1']")
    assert not page.xpath("//*[@id='timeline']")
    assert "#timeline" not in page.xpath("//nav//a/@href")


def test_a_source_without_an_address_has_times_to_take_along_instead_of_links() -> None:
    results = examples.finished(examples.local_results())
    excerpt = results.analysis.excerpts[0].model_copy(update={"citations": (examples.cited(0, url=None),)})
    results = results.model_copy(update={"analysis": results.analysis.model_copy(update={"excerpts": (excerpt,)})})

    item = parsed(html_page(examples.report(results), results)).xpath("//li[@id='excerpt-1']")[0]

    assert not item.xpath(".//a")
    assert [(each.get("datetime"), each.text) for each in item.xpath(".//*[@class='at copy']/time")] == [
        ("PT252S", "4:12")
    ]


def test_what_a_simulated_model_wrote_says_so_at_its_head_and_in_each_section() -> None:
    report, results = everything()
    page = parsed(html_page(report.model_copy(update={"simulated": True}), results))

    assert page.findtext(".//title").startswith("Simulated: The Cost")
    assert words(page, "//p[@class='notice']")[0].startswith("Simulated.")
    for section in ("judgments", "insights", "claims", "fallacies", "perspectives", "entities", "time"):
        assert "simulated" in words(page, f"//section[@id='{section}']/h2")[0], section


def test_a_real_run_does_not_call_itself_simulated() -> None:
    assert "imulated" not in parsed(page_of()).text_content().replace(CSS, "").replace(JS, "")


def test_every_link_within_the_page_arrives_and_no_id_is_there_twice() -> None:
    page = parsed(page_of())
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.xpath("//a/@href") if link.startswith("#")} <= set(ids)
    for name in ("aria-labelledby", "aria-describedby"):
        assert set(page.xpath(f"//@{name}")) <= set(ids)


def test_the_same_run_gives_the_same_bytes() -> None:
    assert page_of() == page_of()


def test_the_policy_allows_this_style_and_this_script_and_nothing_else() -> None:
    page = parsed(page_of())
    [policy] = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    [style], [script] = page.xpath("//style/text()"), page.xpath("//script/text()")

    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src '{digest(style)}'",
        f"script-src '{digest(script)}'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ]
    # A policy holds for what comes after it.
    assert page.xpath("//head/*[position() <= 2]/@http-equiv") == ["Content-Security-Policy"]


def digest(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def test_nothing_of_the_page_comes_from_elsewhere() -> None:
    page = parsed(page_of())

    assert not page.xpath("//@src | //@srcset | //@style | //link | //img | //iframe | //form | //base")
    assert not re.search(r"url\(|@import|@font-face", CSS)
    assert not re.search(r"fetch|XMLHttp|import|innerHTML|outerHTML|insertAdjacent|eval|document\.write", JS)


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_a_hostile_string_everywhere_is_words_and_nothing_more(text: str) -> None:
    page = parsed(page_of(text))

    for element in elements(page):
        assert element.tag in TAGS
        assert set(element.attrib) <= ATTRIBUTES
    assert len(page.xpath("//script")) == len(page.xpath("//style")) == 1
    assert page.xpath("string(//script)") == JS
    assert page.xpath("string(//style)") == CSS
    for address in page.xpath("//@href"):
        assert address.startswith("#") or urlsplit(address).scheme in {"http", "https"}
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", etree_text(page))


def etree_text(page: html.HtmlElement) -> str:
    return etree.tostring(page, method="text", encoding="unicode")


@pytest.mark.parametrize("text", NAUGHTY[:30], ids=range(30))
def test_a_hostile_string_beside_words_leaves_the_page_as_it_was(text: str) -> None:
    assert skeleton(page_of(f"some {text} words")) == PLAIN


@pytest.mark.slow
@given(st.text(max_size=60))
@hypothesis_settings(max_examples=25)
def test_no_text_at_all_changes_what_the_page_is_made_of(text: str) -> None:
    assert skeleton(page_of(f"some {text} words")) == PLAIN


@pytest.mark.slow
def test_a_huge_text_does_not_make_a_huge_page() -> None:
    assert len(page_of("unbroken " * 10_000)) < 400_000


def test_marks_piled_on_a_letter_are_levelled_and_a_language_keeps_those_it_has() -> None:
    title = parsed(page_of("Ệ שָׁ֑ Z" + "\u0301" * 100)).xpath("string(//h1)")

    assert title == "Ệ שָׁ֑ Z" + "\u0301" * 8


def test_an_address_that_no_browser_should_open_is_only_shown_as_a_time() -> None:
    report, results = everything()
    report = poisoned(report, "javascript:alert(1)")

    page = parsed(html_page(report, results))

    assert not [address for address in page.xpath("//a/@href") if not address.startswith("#")]
    assert words(page, "//li[@id='judgment-1']//*[@class='at copy']") == ["4:12", "51:03"]


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", block))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_every_colour_of_letters_stands_out_from_what_it_is_written_on(scheme: str) -> None:
    block = {
        "light": CSS.partition("@media")[0],
        "dark": CSS.partition("(prefers-color-scheme: dark)")[2].partition("* {")[0],
        "print": CSS.partition("@media print")[2],
    }[scheme]
    palette = colours(block)

    for letters in ("ink", "faint", "accent"):
        for ground in ("paper", "wash"):
            light, dark = sorted((luminance(palette[letters]), luminance(palette[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (letters, ground)  # WCAG 2.2, 1.4.3
    light, dark = sorted((luminance(palette["bar"]), luminance(palette["paper"])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3  # WCAG 2.2, 1.4.11
