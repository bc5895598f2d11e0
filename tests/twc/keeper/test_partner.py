"""Home Assistant's side: it believes nothing that a keeper of another version says, and waits for nobody for ever."""

import asyncio
import json

import pytest
from twc.bus import remembered_json as remembering
from twc.bus.settings import RememberedConnector
from twc.keeper import partner as partner_module
from twc.keeper.folder import clear, listen, new_place
from twc.keeper.lines import STATE_FORMAT
from twc.keeper.partner import Partner, TakenBack
from twc.protocol.codes import ProtocolVersion, TwcId

from keeper_home import state

KNOWN = RememberedConnector(twcid=TwcId(0x1234), version=ProtocolVersion.P2, rated_amps=32.0, sign=7)
FAREWELL = {
    "format": STATE_FORMAT,
    "kept_seconds": 12,
    "spoke": True,
    "port": "/dev/ttyTWC",
    "remembered": {str(KNOWN.twcid): remembering.to_json(KNOWN)},
}


@pytest.fixture
async def keeper(folder, monkeypatch):
    """Stand by as something that notes what it hears and says what it was told to say."""
    monkeypatch.chdir(".")
    place = new_place(folder)
    heard, answers, ended = [], [], asyncio.Event()

    async def converse(reader, writer):
        await reader.readline()
        while said := await reader.readline():
            heard.append(json.loads(said))
            if not answers:
                continue
            if (answer := answers.pop(0)) is None:
                break
            writer.write(answer)
        writer.close()
        ended.set()

    server = await asyncio.start_unix_server(converse, sock=listen(place))
    yield place, heard, answers, ended
    server.close()
    clear(place)


async def test_a_farewell_is_believed(keeper):
    place, _, answers, _ = keeper
    answers.append(json.dumps(FAREWELL).encode() + b"\n")
    back = await (await Partner.meet(place)).release()
    assert back == TakenBack(kept_seconds=12.0, spoke=True, port="/dev/ttyTWC", remembered=(KNOWN,))


@pytest.mark.parametrize(
    "change",
    [
        {"format": STATE_FORMAT + 1},
        {"format": None},
        {"kept_seconds": "long"},
        {"remembered": None},
        {"remembered": [{}]},
        {"remembered": {str(KNOWN.twcid): {**remembering.to_json(KNOWN), "energy_kwh": -1}}},
    ],
)
async def test_a_farewell_of_another_version_gives_back_the_bus_and_nothing_else(keeper, change):
    place, _, answers, _ = keeper
    answers.append(json.dumps({**FAREWELL, **change}).encode() + b"\n")
    assert await (await Partner.meet(place)).release() == TakenBack()


async def test_a_farewell_without_a_part_is_no_farewell(keeper):
    place, _, answers, _ = keeper
    answers.append(json.dumps({"format": STATE_FORMAT, "standing_by": True}).encode() + b"\n")
    assert await (await Partner.meet(place)).release() == TakenBack()


@pytest.mark.parametrize("word", ["stand_by", "release", "hand_over"])
async def test_one_who_says_nothing_is_not_waited_for_and_not_kept_open(keeper, monkeypatch, word):
    monkeypatch.setattr(partner_module, "KEEPER_ANSWER_SECONDS", 0.05)
    place, _, _, ended = keeper
    partner = await Partner.meet(place)
    with pytest.raises(TimeoutError):
        await getattr(partner, word)()
    assert not partner.is_there
    await asyncio.wait_for(ended.wait(), 10)


@pytest.mark.parametrize("answer", [None, b"nonsense\n", b"[]\n"])
async def test_one_who_hangs_up_or_talks_nonsense_has_gone(keeper, answer):
    place, _, answers, ended = keeper
    answers.append(answer)
    partner = await Partner.meet(place)
    with pytest.raises(ConnectionResetError):
        await partner.stand_by()
    assert not partner.is_there
    await asyncio.wait_for(ended.wait(), 10)
    partner.tell(state("/dev/ttyTWC"))
    partner.end()


async def test_the_same_is_not_told_twice(keeper):
    place, heard, _, ended = keeper
    partner = await Partner.meet(place)
    for order in (16, 16, 10, 10, 16):
        partner.tell(state("/dev/ttyTWC", order=order))
    partner.end()
    await asyncio.wait_for(ended.wait(), 10)
    assert [said["state"]["connectors"][0]["order"] for said in heard[:-1]] == [16, 10, 16]
    assert heard[-1]["do"] == "end"


async def test_one_who_reads_nothing_is_told_nothing_more_than_fits(keeper, monkeypatch):
    monkeypatch.setattr(partner_module, "_FULL_BYTES", 5_000)
    place, heard, _, ended = keeper
    partner = await Partner.meet(place)
    partner._writer.transport.set_write_buffer_limits(high=10**9)
    for round_ in range(20_000):  # without a pause, so that the other side of this loop cannot read
        partner.tell(state("/dev/ttyTWC", keep_seconds=round_ % 100 + 1))
    assert partner._writer.transport.get_write_buffer_size() < 6_000
    await asyncio.sleep(0.2)
    partner.tell(state("/dev/ttyTWC", keep_seconds=600))
    partner.end()
    await asyncio.wait_for(ended.wait(), 10)
    assert heard[-2]["state"]["keep_seconds"] == 600
