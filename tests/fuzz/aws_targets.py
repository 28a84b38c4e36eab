"""Fuzz target of what comes from AWS: EC2's answers."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import boto3
from botocore.config import Config
from moto.core.request import Request
from werkzeug.wrappers import Response

from engine.stage import GATEWAY, NOTHING, ONE_ATTEMPT
from fuzz.target import Target
from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.errors import Ec2Error
from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS
from natgw_provider.core.change_plan import Assign
from natgw_provider.simulator.simulator import Simulator
from natgw_provider.simulator.transport import serve_in_process

PUBLIC = replace(NOTHING, nat_gateway_id="nat-0a1b2c3d4e5f67891", connectivity_type="public")
ELASTIC_IP = "eipalloc-0a1b2c3d4e5f67890"


_RANDOM = re.compile(rb"(eipassoc-|<publicIp>)[0-9a-f.]+")
"""What moto makes up, which would make the seeds differ from run to run."""


class _Wire:
    """A client whose requests go to `handle`."""

    def __init__(self) -> None:
        self.handle: Callable[[Request], Response] = Simulator().handle
        client: Any = boto3.session.Session().client(
            "ec2",
            region_name="eu-central-1",
            aws_access_key_id="fuzz",
            aws_secret_access_key="fuzz",  # noqa: S106 - any will do
            config=Config(retries=ONE_ATTEMPT),
        )
        serve_in_process(self._answer, client.meta.events)
        self.api = Ec2Api(client)

    def _answer(self, request: Request) -> Response:
        return self.handle(request)


@functools.cache
def _wire() -> _Wire:
    return _Wire()


def ec2_answer(data: bytes) -> None:
    """Any bytes as EC2's answer, good or bad: a snapshot, or an error that names the operation."""
    wire = _wire()
    for status in (200, 400, 503):
        wire.handle = lambda _request, status=status: Response(data, status)  # type: ignore[misc]
        for make in _CALLS:
            with suppress(Ec2Error):
                make(wire.api)


_CALLS: Sequence[Callable[[Ec2Api], object]] = (
    lambda api: api.describe([GATEWAY]),
    lambda api: api.describe_subnets(["subnet-1"]),
    lambda api: api.change(PRIVATE_IPS, NOTHING, Assign(count=1)),
    lambda api: api.describe([PUBLIC.nat_gateway_id]),
    lambda api: api.change(ELASTIC_IPS, PUBLIC, Assign((ELASTIC_IP,))),
)


def _answer_seeds() -> list[bytes]:
    simulator, wire, recorded = Simulator(), _wire(), []
    simulator.seed(nat_gateway_id=GATEWAY, primary="10.0.0.4", secondaries=["10.0.0.5"])
    allocated = [f"{ELASTIC_IP[:-1]}1", ELASTIC_IP]
    simulator.seed(nat_gateway_id=PUBLIC.nat_gateway_id, connectivity="public", allocation_ids=allocated)

    def record(request: Request) -> Response:
        answer = simulator.handle(request)
        recorded.append(_RANDOM.sub(rb"\g<1>1", answer.get_data()))
        return answer

    wire.handle = record
    for make in _CALLS:
        with suppress(Ec2Error):
            make(wire.api)
    with suppress(Ec2Error):
        wire.api.change(PRIVATE_IPS, replace(NOTHING, nat_gateway_id="nat-none"), Assign(count=1))
    again = recorded[0].replace(b"</natGatewaySet>", b"</natGatewaySet><nextToken>again</nextToken>")
    return [*recorded, again, recorded[0].replace(b"10.0.0.5", b"10.0.0.500"), b"", b"<html>"]


TARGETS: Sequence[Target] = (Target(name="ec2-answer", run=ec2_answer, seeds=_answer_seeds),)
