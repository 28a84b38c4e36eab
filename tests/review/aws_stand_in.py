"""A provider that Terraform takes for `hashicorp/aws`, with a NAT gateway as the only resource.

The real one has half a gigabyte. What the review reads of a plan, the attributes of `aws_nat_gateway` and the shape of
its plan, is the same: optional and computed secondary addresses, an id, tags, and a subnet whose change replaces it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from natgw_provider.bridge.handlers import (
    ApplyRequest,
    ApplyResponse,
    Context,
    ImportRequest,
    ImportResponse,
    Object,
    PlanRequest,
    PlanResponse,
    Provider,
    ReadRequest,
    ReadResponse,
    Resource,
)
from natgw_provider.bridge.schema import NUMBER, STRING, Attribute, MapOf, Schema, SetOf
from natgw_provider.bridge.server import serve
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.cli.mirror import terraform_platform

VERSION = "5.100.0"
_SECONDARIES = "secondary_private_ip_addresses"


class NatGatewayStandIn(Resource):
    """Holds what is declared; an imported gateway has the id of the import."""

    schema = Schema(
        0,
        "A NAT gateway.",
        (
            Attribute(name="id", type=STRING, computed=True, description=""),
            Attribute(name="subnet_id", type=STRING, required=True, description=""),
            Attribute(name="connectivity_type", type=STRING, optional=True, description=""),
            Attribute(name=_SECONDARIES, type=SetOf(STRING), optional=True, computed=True, description=""),
            Attribute(name="secondary_private_ip_address_count", type=NUMBER, optional=True, description=""),
            Attribute(name="tags", type=MapOf(STRING), optional=True, description=""),
        ),
    )

    def read(self, request: ReadRequest, context: Context) -> ReadResponse:
        return ReadResponse(request.state)

    def plan(self, request: PlanRequest, context: Context) -> PlanResponse:
        planned: Any = request.proposed_new_state
        prior: Any = request.prior_state
        if planned is None:
            return PlanResponse(None)
        if prior is None or prior["subnet_id"] != planned["subnet_id"]:
            planned = {**planned, "id": UNKNOWN}
        if planned[_SECONDARIES] is None:
            planned = {**planned, _SECONDARIES: UNKNOWN}
        replace = ("subnet_id",) if prior is not None and prior["subnet_id"] != planned["subnet_id"] else ()
        return PlanResponse(planned, requires_replace=replace)

    def apply(self, request: ApplyRequest, context: Context) -> ApplyResponse:
        planned: Any = request.planned_state
        if planned is None:
            return ApplyResponse(None)
        made: dict[str, Any] = {"id": "nat-0000000000000c0de", _SECONDARIES: ()}
        return ApplyResponse({name: made.get(name) if value is UNKNOWN else value for name, value in planned.items()})

    def import_state(self, request: ImportRequest, context: Context) -> ImportResponse:
        """The id is the gateway's, its subnet and its name, with slashes between."""
        identity, subnet_id, name = (request.id or "").split("/", 2)
        state: Object = {
            "id": identity,
            "subnet_id": subnet_id,
            "connectivity_type": "private",
            _SECONDARIES: (),
            "tags": {"Name": name},
        }
        return ImportResponse(state)


class AwsStandIn(Provider):
    schema = Schema(0, "", ())

    def __init__(self) -> None:
        self.resources = {"aws_nat_gateway": NatGatewayStandIn()}
        self.data_sources = {}

    def configure(self, config: Object, context: Context) -> tuple[()]:
        return ()


def install_stand_in(mirror: Path) -> None:
    """Put this file, as a provider, beside ours in a mirror."""
    folder = mirror / "registry.terraform.io" / "hashicorp" / "aws" / VERSION / terraform_platform()
    folder.mkdir(parents=True)
    launcher = folder / f"terraform-provider-aws_v{VERSION}"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}"\n', encoding="utf-8")
    launcher.chmod(0o755)


if __name__ == "__main__":
    os._exit(serve(AwsStandIn))
