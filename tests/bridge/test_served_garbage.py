"""Any bytes as a request, over the socket, to every RPC: an answer comes, and the process goes on serving."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from google.protobuf.message_factory import GetMessageClass

from bridge import oracles
from bridge.plugin_client import SECONDS, started
from natgw_provider.bridge.protocol import tfplugin6_pb2

_SERVED = [method.name for method in tfplugin6_pb2.DESCRIPTOR.services_by_name["Provider"].methods]
_PUBLISHED = oracles.NEWER.services_by_name["Provider"].methods_by_name
_MESSAGES = 12


def test_garbage_as_a_request_is_answered_and_ends_nothing(tmp_path: Path) -> None:
    random = Random(6)  # noqa: S311 - it only has to vary
    with started(tmp_path) as plugin:
        for name in _SERVED:
            call = plugin.channel.unary_unary(f"/tfplugin6.Provider/{name}")
            response = GetMessageClass(_PUBLISHED[name].output_type)
            for length in range(_MESSAGES):
                response.FromString(call(random.randbytes(length * length), timeout=SECONDS))
        assert plugin.call("GetProviderSchema").resource_schemas
        assert plugin.process.poll() is None
    for line in (tmp_path / "stderr").read_text().splitlines():
        assert json.loads(line)["@level"] == "error"
