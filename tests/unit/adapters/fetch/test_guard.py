from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator

import pytest
from tests.fakes.site import Page, Site

from autointel.adapters.fetch.addresses import AddressRule, by_address, guarded, judge_connection, judge_lookup
from autointel.errors import SourceBlocked


@pytest.fixture
def site() -> Iterator[Site]:
    with Site({"/": Page(b"hello")}) as running:
        yield running


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the site on loopback
        return bytes(answer.read())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433"])
def test_a_library_within_the_guard_cannot_connect_inside(host: str, site: Site) -> None:
    with pytest.raises(SourceBlocked, match="is not a public address"), guarded(AddressRule()):
        _get(f"http://{host}:{site.port}/")

    assert site.requests == []


@pytest.mark.parametrize("entry", ["127.0.0.1:{}", "localhost:{}", "localhost"])
def test_the_users_own_host_is_reached_by_name_or_address(entry: str, site: Site) -> None:
    with guarded(AddressRule.of([entry.format(site.port)])):
        assert _get(site.url()) == b"hello"


def test_a_fault_of_the_librarys_own_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), guarded(AddressRule()):
        raise ZeroDivisionError


def test_outside_of_it_nothing_is_minded(site: Site) -> None:
    with guarded(AddressRule()):
        pass

    assert _get(site.url()) == b"hello"


def test_other_threads_are_not_minded(site: Site) -> None:
    got: list[bytes] = []
    with guarded(AddressRule()):
        other = threading.Thread(target=lambda: got.append(_get(site.url())))
        other.start()
        other.join()

    assert got == [b"hello"]


def test_an_inner_guard_gives_way_to_the_outer_one(site: Site) -> None:
    with guarded(AddressRule.of([site.host])):
        with pytest.raises(SourceBlocked), guarded(AddressRule()):
            _get(site.url())

        assert _get(site.url()) == b"hello"


def test_offline_looks_no_name_up() -> None:
    with pytest.raises(SourceBlocked, match="offline"), guarded(AddressRule(offline=True)):
        socket.getaddrinfo("talks.test", 443)


@pytest.mark.parametrize("address", ["/run/docker.sock", b"/run/docker.sock", ("only",), ("name.test", 80), 7])
def test_what_is_no_internet_address_is_refused(address: object) -> None:
    with pytest.raises(SourceBlocked):
        judge_connection(AddressRule(), address)


def test_a_public_address_passes() -> None:
    judge_connection(AddressRule(), ("1.1.1.1", 443))
    judge_connection(AddressRule(), ("2606:4700:4700::1111", 443, 0, 0))


@pytest.mark.parametrize("port", ["https", None, 443, "443"])
def test_a_lookup_is_judged_whatever_form_its_port_has(port: object) -> None:
    judge_lookup(AddressRule(), b"talks.test", port)
    with pytest.raises(SourceBlocked):
        judge_lookup(AddressRule(offline=True), b"talks.test", port)


def test_a_host_that_cannot_be_found_now_changes_nothing() -> None:
    rule = AddressRule.of(["a" * 80])

    assert by_address(rule) == rule
