"""A list is sent while it is made, as fast as the client receives it, and ends when the client needs no more of it.

The messages are another author's, and over the socket the client is grpcio.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from google.protobuf.message_factory import GetMessageClass

from bridge import oracles
from bridge.fake_provider import ListThings
from bridge.peer import NULL, Peer
from bridge.peer import summaries as response_summaries
from bridge.plugin_client import SECONDS, Plugin, started
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc import dispatch

PUBLISHED = oracles.messages(oracles.THEIRS)
Request, Response = (GetMessageClass(PUBLISHED[f"ListResource.{kind}"]) for kind in ("Request", "Event"))
CONFIG = dict.fromkeys(ListThings.schema.value_type.attributes)


def request(*, limit: int = 0, include: bool = False, **config: Any) -> Any:
    packed = {"msgpack": msgpack.packb(CONFIG | config)}
    return Request(type_name="fake_thing", config=packed, limit=limit, include_resource_object=include)


def keys(events: list[Any]) -> list[str]:
    return [msgpack.unpackb(event.identity.identity_data.msgpack)["key"] for event in events]


def summaries(event: Any) -> list[str]:
    return [diagnostic.summary for diagnostic in event.diagnostic]


def pulled(world: Path) -> int:
    file = world / "pulled"
    return int(file.read_text() or 0) if file.exists() else 0


class Listing:
    """Lists in this process; the client takes `enough` events."""

    def __init__(self, world: Path) -> None:
        self.peer = Peer(world)
        self.enough = 1000

    def events(self, sent: Any) -> list[Any]:
        events: list[Any] = []

        def send(event: bytes) -> bool:
            events.append(Response.FromString(event))
            assert len(events) <= self.enough
            return len(events) < self.enough

        data = sent if isinstance(sent, bytes) else sent.SerializeToString()
        dispatch.list_resource(self.peer.session, data, send)
        return events


@pytest.fixture
def listing(tmp_path: Path) -> Listing:
    return Listing(tmp_path)


class TestEvents:
    def test_an_event_has_identity_name_and_on_request_the_whole_object(self, listing: Listing) -> None:
        (event,) = listing.events(request(count=1, include=True))
        assert keys([event]) == ["id-0"]
        assert event.display_name == "thing 0"
        assert msgpack.unpackb(event.resource_object.msgpack) == NULL | {"id": "id-0", "name": "thing 0"}
        (event,) = listing.events(request(count=1))
        assert not event.HasField("resource_object")

    @pytest.mark.parametrize(("limit", "made"), [(0, 7), (1, 1), (3, 3), (7, 7), (8, 7)])
    def test_the_limit_ends_the_list(self, listing: Listing, tmp_path: Path, limit: int, made: int) -> None:
        assert keys(listing.events(request(count=7, limit=limit))) == [f"id-{number}" for number in range(made)]
        assert pulled(tmp_path) == made
        assert (tmp_path / "closed").exists()

    def test_a_diagnostic_does_not_count_as_a_thing(self, listing: Listing) -> None:
        first, event, second = listing.events(request(count=7, limit=2, at=1, script="warn"))
        assert keys([first, second]) == ["id-0", "id-1"]
        assert not event.HasField("identity")
        assert summaries(event) == ["mind"]
        assert event.diagnostic[0].attribute.steps[0].attribute_name == "count"

    def test_an_absent_block_has_null_for_every_attribute(self, listing: Listing) -> None:
        listing.enough = 2
        sent = Request(type_name="fake_thing", config={"msgpack": msgpack.packb(None)})
        assert keys(listing.events(sent)) == ["id-0", "id-1"]

    @pytest.mark.parametrize(
        ("script", "summary"),
        [
            ("raise", "natgw bug: RuntimeError in ListResource of fake_thing"),
            ("exit", "natgw bug: SystemExit in ListResource of fake_thing"),
            ("refuse", "refused"),
            ("misfit", "natgw bug: a result does not fit the schema"),
            ("nothing", "natgw bug: ValueError in ListResource of fake_thing"),
        ],
    )
    def test_a_failure_is_a_last_event_after_those_before_it(
        self, listing: Listing, tmp_path: Path, script: str, summary: str
    ) -> None:
        *before, last = listing.events(request(count=5, at=2, script=script))
        assert keys(before) == ["id-0", "id-1"]
        assert not last.HasField("identity")
        assert summaries(last) == [summary]
        assert "Traceback" not in last.diagnostic[0].detail
        assert (tmp_path / "closed").exists()

    @pytest.mark.parametrize(
        ("sent", "summary"),
        [
            (b"\xff\xff", "natgw bug: DecodeError in ListResource"),
            (Request(type_name="fake_other"), "natgw has no list resource fake_other"),
            (request(count="x"), "natgw cannot read a value that Terraform sent"),
        ],
    )
    def test_a_request_that_cannot_be_served_is_one_event_that_says_why(
        self, listing: Listing, sent: Any, summary: str
    ) -> None:
        (event,) = listing.events(sent)
        assert summaries(event) == [summary]

    @pytest.mark.parametrize("enough", [1, 5])
    def test_a_client_that_needs_no_more_closes_the_generator(
        self, listing: Listing, tmp_path: Path, enough: int
    ) -> None:
        listing.enough = enough
        assert len(listing.events(request())) == pulled(tmp_path) == enough
        assert (tmp_path / "closed").exists()


def test_the_inner_block_is_described_and_validated(tmp_path: Path) -> None:
    peer = Peer(tmp_path)
    (schema,) = peer.call("GetProviderSchema", pb).list_resource_schemas.values()
    assert [attribute.name for attribute in schema.block.attributes] == list(CONFIG)

    def validate(count: int) -> Any:
        config = pb.DynamicValue(msgpack=msgpack.packb(CONFIG | {"count": count}))
        return peer.call("ValidateListResourceConfig", pb, type_name="fake_thing", config=config)

    assert response_summaries(validate(1)) == []
    assert response_summaries(validate(-1)) == [("error", "count is negative")]


class TestServed:
    @pytest.fixture
    def plugin(self, tmp_path: Path) -> Iterator[Plugin]:
        with started(tmp_path) as running:
            yield running

    def begin(self, plugin: Plugin, **fields: Any) -> Any:
        call = plugin.channel.unary_stream(
            "/tfplugin6.Provider/ListResource", Request.SerializeToString, Response.FromString
        )
        return call(request(**fields), timeout=3 * SECONDS, wait_for_ready=True)

    def test_an_event_arrives_before_the_next_one_is_made_and_a_stop_ends_the_list(self, plugin: Plugin) -> None:
        events = self.begin(plugin, at=1, script="wait", count=1)
        slow = self.begin(plugin, at=1, script="wait", count=2)
        assert keys([next(events), next(slow)]) == ["id-0", "id-0"]
        assert plugin.call("StopProvider").Error == ""
        assert summaries(next(slow)) == ["stopped half-way"]
        assert keys(list(slow)) == ["id-1"]
        late = self.begin(plugin, at=0, script="wait", count=1)
        assert summaries(next(late)) == ["stopped half-way"]

    def test_lists_that_are_cancelled_at_random_leave_nothing_behind(self, plugin: Plugin, tmp_path: Path) -> None:
        chance = random.Random(4711)  # noqa: S311 - no secret
        lists = [self.begin(plugin, size=chance.choice([0, 100, 30_000])) for _ in range(20)]
        chance.shuffle(lists)
        for events in lists:
            for _ in range(chance.randrange(40)):
                next(events)
            events.cancel()
        assert plugin.apply("a", "").result().diagnostics == []
        assert keys(list(self.begin(plugin, count=2))) == ["id-0", "id-1"]
        plugin.shut_down()
        begun = time.monotonic()
        assert plugin.wait() == 0
        assert time.monotonic() - begun < 5
        log = (tmp_path / "stderr").read_text()
        assert [json.loads(line)["@message"] for line in log.splitlines()] == []
