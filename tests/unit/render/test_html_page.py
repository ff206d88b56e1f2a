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

from autointel.domain.analysis import Analysis
from autointel.domain.citation import Citation
from autointel.domain.notes import Claim as NotedClaim
from autointel.domain.notes import KeyPoint, Notes
from autointel.domain.report import Report, Results
from autointel.domain.run import Engine
from autointel.domain.transcript import Segment, Transcript
from autointel.render.html.page import html_page

CSS = (files("autointel.render.html") / "templates" / "page.css").read_text(encoding="utf-8")
JS = (files("autointel.render.html") / "templates" / "page.js").read_text(encoding="utf-8")
# Parsed as HTML, a tag of a foreign element keeps its name.
TAGS = set(
    "html head meta link title style body a header h1 h2 h3 p small strong nav ul ol li main section figure figcaption "
    "svg line text rect path circle foreignobject div dl dt dd time span q cite bdi details summary table thead tbody "
    "tr th td label input output footer script".split()
)
ATTRIBUTES = set(
    "lang charset http-equiv content name class href id dir aria-label aria-labelledby aria-describedby aria-hidden "
    "tabindex rel datetime title start scope role width height viewbox x y x1 x2 y1 y2 cx cy r rx d stroke-width "
    "text-anchor transform property data-lines data-name data-ends for type autocomplete spellcheck aria-live accept "
    "hidden".split()
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
        *("judgments", "claims", "speakers", "insights", "fallacies", "perspectives", "excerpts", "statements"),
        *("terms", "entities", "transcript", "missing", "made"),
    ]
    assert page.xpath("//nav//a/@href") == [f"#{name}" for name in page.xpath("//main/section/@id")]
    assert [each.tag for each in page.xpath("//h1 | //h2")] == ["h1"] + ["h2"] * 13
    assert [str(each.tag) for each in page.find("body") if each.tag in {"header", "nav", "main", "footer"}] == [
        *("header", "nav", "main", "footer")
    ]


def test_the_head_says_what_it_is_who_and_when_and_what_it_comes_to() -> None:
    page = parsed(page_of())

    assert words(page, "//header/h1") == ["The Cost of Free Transit"]
    assert words(page, "//header/p[@class='byline']")[0].startswith("Civic Hour, 2 March 2026, 1 h 12 min.")
    assert words(page, "//p[@class='standfirst']") == [
        "The two speakers agree on the shortfall and differ on its bearer. 1"
    ]
    assert page.xpath("//p[@class='standfirst']/a/@href") == ["#insight-1"]
    assert page.xpath("//meta[@property='og:title']/@content") == ["The Cost of Free Transit"]
    assert page.xpath("//meta[@property='og:description']/@content")[0].startswith("The council's case rests on")


def test_a_judgment_shows_how_sure_it_is_and_opens_its_moments() -> None:
    page = parsed(page_of())

    judgment = page.xpath("//li[@id='judgment-1']")[0]

    assert words(judgment, "./p")[1] == "likely · high confidence"
    assert [(link.get("href"), link.text_content(), link.get("rel")) for link in judgment.xpath(".//a")] == [
        ("#t=252", "4:12", None),
        ("https://video.example/watch?v=transit&t=252", "↗", "noopener noreferrer"),
        ("#t=3063", "51:03", None),
        ("https://video.example/watch?v=transit&t=3063", "↗", "noopener noreferrer"),
    ]
    assert words(judgment, ".//q")[0] == "Nobody at this table thinks fares cover it."


def test_a_claim_shows_its_verdict_in_words_and_the_evidence_with_its_page() -> None:
    claim = parsed(page_of()).xpath("//tr[@id='claim-1']")[0]

    assert words(claim, "./td[1]/p") == ["✗ refuted", "high confidence"]
    assert "Jon Okafor: Tallinn's ridership doubled" in words(claim, "./th")[0]
    assert words(claim, ".//ul[@class='evidence']/li") == [
        "refutes the number of trips increased by 14 per cent Transport Statistics 2014, city of Tallinn"
    ]
    assert claim.xpath(".//cite/a/@href") == [
        "https://tallinn.example/2014#:~:text=the%20number%20of%20trips%20increased%20by%2014%20per%20cent"
    ]


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


def test_refuted_claims_come_first_and_keep_their_numbers() -> None:
    report, results = everything()
    claims = report.fact_check.claims[::-1]
    report = report.model_copy(update={"fact_check": report.fact_check.model_copy(update={"claims": claims})})

    rows = parsed(html_page(report, results)).xpath("//table[@id='claims-table']/tbody/tr")

    assert [row.get("id") for row in rows] == ["claim-2", "claim-1"]
    assert [words(row, "./td[1]/p")[0] for row in rows] == ["✗ refuted", "? not enough evidence"]


def test_excerpts_stand_in_the_order_of_the_source_and_keep_their_numbers() -> None:
    results = examples.finished(examples.local_results())
    excerpts = results.analysis.excerpts[::-1]
    results = results.model_copy(update={"analysis": results.analysis.model_copy(update={"excerpts": excerpts})})

    items = parsed(html_page(examples.report(results), results)).xpath("//section[@id='excerpts']//ol/li")

    assert [item.get("id") for item in items] == ["excerpt-2", "excerpt-1"]
    assert [words(item, ".//time") for item in items] == [["4:12"], ["51:03"]]


def test_what_was_noted_is_shown_where_nothing_was_drawn_from_it() -> None:
    point = KeyPoint(id="k1", text="Fares pay for little.", citation=examples.cited(0))
    claim = NotedClaim(id="c1", text="Ridership doubled.", citation=examples.cited(1), more=(examples.cited(0),))
    results = examples.finished(examples.llm_results()).model_copy(
        update={
            "analysis": Analysis(),
            "claims": (),
            "notes": Notes(method="model", key_points=(point,), claims=(claim,)),
        }
    )

    page = parsed(html_page(examples.report(results, Engine.LLM), results))

    assert words(page, "//section[@id='points']//h2 | //section[@id='notes']//h2") == [
        "What was said",
        "Claims not checked",
    ]
    assert words(page, "//*[@id='point-1']/p") == ["Fares pay for little."]
    assert len(page.xpath("//*[@id='note-1']//q")) == 2
    assert words(page, "//section[@id='transcript']//a[@href='#point-1']") == ["point 1"]


def test_what_advertisements_claim_stands_apart_from_what_the_speakers_claim() -> None:
    results = examples.finished(examples.local_results())
    own = results.analysis.statements[0]
    both = (own, own.model_copy(update={"text": "Our mattress wins.", "sponsored": True}))
    results = results.model_copy(update={"analysis": results.analysis.model_copy(update={"statements": both})})

    page = parsed(html_page(examples.report(results), results))

    assert page.xpath("//section[@id='statements']//li[@id]/@id") == ["statement-1"]
    assert page.xpath("//section[@id='advertised']//li[@id]/@id") == ["statement-2"]


def test_names_without_connections_are_a_list_and_no_picture() -> None:
    report, results = everything()
    results = results.model_copy(update={"notes": results.notes.model_copy(update={"relations": ()})})

    page = parsed(html_page(report, results))

    assert page.xpath("//section[@id='entities']//svg") == []
    assert page.xpath("//section[@id='entities']/ul//a/@href") == ["#entity-1", "#entity-2", "#entity-3"]


def test_excerpts_stand_under_their_chapters_with_the_sentence_that_they_need() -> None:
    results = examples.finished(examples.local_results())
    first, *others = results.analysis.excerpts
    needing = first.model_copy(update={"context": examples.cited(1)})
    analysis = results.analysis.model_copy(update={"excerpts": (needing, *others)})
    results = results.model_copy(update={"analysis": analysis})

    page = parsed(html_page(examples.report(results), results))

    titles = [chapter.title for chapter in results.transcript.chapters or results.notes.chapters]
    assert words(page, "//section[@id='excerpts']/h3") == titles
    assert "before it" in page.xpath("string(//li[@id='excerpt-1'])")


def test_every_dot_and_chapter_of_the_strip_leads_to_its_item_and_says_what_it_is() -> None:
    page = parsed(page_of())

    marks = page.xpath("//section[@id='speakers']//svg//a")

    assert [str(mark.get("href")) for mark in marks] == ["#chapter-1", "#chapter-2", "#claim-1", "#claim-2"]
    assert marks[2].get("aria-label").startswith("claim 1, refuted, 18:40: Ridership in Tallinn")


def test_without_verdicts_the_dots_are_the_possible_claims() -> None:
    results = examples.finished(examples.local_results())

    page = parsed(html_page(examples.report(results), results))

    assert page.xpath("//*[@class='dots wide']/a/@href") == ["#statement-1"]


def test_each_speaker_has_a_lane_with_their_share_and_time() -> None:
    page = parsed(page_of())

    assert [words(row, "./th | ./td[2]") for row in page.xpath("//table[@class='lanes']/tbody/tr")] == [
        ["Mara Lind", "56%, 8 s"],
        ["Jon Okafor", "44%, 8 s"],
    ]
    assert len(page.xpath("//table[@class='lanes']//rect")) == 4


def test_more_speakers_than_there_are_lanes_for_share_the_last_one() -> None:
    report, results = everything()
    segments = tuple(
        Segment(text="word", start=float(number), end=number + 1.0, speaker=f"Speaker {number}") for number in range(12)
    )
    results = results.model_copy(update={"transcript": Transcript(segments=segments)})

    lanes = words(parsed(html_page(report, results)), "//table[@class='lanes']/tbody/tr/th")

    assert lanes == [*(f"Speaker {number}" for number in range(8)), "4 others"]


def test_a_dot_stands_where_its_moment_is() -> None:
    page = parsed(page_of())

    at = float(page.xpath("//a[@href='#claim-1']/circle/@cx")[0].rstrip("%"))

    # 2 per cent are kept free at both ends of an axis of 4,320 seconds.
    assert at == pytest.approx(2 + 96 * 1120 / 4320, abs=0.01)


def test_dots_on_the_same_second_stand_under_each_other() -> None:
    tops = [int(each) for each in parsed(page_of()).xpath("//*[@class='dots wide']/a/rect/@y")]

    assert tops == [0, 24]


def test_more_dots_than_there_is_room_for_are_all_still_there() -> None:
    report, results = everything()
    crowd = report.fact_check.claims[:1] * 30
    report = report.model_copy(update={"fact_check": report.fact_check.model_copy(update={"claims": crowd})})

    page = parsed(html_page(report, results))

    assert len(page.xpath("//*[@class='dots wide']/a")) == 30


def test_the_whole_transcript_stands_in_the_page_by_chapter_and_speaker() -> None:
    page = parsed(page_of())

    parts = page.xpath("//section[@id='transcript']/details")

    assert [part.get("id") for part in parts] == ["chapter-1", "chapter-2"]
    assert words(parts[0], "./summary") == ["4:12 fares 8 words"]
    assert words(page, "//section[@id='transcript']//p[@class='who']") == ["Mara Lind", "Jon Okafor", "Mara Lind"]
    assert [
        (line.get("id"), line.text) for line in page.xpath("//section[@id='transcript']//div[@class='turn']/p/span")
    ] == [(f"t={int(start)}", text) for start, _, text in examples.LINES]


def test_a_cited_line_names_what_cites_it() -> None:
    page = parsed(page_of())

    marks = page.xpath("//span[@id='t=1120']/following-sibling::a[@class='ref']")

    assert [(mark.get("href"), mark.text) for mark in marks[:2]] == [("#claim-1", "claim 1"), ("#claim-2", "claim 2")]
    assert ("#statement-1", "possible claim") in [(mark.get("href"), mark.text) for mark in marks]


def transcribed(*segments: Segment) -> html.HtmlElement:
    report, results = everything()
    transcript = Transcript(segments=segments)
    bare = results.notes.model_copy(update={"chapters": ()})
    return parsed(html_page(report, results.model_copy(update={"transcript": transcript, "notes": bare})))


def test_lines_that_begin_in_the_same_second_have_addresses_of_their_own() -> None:
    page = transcribed(*(Segment(text=text, start=7.0 + at, end=8.0) for at, text in ((0.1, "One."), (0.6, "Two."))))

    assert page.xpath("//div[@class='turn']/p/span/@id") == ["t=7", "t=7.2"]


def test_a_long_turn_is_cut_into_sentences_and_a_citation_leads_to_its_own() -> None:
    before, after = "The council met again. " * 20, " Nobody knew why it had met. " * 20
    said = examples.LINES[1][2]
    page = transcribed(Segment(text=f"{before}{said}{after}", start=1000.0, end=1200.0, speaker="Jon Okafor"))

    [anchor] = set(page.xpath("//tr[@id='claim-1']//a[@class='at']/@href"))

    assert anchor.startswith("#t=1")
    assert words(page, f"//span[@id='{anchor[1:]}']") == [said]
    assert " ".join(words(page, "//div[@class='turn']/p/span")) == f"{before}{said}{after}".replace("  ", " ").strip()


def test_a_citation_over_several_lines_says_how_many() -> None:
    page = transcribed(
        Segment(text="Tallinn's ridership", start=1120.0, end=1121.0),
        Segment(text="doubled within a year.", start=1121.0, end=1124.0),
    )

    [link] = page.xpath("//tr[@id='claim-1']//a[@class='at']")

    assert (link.get("href"), link.get("data-lines")) == ("#t=1120", "2")


def test_words_said_twice_are_cited_where_they_were_said() -> None:
    text = examples.LINES[1][2]
    page = transcribed(
        Segment(text=text, start=20.0, end=24.0),
        Segment(text=text, start=1120.0, end=1124.0),
    )

    assert page.xpath("//tr[@id='claim-1']//a[@class='at']/@href") == ["#t=1120"]


def test_a_long_transcript_without_chapters_is_folded_by_ten_minutes() -> None:
    page = transcribed(*(Segment(text="word", start=float(at), end=at + 1.0) for at in range(0, 1500, 100)))

    assert words(page, "//section[@id='transcript']/details/summary") == [
        *("0:00 to 10:00 6 words", "10:00 to 20:00 6 words", "20:00 to 23:20 3 words")
    ]


@pytest.mark.uncounted
def test_a_page_of_twenty_five_thousand_words_is_at_most_one_and_a_half_megabytes() -> None:
    report, results = everything()
    # Captions: six words every two seconds, more than two and a half hours of them.
    segments = tuple(
        Segment(
            text=f"{number} they said that fares pay",
            start=2.0 * number,
            end=2.0 * number + 2,
            speaker=f"Speaker {number // 20 % 3}",
        )
        for number in range(4_167)
    )
    results = results.model_copy(update={"transcript": Transcript(segments=segments)})

    assert results.transcript.words > 25_000
    assert len(html_page(report, results).encode()) < 1_500_000


def test_an_article_is_opened_at_the_quoted_words() -> None:
    page = parsed(html_page(*written("https://paper.example/transit", None)))

    assert page.xpath("//li[@id='excerpt-1']//a[@class='out']/@href") == [
        "https://paper.example/transit#:~:text=Either%20we%20make%20it%20free%20or%20we%20accept%20gridlock."
    ]


def test_a_pdf_is_opened_at_the_page() -> None:
    page = parsed(html_page(*written("https://paper.example/transit.pdf#page=12", "p. 12")))

    assert page.xpath("//li[@id='excerpt-1']//a[@class='out']/@href") == ["https://paper.example/transit.pdf#page=12"]
    assert words(page, "//li[@id='excerpt-1']//a[@class='at']") == ["p. 12"]


def written(url: str, place: str | None) -> tuple[Report, Results]:
    results = untimed()
    cited = Citation(quote=examples.LINES[2][2], paragraph=3, place=place, url=url)
    excerpt = results.analysis.excerpts[0].model_copy(update={"citations": (cited,)})
    results = results.model_copy(
        update={"analysis": results.analysis.model_copy(update={"excerpts": (excerpt,), "statements": ()})}
    )
    return examples.report(results), results


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

    rows = [[cell.text_content() for cell in row][:4] for row in page.xpath("//table[@id='entities-table']/tbody/tr")]

    assert rows == [
        ["Tallinn", "place", "12", "Mara Lind"],
        ["Mara Lind", "place", "7", "Tallinn"],
        ["Riga", "place", "1", ""],
    ]
    assert page.xpath("//svg[@class='arcs']/a/@href") == ["#relation-1", "#entity-1", "#entity-2", "#entity-3"]
    assert page.xpath("//svg[@class='arcs']/a/@aria-label")[0] == "Tallinn co-occurs with Mara Lind, 3 times"
    [relation] = words(page, "//li[@id='relation-1']")
    assert relation.startswith("Tallinn co-occurs with Mara Lind 3 times")
    assert "Tallinn's ridership doubled within a year." in relation
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

    assert [(link.get("href"), link.text_content()) for link in page.xpath("//li[@id='excerpt-1']//a")] == [
        ("#p=3", "¶3")
    ]
    assert words(page, "//span[@id='p=3']") == [examples.LINES[2][2]]
    assert not page.xpath("//*[@class='player']")


def test_a_text_without_speakers_chapters_or_claims_on_the_axis_has_no_strip() -> None:
    report, _ = everything()
    results = untimed()

    page = parsed(html_page(report, results.model_copy(update={"notes": Notes(method="none")})))

    assert page.xpath("//tr[@id='claim-1']")
    assert not page.xpath("//*[@id='speakers']")
    assert "#speakers" not in page.xpath("//nav//a/@href")


def test_a_source_without_an_address_is_cited_within_the_page() -> None:
    results = examples.finished(examples.local_results())
    excerpt = results.analysis.excerpts[0].model_copy(update={"citations": (examples.cited(0, url=None),)})
    results = results.model_copy(update={"analysis": results.analysis.model_copy(update={"excerpts": (excerpt,)})})

    item = parsed(html_page(examples.report(results), results)).xpath("//li[@id='excerpt-1']")[0]

    assert [(each.get("href"), each.text_content()) for each in item.xpath(".//a")] == [("#t=252", "4:12")]


def test_a_quote_that_is_no_longer_in_the_transcript_has_a_time_to_take_along() -> None:
    results = examples.finished(examples.local_results())
    lost = Citation(quote="Nobody said this.", start=252.0, end=254.0)
    excerpt = results.analysis.excerpts[0].model_copy(update={"citations": (lost,)})
    results = results.model_copy(update={"analysis": results.analysis.model_copy(update={"excerpts": (excerpt,)})})

    item = parsed(html_page(examples.report(results), results)).xpath("//li[@id='excerpt-1']")[0]

    assert [(each.get("datetime"), each.text) for each in item.xpath(".//*[@class='at copy']/time")] == [
        ("PT252S", "4:12")
    ]


def test_what_a_simulated_model_wrote_says_so_at_its_head_and_in_each_section() -> None:
    report, results = everything()
    page = parsed(html_page(report.model_copy(update={"simulated": True}), results))

    assert page.findtext(".//title").startswith("Simulated: The Cost")
    assert words(page, "//p[@class='notice']")[0].startswith("Simulated.")
    for section in ("judgments", "insights", "claims", "fallacies", "perspectives", "entities"):
        assert "simulated" in words(page, f"//section[@id='{section}']/h2")[0], section
    assert "simulated" in words(page, "//h3[@id='time']")[0]
    assert page.xpath("//meta[@property='og:title']/@content")[0].startswith("Simulated: ")


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
        "img-src data:",
        "media-src blob:",
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

    assert not page.xpath(
        "//@src | //@srcset | //@style | //link[not(@rel='icon')] | //img | //iframe | //form | //base"
    )
    assert page.xpath("//link/@href")[0].startswith("data:image/svg+xml,")
    assert not re.search(r"url\(|@import|@font-face", CSS)
    assert not re.search(r"fetch|XMLHttp|import|innerHTML|outerHTML|insertAdjacent|eval|document\.write", JS)


@pytest.mark.uncounted
@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_a_hostile_string_everywhere_is_words_and_nothing_more(text: str) -> None:
    page = parsed(page_of(text))

    for element in elements(page):
        assert element.tag in TAGS
        assert set(element.attrib) <= ATTRIBUTES
    assert len(page.xpath("//script")) == len(page.xpath("//style")) == 1
    assert page.xpath("string(//script)") == JS
    assert page.xpath("string(//style)") == CSS
    for address in page.xpath("//a/@href"):
        assert address.startswith("#") or urlsplit(address).scheme in {"http", "https"}
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", etree_text(page))


def etree_text(page: html.HtmlElement) -> str:
    return etree.tostring(page, method="text", encoding="unicode")


@pytest.mark.uncounted
@pytest.mark.parametrize("text", NAUGHTY[:30], ids=range(30))
def test_a_hostile_string_beside_words_leaves_the_page_as_it_was(text: str) -> None:
    assert skeleton(page_of(f"some {text} words")) == PLAIN


@pytest.mark.uncounted
@pytest.mark.slow
@given(st.text(max_size=60))
@hypothesis_settings(max_examples=25)
def test_no_text_at_all_changes_what_the_page_is_made_of(text: str) -> None:
    assert skeleton(page_of(f"some {text} words")) == PLAIN


@pytest.mark.uncounted
@pytest.mark.slow
def test_a_huge_text_does_not_make_a_huge_page() -> None:
    assert len(page_of("unbroken " * 10_000)) < 1_500_000


def test_marks_piled_on_a_letter_are_levelled_and_a_language_keeps_those_it_has() -> None:
    title = parsed(page_of("Ệ שָׁ֑ Z" + "\u0301" * 100)).xpath("string(//h1)")

    assert title == "Ệ שָׁ֑ Z" + "\u0301" * 8


def test_an_address_that_no_browser_should_open_is_only_shown_as_a_time() -> None:
    report, results = everything()
    report = poisoned(report, "javascript:alert(1)")

    page = parsed(html_page(report, results))

    assert not [address for address in page.xpath("//a/@href") if not address.startswith("#")]
    assert words(page, "//li[@id='judgment-1']//*[@class='at copy']") == ["4:12", "51:03"]
    assert not page.xpath("//*[@class='out']")


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

    for letters, grounds in (
        *((letters, ("paper", "wash")) for letters in ("ink", "faint", "accent")),
        *((letters, ("paper",)) for letters in ("bad", "good", "mixed")),
        ("ink", ("mark",)),
    ):
        for ground in grounds:
            light, dark = sorted((luminance(palette[letters]), luminance(palette[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (letters, ground)  # WCAG 2.2, 1.4.3
    light, dark = sorted((luminance(palette["bar"]), luminance(palette["paper"])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3  # WCAG 2.2, 1.4.11
