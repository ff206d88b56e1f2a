from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autointel.adapters.fetch.exchange import Damaged, Decoder, TooLarge, decoder


def _raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


def _fed(decode: Decoder, data: bytes, step: int) -> bytes:
    out = b"".join(decode.feed(data[at : at + step]) for at in range(0, len(data), step))
    decode.end()
    return out


@given(st.binary(max_size=2000), st.integers(1, 300))
def test_every_encoding_gives_back_what_was_sent_however_it_is_cut(data: bytes, step: int) -> None:
    assert _fed(decoder("", 5000), data, step) == data
    assert _fed(decoder("gzip", 5000), gzip.compress(data), step) == data
    assert _fed(decoder("deflate", 5000), zlib.compress(data), step) == data
    assert _fed(decoder("deflate", 5000), _raw_deflate(data), step) == data


@given(st.binary(min_size=1, max_size=300), st.integers(1, 300), st.sampled_from(["gzip", "deflate"]))
def test_whatever_comes_is_decoded_or_refused(data: bytes, step: int, encoding: str) -> None:
    try:
        _fed(decoder(encoding, 1000), data, step)
    except (Damaged, TooLarge):
        return


def test_joined_members_are_one_body() -> None:
    assert _fed(decoder("gzip", 100), gzip.compress(b"one ") + gzip.compress(b"two"), 7) == b"one two"


def test_padding_after_the_last_member_is_ignored() -> None:
    assert _fed(decoder("gzip", 100), gzip.compress(b"one") + b"\0\0\0\0", 100) == b"one"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_stopped_at_the_cap(encoding: str) -> None:
    squeeze = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
    bomb = squeeze.compress(bytes(50_000_000)) + squeeze.flush()
    decode = decoder(encoding, 1000)

    with pytest.raises(TooLarge):
        decode.feed(bomb)


def test_exactly_the_cap_is_allowed() -> None:
    assert _fed(decoder("gzip", 1000), gzip.compress(bytes(1000)), 64) == bytes(1000)
    with pytest.raises(TooLarge):
        _fed(decoder("gzip", 999), gzip.compress(bytes(1000)), 64)


def test_a_body_without_compression_is_counted_too() -> None:
    with pytest.raises(TooLarge):
        _fed(decoder("identity", 9), b"0123456789", 3)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_stream_that_stops_early_is_damaged(encoding: str) -> None:
    whole = gzip.compress(b"words " * 100) if encoding == "gzip" else zlib.compress(b"words " * 100)

    with pytest.raises(Damaged, match="cut off"):
        _fed(decoder(encoding, 1000), whole[:-5], 10)


def test_a_single_byte_of_deflate_is_cut_off() -> None:
    with pytest.raises(Damaged, match="cut off"):
        _fed(decoder("deflate", 1000), b"x", 10)


def test_an_empty_body_is_fine_in_any_encoding() -> None:
    assert _fed(decoder("gzip", 10), b"", 1) == _fed(decoder("deflate", 10), b"", 1) == b""


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(Damaged, match="not asked for"):
        decoder(encoding, 10)


@pytest.mark.parametrize("cut", range(1, 60))
def test_members_are_joined_wherever_the_network_cuts_them(cut: int) -> None:
    whole = gzip.compress(b"first ", mtime=0) + gzip.compress(b"second", mtime=0)
    reads = decoder("gzip", 10**6)

    read = reads.feed(whole[:cut]) + reads.feed(whole[cut:])
    reads.end()

    assert read == b"first second"
