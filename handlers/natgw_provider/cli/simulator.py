"""`natgw simulator`: serve a simulated EC2 until interrupted, and say how to point Terraform at it.

The simulator needs an optional extra, so it is imported only when the command runs.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from natgw_provider import SOURCE
from natgw_provider.core import limits
from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS

if TYPE_CHECKING:
    from natgw_provider.simulator.seeding import Seed
    from natgw_provider.simulator.simulator import Simulator

USAGE_ERROR: Final = 2
SEEDED_ELASTIC_IPS: Final = ("eipalloc-011b2c3d4e5f67890", "eipalloc-021b2c3d4e5f67890", "eipalloc-031b2c3d4e5f67890")
"""Elastic IPs of a public gateway that is seeded: the primary's, and two that are free."""

_CHOSEN_BY_US: Final = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `natgw simulator`."""
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        metavar="N",
        help="simulated seconds in each real second (default: 1)",
    )
    parser.add_argument("--region", default="eu-central-1", help="home region (default: %(default)s)")
    parser.add_argument(
        "--seed-gateway",
        nargs="?",
        const=_CHOSEN_BY_US,
        metavar="ID",
        help="create a VPC, a subnet and a NAT gateway, with this id, or else nat-0a1b2c3d4e5f67890",
    )
    parser.add_argument(
        "--connectivity",
        choices=("private", "public"),
        default="private",
        help="of the gateway that --seed-gateway creates; a public one comes with two free Elastic IPs "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--quota",
        type=int,
        default=limits.QUOTA_DEFAULT,
        metavar="N",
        help="private addresses of one private gateway, primary included (default: %(default)s)",
    )
    parser.add_argument(
        "--elastic-ip-quota",
        type=int,
        default=limits.ELASTIC_IP_QUOTA_DEFAULT,
        metavar="N",
        help="Elastic IPs of one public gateway, primary included (default: %(default)s)",
    )
    parser.add_argument(
        "--connections-end-after",
        type=float,
        metavar="SECONDS",
        help="simulated seconds after which the connections of a draining address end (default: they stay)",
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON with the URL and what was seeded")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM, then return 0; 2 when it cannot start."""
    try:
        simulator = _build(arguments)
        seeded = _seed(simulator, arguments.seed_gateway, arguments.connectivity)
        simulator.start(arguments.port)
    except ModuleNotFoundError as error:
        from natgw_provider.cli.install import pip_command  # noqa: PLC0415 - for this message only

        return _refuse(f"{error.name} is not installed. The simulator needs it: {pip_command('simulator')}")
    except (OSError, ValueError) as error:
        return _refuse(str(error))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        _announce(simulator, seeded, as_json=arguments.json)
        threading.Event().wait()
    simulator.stop()
    return 0


def _build(arguments: argparse.Namespace) -> Simulator:
    from natgw_provider.simulator.clock import ScaledClock  # noqa: PLC0415 # needs the extra
    from natgw_provider.simulator.inputs import Settings  # noqa: PLC0415 # needs the extra
    from natgw_provider.simulator.simulator import Simulator  # noqa: PLC0415 # needs the extra

    names = ("quota", "elastic_ip_quota", "connections_end_after")
    settings = Settings.check({name: getattr(arguments, name) for name in names}, "options")
    return Simulator(clock=ScaledClock(arguments.speed), settings=settings, region=arguments.region)


def _seed(simulator: Simulator, wanted: str | None, connectivity: str) -> Seed | None:
    if wanted is None:
        return None
    elastic_ips = SEEDED_ELASTIC_IPS if connectivity == "public" else ()
    return simulator.seed(nat_gateway_id=wanted or None, connectivity=connectivity, allocation_ids=list(elastic_ips))


def _announce(simulator: Simulator, seeded: Seed | None, *, as_json: bool) -> None:
    if as_json:
        found: dict[str, Any] = {"url": simulator.url, "control_url": f"{simulator.url}/_natgw"}
        print(json.dumps(found | {"seed": asdict(seeded) if seeded else None}), flush=True)
        return
    print(_introduction(simulator, seeded), flush=True)


def _introduction(simulator: Simulator, seeded: Seed | None) -> str:
    url, region = simulator.url, simulator.region
    return f"""\
A simulated AWS (EC2, STS, IAM) serves on {url}, region {region}, account {simulator.account_id}.
Time: {simulator.clock.describe()}. Quota: {simulator.settings.quota} addresses for each private gateway, \
{simulator.settings.elastic_ip_quota} Elastic IPs for each public one.

{_seed_section(simulator, seeded) if seeded else "No gateway is seeded; --seed-gateway makes one."}

Point Terraform at it:

{_terraform(simulator, seeded)}
or the AWS command line, with any access key:

  aws --endpoint-url {url} --region {region} ec2 describe-nat-gateways

Clock, faults, connections and the log of calls are at {url}/_natgw, for example:

  curl {url}/_natgw/calls
  curl -d '{{"advance": 60}}' {url}/_natgw/clock

Stop it with Ctrl-C."""


def _seed_section(simulator: Simulator, seeded: Seed) -> str:
    now = simulator.clock.now()
    gateway = simulator.model().get(seeded.nat_gateway_id)
    addresses = [
        f"  {address.private_ip}  {address.status(now)}{'  primary' if address.is_primary else ''}"
        f"{f'  {address.elastic.allocation_id}' if address.elastic else ''}"
        for address in gateway.listed(now)
    ]
    free = ", ".join(seeded.free_allocation_ids)
    return "\n".join(
        [
            f"{seeded.connectivity.capitalize()} NAT gateway {seeded.nat_gateway_id}, {gateway.state(now)}",
            f"  in subnet {seeded.subnet_id} ({seeded.subnet_cidr_block}) of {seeded.vpc_id}",
            *addresses,
            *([f"  free Elastic IPs: {free}"] if free else []),
        ]
    )


def _terraform(simulator: Simulator, seeded: Seed | None) -> str:
    gateway_id = seeded.nat_gateway_id if seeded else "nat-..."
    kind, argument, values = PRIVATE_IPS, PRIVATE_IPS.argument, ["10.0.0.10", "10.0.0.11"]
    if seeded and seeded.free_allocation_ids:
        kind, argument, values = ELASTIC_IPS, ELASTIC_IPS.argument, [seeded.free_allocation_ids[0]]
    return f"""\
  terraform {{
    required_providers {{
      natgw = {{ source = "{SOURCE}" }}
    }}
  }}

  provider "natgw" {{
    region     = "{simulator.region}"
    access_key = "simulator"
    secret_key = "simulator"
    endpoints = {{
      ec2 = "{simulator.url}"
      sts = "{simulator.url}"
    }}
  }}

  resource "{kind.resource_type}" "example" {{
    {"nat_gateway_id":{len(argument)}} = "{gateway_id}"
    {argument:14} = {json.dumps(values)}
  }}
"""


def _refuse(reason: str) -> int:
    print(f"natgw: {reason}", file=sys.stderr)
    return USAGE_ERROR
