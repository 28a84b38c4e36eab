"""Fuzz targets of what comes from AWS: EC2's answers, and the models that are kept of botocore's."""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import botocore
from botocore.config import Config
from botocore.loaders import Loader

from ec2.stage import GATEWAY, ONE_ATTEMPT
from fuzz.target import Target
from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.errors import Ec2Error
from natgw_provider.aws.trimmed_models import OPERATIONS, TrimmedLoader
from natgw_provider.simulator import in_process
from natgw_provider.simulator.http_messages import Answer, Request
from natgw_provider.simulator.simulator import Simulator


class _Wire:
    """A client whose requests go to `handle`."""

    def __init__(self) -> None:
        self.handle: Callable[[Request], Answer] = Simulator().handle
        client: Any = boto3.session.Session().client(
            "ec2",
            region_name="eu-central-1",
            aws_access_key_id="fuzz",
            aws_secret_access_key="fuzz",  # noqa: S106 - any will do
            config=Config(retries=ONE_ATTEMPT),
        )
        in_process.serve(self._answer, client.meta.events)
        self.api = Ec2Api(client)

    def _answer(self, request: Request) -> Answer:
        return self.handle(request)


@functools.cache
def _wire() -> _Wire:
    return _Wire()


def ec2_answer(data: bytes) -> None:
    """Any bytes as EC2's answer, good or bad: there is a snapshot, or an error that says what was asked."""
    wire = _wire()
    for status in (200, 400, 503):
        wire.handle = lambda _request, status=status: Answer(status, data)  # type: ignore[misc]
        for ask in _QUESTIONS:
            with suppress(Ec2Error):
                ask(wire.api)


_QUESTIONS: Sequence[Callable[[Ec2Api], object]] = (
    lambda api: api.describe([GATEWAY]),
    lambda api: api.describe_subnets(["subnet-1"]),
    lambda api: api.assign(GATEWAY, count=1),
)


def _answer_seeds() -> list[bytes]:
    simulator, wire, recorded = Simulator(), _wire(), []
    simulator.seed(nat_gateway_id=GATEWAY, primary="10.0.0.4", secondaries=["10.0.0.5"])

    def record(request: Request) -> Answer:
        answer = simulator.handle(request)
        recorded.append(answer.body)
        return answer

    wire.handle = record
    for ask in _QUESTIONS:
        with suppress(Ec2Error):
            ask(wire.api)
    with suppress(Ec2Error):
        wire.api.assign("nat-none", count=1)
    again = recorded[0].replace(b"</natGatewaySet>", b"</natGatewaySet><nextToken>again</nextToken>")
    return [*recorded, again, recorded[0].replace(b"10.0.0.5", b"10.0.0.500"), b"", b"<html>"]


def models_cache(data: bytes) -> None:
    """Any content of the cached models' file: clients are made from the models that botocore ships all the same."""
    fresh = _fresh()
    with mock.patch.dict(os.environ, {"XDG_CACHE_HOME": _cache()}):
        file = Path(_cache(), "natgw", f"aws-models-{botocore.__version__}.json")
        file.write_bytes(data)
        file.chmod(0o600)
        loader = TrimmedLoader(_shipped())
        for service in OPERATIONS:
            assert loader.load_service_model(service, "service-2") == fresh[service]


@functools.cache
def _shipped() -> Loader:
    return Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


@functools.cache
def _cache() -> str:
    return tempfile.mkdtemp(prefix="natgw-fuzz-")


@functools.cache
def _fresh() -> dict[str, Any]:
    """Return the models as they are cut when there is no cache yet; leaves a good file in the cache."""
    with mock.patch.dict(os.environ, {"XDG_CACHE_HOME": _cache()}):
        loader = TrimmedLoader(_shipped())
        return {service: loader.load_service_model(service, "service-2") for service in OPERATIONS}


def _models_seeds() -> list[bytes]:
    _fresh()
    (file,) = Path(_cache(), "natgw").glob("aws-models-*.json")
    head, _, content = file.read_bytes().partition(b"\n")
    hollow = json.dumps({name: {} for name in json.loads(content)}).encode()
    return [head + b"\n" + content, head + b"\n" + hollow, head, b"{}\n{}", b"[" * 5000]


TARGETS: Sequence[Target] = (
    Target(name="ec2-answer", run=ec2_answer, seeds=_answer_seeds),
    Target(name="models-cache", run=models_cache, seeds=_models_seeds),
)
