"""Calls RPCs of the fake provider in this process, as Terraform would, with another author's messages."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import msgpack
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge.fake_provider import THING_SCHEMA, FakeProvider
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.process import Session
from natgw_provider.bridge.rpc.dispatch import answer

UNKNOWN = msgpack.ExtType(0, b"\x00")
NULL = dict.fromkeys(THING_SCHEMA.value_type.attributes)


class Peer:
    """Calls RPCs as Terraform does, and keeps the log."""

    def __init__(self, world: Path) -> None:
        self.logged = io.StringIO()
        self.provider: Any = FakeProvider(world)
        self.session = Session(lambda: self.provider, Log("trace", "natgw", self.logged))

    def call(self, method: str, messages: Any = oracle, **fields: Any) -> Any:
        message = getattr(messages, method)
        return message.Response.FromString(answer(self.session, method, message.Request(**fields).SerializeToString()))

    def apply(self, prior: Any, planned: Any, private: bytes = b"") -> Any:
        states = {"prior_state": dynamic(prior), "planned_state": dynamic(planned), "config": dynamic(planned)}
        return self.call("ApplyResourceChange", type_name="fake_thing", planned_private=private, **states)

    def plan(self, prior: Any, proposed: Any, private: bytes = b"") -> Any:
        states = {"prior_state": dynamic(prior), "proposed_new_state": dynamic(proposed), "config": dynamic(proposed)}
        return self.call("PlanResourceChange", type_name="fake_thing", prior_private=private, **states)


def dynamic(value: Any) -> Any:
    return oracle.DynamicValue(msgpack=msgpack.packb(value))


def thing(**changes: Any) -> dict[str, Any]:
    return NULL | {"name": "a", "size": 2} | changes


def state(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, ext_hook=msgpack.ExtType)


def summaries(response: Any) -> list[tuple[str, str]]:
    severities = {oracle.Diagnostic.ERROR: "error", oracle.Diagnostic.WARNING: "warning"}
    return [(severities[diagnostic.severity], diagnostic.summary) for diagnostic in response.diagnostics]
