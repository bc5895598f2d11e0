"""One JSON object a line, and nobody is heard without the secret."""

import asyncio
import json

from hypothesis import given, strategies as st
import pytest
from twc.keeper.lines import STATE_FORMAT, Word, answer, is_secret, line, read


def reader_of(data):
    reader = asyncio.StreamReader(limit=100)
    reader.feed_data(data)
    reader.feed_eof()
    return reader


@pytest.mark.parametrize("word", Word)
async def test_a_line_is_read_as_it_was_written(word):
    reader = reader_of(line(word, secret="0") + answer(standing_by=True))
    assert await read(reader) == {"do": word.value, "format": STATE_FORMAT, "secret": "0"}
    assert await read(reader) == {"format": STATE_FORMAT, "standing_by": True}
    assert await read(reader) is None


@pytest.mark.parametrize(
    "said",
    [b"", b"{}", b'{"do": "rel', b"\n", b"[]\n", b"7\n", b"release\n", b"\xff\xfe\n", b"{" * 101 + b"\n"],
)
async def test_half_a_line_a_long_one_and_nonsense_are_the_end(said):
    assert await read(reader_of(said)) is None


@given(st.text())
def test_only_the_secret_is_the_secret(said):
    assert is_secret({"secret": said}, "f00d" * 16) is (said == "f00d" * 16)


@pytest.mark.parametrize("said", [None, {}, {"secret": None}, {"secret": 7}, {"secret": ["f00d"]}])
def test_a_line_without_a_secret_is_not_heard(said):
    assert not is_secret(said, "f00d")


def test_a_place_without_a_secret_hears_nobody():
    assert not is_secret(json.loads('{"secret": ""}'), "")
