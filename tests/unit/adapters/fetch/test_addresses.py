from __future__ import annotations

import pytest

from autointel.adapters.fetch.addresses import AddressRule, Endpoint, is_public, spelt
from autointel.errors import SettingsError, SourceBlocked

INSIDE = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.127.127.127 168.63.129.16 169.254.169.254
169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.192 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1
198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b:1::1 100::1
2001::1 2001:0:7f00:1::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0
fec0::1 ff02::1 ff0e::1
""".split()


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450::1"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(SourceBlocked, match=r"evil\.test \(10\.0\.0\.1\) is not a public address"):
        AddressRule().check("evil.test", 80, ["1.1.1.1", "10.0.0.1"])


def test_a_host_of_the_users_own_may_be_private() -> None:
    AddressRule.of(["intranet.test"]).check("intranet.test", 8080, ["10.0.0.1"])


def test_another_name_for_the_users_own_address_is_refused() -> None:
    rule = AddressRule.of(["127.0.0.1:8888"])

    with pytest.raises(SourceBlocked):
        rule.check("rebound.test", 8888, ["127.0.0.1"])


@pytest.mark.parametrize(
    ("entry", "host", "port", "covered"),
    [
        ("localhost", "localhost", 1, True),
        ("LOCALHOST.", "localhost", 1, True),
        ("localhost:8888", "localhost", 8888, True),
        ("localhost:8888", "localhost", 8889, False),
        ("http://localhost/search", "localhost", 80, True),
        ("http://localhost/search", "localhost", 8080, False),
        ("https://box.test:8443/v1", "box.test", 8443, True),
        ("[::1]:6333", "0:0:0:0:0:0:0:1", 6333, True),
        ("::1", "::1", 1, True),
        ("127.0.0.1", "127.1", 80, False),
        ("example.test", "evil.example.test", 80, False),
        ("example.test", "example.test.evil.test", 80, False),
    ],
)
def test_an_entry_covers_what_it_says_and_nothing_more(entry: str, host: str, port: int, *, covered: bool) -> None:
    assert Endpoint.parse(entry).covers(host, port) is covered


@pytest.mark.parametrize("entry", ["", "*.example.test", "*", "10.0.0.0/8", "host:port", "http://", "a b"])
def test_an_entry_that_names_no_host_is_a_settings_error(entry: str) -> None:
    with pytest.raises(SettingsError) as refused:
        AddressRule.of([entry])

    assert "host:port" in refused.value.hint


def test_offline_refuses_a_public_host_before_it_is_looked_up() -> None:
    with pytest.raises(SourceBlocked, match="offline"):
        AddressRule(offline=True).check_name("example.test", 443)


def test_offline_leaves_the_users_own_hosts() -> None:
    rule = AddressRule.of(["127.0.0.1:8888"], offline=True)

    rule.check("127.0.0.1", 8888, ["127.0.0.1"])


def test_offline_opens_nothing_that_is_closed_otherwise() -> None:
    with pytest.raises(SourceBlocked):
        AddressRule(offline=True).check("127.0.0.1", 6333, ["127.0.0.1"])


def test_addresses_have_one_spelling() -> None:
    assert spelt("[0:0::1]") == spelt("::1") == "::1"
