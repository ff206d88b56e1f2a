from __future__ import annotations

import gzip
import zlib
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import anyio
import pytest
from tests.fakes.clock import FakeClock
from tests.fakes.network import Names, RoutedNetwork
from tests.fakes.site import Exchange, Page, Site, drip, flood, hang_up, redirect, silence

from autointel.adapters.fetch.addresses import AddressRule
from autointel.adapters.fetch.fetcher import CountedTurns, Limits, SafeFetcher
from autointel.app.run_context import NetworkAccess
from autointel.errors import FetchFailed, SourceBlocked
from autointel.ports import Fetched
from autointel.settings import Settings

T = TypeVar("T")
PUBLIC = "93.184.216.34"
OTHER = "151.101.1.1"
FAST = Limits(max_bytes=100_000, deadline_seconds=0.4, idle_seconds=5.0, max_redirects=3)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/": Page(b"<p>hello</p>")}) as running:
        yield running


def do(fetcher: SafeFetcher, action: Callable[[], Awaitable[T]]) -> T:
    async def and_close() -> T:
        try:
            return await action()
        finally:
            await fetcher.close()

    return anyio.run(and_close)


def fetch(fetcher: SafeFetcher, url: str, **headers: str) -> Fetched:
    return do(fetcher, lambda: fetcher.fetch(url, headers={n.replace("_", "-"): v for n, v in headers.items()}))


def own(site: Site, limits: Limits | None = None) -> SafeFetcher:
    return SafeFetcher(AddressRule.of([site.host]), limits)


def on_the_web(*, limits: Limits | None = None, rule: AddressRule | None = None, **sites: Site) -> SafeFetcher:
    """Every keyword is a public host (``talks`` is talks.test) that the site stands behind."""
    addresses = {f"{name}.test": f"93.184.216.{index}" for index, name in enumerate(sites, 1)}
    ports = {addresses[f"{name}.test"]: site.port for name, site in sites.items()}
    names = Names({name: [[address]] for name, address in addresses.items()})
    return SafeFetcher(rule, limits, resolve=names, network=RoutedNetwork(ports))


def test_a_public_page_comes_with_status_type_and_headers(site: Site) -> None:
    page = fetch(on_the_web(talks=site), "http://talks.test/")

    assert (page.status, page.content_type, page.body) == (200, "text/html", b"<p>hello</p>")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.url == "http://talks.test/"


def test_the_server_is_told_who_asks_and_which_host_is_meant(site: Site) -> None:
    fetch(on_the_web(talks=site), "http://talks.test/")

    assert site.requests[0].headers["host"] == "talks.test"
    assert site.requests[0].headers["user-agent"].startswith("autointel/")
    assert site.requests[0].headers["accept-encoding"] == "gzip"


def test_a_status_that_is_no_success_is_returned_too(site: Site) -> None:
    assert fetch(own(site), site.url("/missing")).status == 404


def test_what_a_cache_asks_is_passed_on_and_answered(site: Site) -> None:
    site.pages["/"] = Page(status=304, headers={"ETag": '"v1"', "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"})

    page = fetch(own(site), site.url(), if_none_match='"v1"')

    assert site.requests[0].headers["if-none-match"] == '"v1"'
    assert (page.status, page.headers["etag"]) == (304, '"v1"')


def test_a_body_makes_it_a_post_that_is_not_redirected(site: Site) -> None:
    site.pages["/search"] = redirect("/", 307)
    fetcher = own(site)

    page = do(fetcher, lambda: fetcher.fetch(site.url("/search"), body=b'{"q": 1}'))

    assert (page.status, site.requests[0].method, site.requests[0].body) == (307, "POST", b'{"q": 1}')
    assert site.paths == ["/search"]


# Spellings of this machine, of other machines inside, and of clouds' metadata; "PORT" is where a site listens.
INSIDE = """
http://127.0.0.1:PORT/ http://localhost:PORT/ http://LocalHost.:PORT/ http://127.1:PORT/ http://127.0.1:PORT/
http://127.127.127.127:PORT/ http://2130706433:PORT/ http://0x7f000001:PORT/ http://0x7f.0x0.0x0.0x1:PORT/
http://0x7f.1:PORT/ http://0177.0.0.1:PORT/ http://017700000001:PORT/ http://0177.1:PORT/ http://00000177.0.0.1:PORT/
http://0:PORT/ http://0.0.0.0:PORT/ http://[::1]:PORT/ http://[::]:PORT/ http://[0000::1]:PORT/
http://[0:0:0:0:0:0:0:1]:PORT/ http://[::ffff:127.0.0.1]:PORT/ http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/
http://[::ffff:7f00:1]:PORT/ http://[::127.0.0.1]:PORT/ http://[64:ff9b::127.0.0.1]:PORT/ http://[2002:7f00:1::]:PORT/
http://127.0.0.1:PORT\\@example.test/ http://example.test@127.0.0.1:PORT/ http://example.test:80@127.0.0.1:PORT/
http://127.1.1.1:PORT#\\@127.2.2.2:80/ http://127.0.0.1:PORT?@example.test/ http://127%2e0%2e0%2e1:PORT/
http://127。0。0。1:PORT/ http://127．0．0．1:PORT/ http://①②⑦.⓪.⓪.①:PORT/ http://１２７.０.０.１:PORT/ http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:PORT/
http://127.0.0.1%00.example.test:PORT/ http://0o177.0.0.1:PORT/ http://127.0.0.1.:PORT/ http://127.0.0.1!:PORT/
http://169.254.169.254/latest/meta-data/ http://2852039166/ http://0xa9fea9fe/ http://[fd00:ec2::254]/
http://[::ffff:169.254.169.254]/ http://100.100.100.200/ http://192.0.0.192/ http://168.63.129.16/
http://10.0.0.1/ http://172.16.0.1/ http://192.168.1.1/ http://3232235777/ http://0xc0a80101/ http://100.64.0.1/
http://[fe80::1]/ http://[fc00::1]/ http://[2001::1]/ http://224.0.0.1/ http://255.255.255.255/ http://198.18.0.1/
""".split()


@pytest.mark.parametrize("url", INSIDE)
def test_no_spelling_of_an_inside_address_is_connected_to(url: str, site: Site) -> None:
    network = RoutedNetwork()
    fetcher = SafeFetcher(network=network)

    with pytest.raises((SourceBlocked, FetchFailed)) as refused:
        fetch(fetcher, url.replace("PORT", str(site.port)))

    assert network.connected == []
    assert site.requests == []
    assert refused.value.hint


@pytest.mark.parametrize("url", INSIDE)
def test_no_redirect_to_an_inside_address_is_followed(url: str) -> None:
    with Site() as inside, Site({"/": redirect(url.replace("PORT", str(inside.port)))}) as outside:
        network = RoutedNetwork({PUBLIC: outside.port})

        with pytest.raises((SourceBlocked, FetchFailed)):
            fetch(SafeFetcher(resolve=_names_or_system, network=network), "http://talks.test/")

        assert network.connected == [(PUBLIC, 80)]
        assert inside.requests == []


async def _names_or_system(host: str, port: int) -> list[str]:
    if host == "talks.test":
        return [PUBLIC]
    found = await anyio.getaddrinfo(host, port)
    return [str(sockaddr[0]) for *_, sockaddr in found]


def test_a_name_is_looked_up_once_and_connected_to_as_found(site: Site) -> None:
    names = Names({"rebound.test": [[PUBLIC], ["127.0.0.1"]]})
    network = RoutedNetwork({PUBLIC: site.port})

    fetch(SafeFetcher(resolve=names, network=network), "http://rebound.test/")

    assert names.asked == ["rebound.test"]
    assert network.connected == [(PUBLIC, 80)]


def test_a_name_that_turns_inside_at_the_redirect_is_refused(site: Site) -> None:
    site.pages["/"] = Page(status=302, headers={"Location": "http://rebound.test/in", "Connection": "close"})
    network = RoutedNetwork({PUBLIC: site.port})
    fetcher = SafeFetcher(resolve=Names({"rebound.test": [[PUBLIC], ["127.0.0.1"]]}), network=network)

    with pytest.raises(SourceBlocked):
        fetch(fetcher, "http://rebound.test/")

    assert network.connected == [(PUBLIC, 80)]


def test_a_page_of_the_web_cannot_lead_to_a_host_of_the_users_own(site: Site) -> None:
    with Site({"/": redirect(site.url())}) as outside:
        fetcher = on_the_web(talks=outside, rule=AddressRule.of([site.host]))

        with pytest.raises(SourceBlocked):
            fetch(fetcher, "http://talks.test/")

    assert site.requests == []


def test_the_users_own_host_may_lead_to_another_of_their_own(site: Site) -> None:
    with Site({"/": redirect(site.url())}) as first:
        fetcher = SafeFetcher(AddressRule.of([first.host, site.host]))

        assert fetch(fetcher, first.url()).body == b"<p>hello</p>"


def test_an_address_that_does_not_answer_gives_way_to_the_next(site: Site) -> None:
    network = RoutedNetwork({PUBLIC: site.port})
    fetcher = SafeFetcher(resolve=Names({"talks.test": [[OTHER, PUBLIC]]}), network=network)

    assert fetch(fetcher, "http://talks.test/").status == 200
    assert network.connected == [(OTHER, 80), (PUBLIC, 80)]


def test_a_name_without_any_address_is_a_failure() -> None:
    with pytest.raises(FetchFailed, match="could not be reached"):
        fetch(SafeFetcher(resolve=Names({"empty.test": [[]]})), "http://empty.test/")


def test_offline_asks_neither_the_name_nor_the_host(site: Site) -> None:
    names, network = Names({"talks.test": [[PUBLIC]]}), RoutedNetwork({PUBLIC: site.port})
    fetcher = SafeFetcher(AddressRule(offline=True), resolve=names, network=network)

    with pytest.raises(SourceBlocked, match="offline"):
        fetch(fetcher, "http://talks.test/")

    assert (names.asked, network.connected) == ([], [])


def test_offline_still_asks_the_users_own_host(site: Site) -> None:
    fetcher = SafeFetcher(AddressRule.of([site.host], offline=True))

    assert fetch(fetcher, site.url()).status == 200


def test_redirects_are_followed_up_to_the_limit(site: Site) -> None:
    site.pages |= {"/1": redirect("/2", 301), "/2": redirect("3", 308), "/3": redirect("/", 307), "/0": redirect("/1")}

    assert fetch(own(site, FAST), site.url("/1")).url == site.url("/")
    with pytest.raises(FetchFailed, match="led on more than 3 times"):
        fetch(own(site, FAST), site.url("/0"))


def test_a_redirect_without_a_target_is_an_answer(site: Site) -> None:
    site.pages["/"] = Page(b"choose", status=302)

    assert fetch(own(site), site.url()).status == 302


def test_a_redirect_to_a_file_is_refused(site: Site) -> None:
    site.pages["/"] = redirect("file:///etc/passwd")

    with pytest.raises(FetchFailed, match="'file'"):
        fetch(own(site), site.url())


def test_keys_stay_with_the_host_they_were_meant_for(site: Site) -> None:
    with Site({"/": redirect("http://other.test/")}) as first:
        fetcher = on_the_web(talks=first, other=site)
        fetch(fetcher, "http://anna:secret@talks.test/", x_key="k", cookie="c", accept="text/html", range="bytes=0-")

    assert first.requests[0].headers["authorization"] == "Basic YW5uYTpzZWNyZXQ="
    assert {"authorization", "x-key", "cookie"}.isdisjoint(site.requests[0].headers)
    assert (site.requests[0].headers["accept"], site.requests[0].headers["range"]) == ("text/html", "bytes=0-")


def test_credentials_appear_in_no_message_and_no_result(site: Site) -> None:
    page = fetch(on_the_web(talks=site), "http://anna:secret@talks.test/?key=hidden")
    with pytest.raises(FetchFailed) as gone:
        fetch(on_the_web(), "http://anna:secret@gone.test/?key=hidden")

    assert page.url == "http://talks.test/?key=hidden"
    assert gone.value.message == "http://gone.test/ could not be reached."


def test_a_redirect_cannot_bring_credentials_of_its_own(site: Site) -> None:
    with Site({"/": redirect("http://mallory:pw@other.test/")}) as first:
        fetch(on_the_web(talks=first, other=site), "http://talks.test/")

    assert "authorization" not in site.requests[0].headers


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_page_is_inflated(encoding: str, site: Site) -> None:
    squeezed = gzip.compress(b"words") if encoding == "gzip" else zlib.compress(b"words")
    site.pages["/"] = Page(squeezed, headers={"Content-Encoding": encoding})

    assert fetch(own(site), site.url()).body == b"words"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_refused_by_what_it_would_become(encoding: str, site: Site) -> None:
    zeros = bytes(10_000_000)
    site.pages["/"] = Page(
        gzip.compress(zeros) if encoding == "gzip" else zlib.compress(zeros), headers={"Content-Encoding": encoding}
    )

    with pytest.raises(FetchFailed, match=r"larger than 0\.1 MB"):
        fetch(own(site, FAST), site.url())


def test_a_bomb_in_an_encoding_that_nobody_asked_for_is_not_opened(site: Site) -> None:
    site.pages["/"] = Page(b"\x1b\x00", headers={"Content-Encoding": "br"})

    with pytest.raises(FetchFailed, match="'br', which was not asked for"):
        fetch(own(site), site.url())


def test_a_length_above_the_limit_is_refused_without_reading(site: Site) -> None:
    def promise(exchange: Exchange) -> None:
        exchange.begin(Content_Length="999999999")
        exchange.site.closing.wait(60)

    site.pages["/"] = promise

    with pytest.raises(FetchFailed, match="larger than"):
        fetch(own(site, Limits(max_bytes=1000)), site.url())


def test_padding_without_end_after_a_compressed_page_ends_at_the_limit(site: Site) -> None:
    def pad(exchange: Exchange) -> None:
        exchange.begin(Content_Type="text/html", Content_Encoding="gzip")
        exchange.wfile.write(gzip.compress(b"words"))
        while not exchange.site.closing.is_set():
            exchange.wfile.write(bytes(65536))

    site.pages["/"] = pad

    with pytest.raises(FetchFailed, match=r"larger than 0\.1 MB"):
        fetch(own(site, Limits(max_bytes=100_000, deadline_seconds=60)), site.url())


def test_a_recording_is_told_by_its_type_and_not_read(site: Site) -> None:
    def stream(exchange: Exchange) -> None:
        exchange.begin(Content_Type="Audio/mpeg")
        while not exchange.site.closing.is_set():
            exchange.wfile.write(b"x" * 65536)

    site.pages["/"] = stream

    page = fetch(own(site), site.url())

    assert (page.content_type, page.body) == ("audio/mpeg", b"")


def test_an_endless_page_ends_at_the_limit(site: Site) -> None:
    site.pages["/"] = flood

    with pytest.raises(FetchFailed, match=r"larger than 0\.1 MB"):
        fetch(own(site, FAST), site.url())


@pytest.mark.parametrize("behaviour", [drip, silence])
def test_a_page_that_never_comes_ends_at_the_deadline(behaviour: Callable[[Exchange], None], site: Site) -> None:
    site.pages["/"] = behaviour

    with pytest.raises(FetchFailed, match=r"within 0\.4 seconds"):
        fetch(own(site, FAST), site.url())


def test_a_server_that_falls_silent_is_left(site: Site) -> None:
    site.pages["/"] = silence

    with pytest.raises(FetchFailed):
        fetch(own(site, Limits(deadline_seconds=60, idle_seconds=0.05)), site.url())


def test_a_server_that_hangs_up_half_way_is_a_failure_not_half_a_page(site: Site) -> None:
    site.pages["/"] = hang_up

    with pytest.raises(FetchFailed, match="broke off"):
        fetch(own(site), site.url())


def test_a_compressed_page_cut_short_is_a_failure(site: Site) -> None:
    site.pages["/"] = Page(gzip.compress(b"words " * 100)[:-9], headers={"Content-Encoding": "gzip"})

    with pytest.raises(FetchFailed, match="cut off"):
        fetch(own(site), site.url())


def test_a_connection_that_died_unanswered_is_asked_once_more(site: Site) -> None:
    def leave(exchange: Exchange) -> None:
        exchange.close_connection = True
        if len(exchange.site.requests) > 1:
            exchange.send(Page(b"here"))

    site.pages["/"] = leave

    assert fetch(own(site), site.url()).body == b"here"
    assert len(site.requests) == 2


def test_a_server_that_never_answers_a_word_is_left(site: Site) -> None:
    def leave(exchange: Exchange) -> None:
        exchange.close_connection = True

    site.pages["/"] = leave

    with pytest.raises(FetchFailed, match="broke off"):
        fetch(own(site), site.url())
    assert len(site.requests) == 2


def test_a_post_is_never_sent_twice(site: Site) -> None:
    def leave(exchange: Exchange) -> None:
        exchange.close_connection = True

    site.pages["/"] = leave
    fetcher = own(site)

    with pytest.raises(FetchFailed):
        do(fetcher, lambda: fetcher.fetch(site.url(), body=b"{}"))
    assert len(site.requests) == 1


def test_garbage_instead_of_http_is_a_failure(site: Site) -> None:
    def garbage(exchange: Exchange) -> None:
        exchange.close_connection = True
        exchange.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n\x00\x01\x02" * 10)

    site.pages["/"] = garbage

    with pytest.raises(FetchFailed):
        fetch(own(site), site.url())


def test_headers_without_end_are_a_failure(site: Site) -> None:
    def headers(exchange: Exchange) -> None:
        exchange.close_connection = True
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not exchange.site.closing.is_set():
            exchange.wfile.write(b"X-More: " + b"x" * 8000 + b"\r\n")

    site.pages["/"] = headers

    with pytest.raises(FetchFailed):
        fetch(own(site), site.url())


def test_a_header_given_twice_is_one_list(site: Site) -> None:
    def twice(exchange: Exchange) -> None:
        exchange.close_connection = True
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\nLink: <a>\r\nlink: <b>\r\nContent-Length: 0\r\n\r\n")

    site.pages["/"] = twice

    assert fetch(own(site), site.url()).headers["link"] == "<a>, <b>"


def test_many_pages_at_once_share_one_fetcher(site: Site) -> None:
    fetcher = own(site)
    pages: list[Fetched] = []

    async def one() -> None:
        pages.append(await fetcher.fetch(site.url()))

    async def many() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(40):
                group.start_soon(one)

    do(fetcher, many)

    assert [page.status for page in pages] == [200] * 40


def _named(fetcher: SafeFetcher, url: str, named_by: str) -> Fetched:
    return do(fetcher, lambda: fetcher.fetch(url, named_by=named_by))


def test_a_strangers_page_opens_no_host_of_the_users_own(site: Site) -> None:
    fetcher = own(site)

    with pytest.raises(SourceBlocked, match="host of your own"):
        _named(fetcher, site.url(), "https://talks.test/page")
    assert site.requests == []


def test_a_page_on_a_host_of_the_users_own_opens_another_one(site: Site) -> None:
    assert _named(own(site), site.url(), site.url("/page")).body == b"<p>hello</p>"


def test_a_strangers_page_opens_no_inside_address_under_another_name(site: Site) -> None:
    fetcher = SafeFetcher(AddressRule.of([site.host]), resolve=Names({"alias.test": [["127.0.0.1"]]}))

    with pytest.raises(SourceBlocked, match="not a public address"):
        _named(fetcher, f"http://alias.test:{site.port}/", "https://talks.test/page")


def test_a_strangers_page_may_name_other_public_pages(site: Site) -> None:
    assert _named(on_the_web(talks=site), "http://talks.test/", "https://other.test/").status == 200


def test_requests_to_one_host_wait_for_their_turns_and_other_hosts_do_not(site: Site) -> None:
    clock = FakeClock()
    turns = CountedTurns(2, now=clock.clock.now, sleep=clock.clock.sleep)
    fetcher = SafeFetcher(AddressRule.of([site.host]), turns=[turns])

    async def ask() -> None:
        for _ in range(5):
            await fetcher.fetch(site.url("/"))
        await turns.turn("other.test")

    do(fetcher, ask)

    assert clock.waits == [60.0, 60.0]


def test_a_run_has_turns_where_settings_limit_requests_to_a_host() -> None:
    def turns(**settings: dict[str, object]) -> list[str]:
        fetcher = NetworkAccess(Settings.model_validate(settings)).fetcher
        return [type(each).__name__ for each in fetcher._turns]

    assert turns() == []
    assert turns(fetch={"host_requests_per_minute": 5}) == ["CountedTurns"]
    assert turns(fetch={"host_requests_per_minute": 5}, queue={"limits_url": "redis://127.0.0.1:1/0"}) == [
        "CountedTurns",
        "RedisTurns",
    ]
    elsewhere: dict[str, object] = {"limits_url": "redis://store.invalid/0"}
    assert turns(fetch={"host_requests_per_minute": 5, "offline": True}, queue=elsewhere) == ["CountedTurns"]
