"""What `terraform plan` prints cannot be misread: it marks no address to which nothing happens.

The plans stand in `raw_plans/`, to be read as a reviewer reads them. Each is made anew, held to its file, and applied:
what AWS shows before and after says to which addresses something happened.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from natgw_provider.core.address_kinds import ELASTIC_IPS
from natgw_provider.simulator.simulator import Simulator
from support.world import GATEWAY, World, declare_many, many_gateways, start_world

pytestmark = pytest.mark.terraform

FILES: Final = Path(__file__).parent / "raw_plans"
OTHER: Final = "nat-00000000000000aa1"
LATER: Final = 'resource "terraform_data" "later" {{\n  input = "{}"\n}}\n'
"""A resource whose output is known only after apply."""

PROGRAM: Final = f"""
import sys
from cdktf import App, TerraformStack
from natgw_constructs import NatGatewaySecondaryIps
from natgw_constructs.cdktf import NatgwProvider
app = App(outdir=sys.argv[2])
stack = TerraformStack(app, "egress")
endpoints = {{"ec2": sys.argv[1], "sts": sys.argv[1]}}
keys = {{"access_key": "simulator", "secret_key": "simulator"}}
NatgwProvider(stack, "natgw", region="eu-central-1", endpoints=endpoints, **keys)
NatGatewaySecondaryIps(stack, "egress", nat_gateway_id="{GATEWAY}", addresses=sys.argv[3:], max_drain=20)
app.synth()
"""

_KEY: Final = r"\d+\.\d+\.\d+\.\d+|eipalloc-[0-9a-f]+"
_ELEMENT: Final = re.compile(rf'^ +([-+]) "({_KEY})",?$', re.MULTILINE)
_SINGLE: Final = re.compile(rf'^  # \S+\["({_KEY})"\] (?:will be|must be) (?:created|destroyed|replaced)', re.MULTILINE)
_UNKNOWN_ELEMENT: Final = re.compile(r"^ +\+ \(known after apply\),$", re.MULTILINE)
_PART: Final = re.compile(r"^ +[-+~] (?:assign|drain|in_service|summary|unassign) += (.*)$", re.MULTILINE)
_TEXT: Final = r'"[^"]*"|null|\(known after apply\)'
_ADDRESS: Final = re.compile(rf"\b(?:{_KEY})\b")


def planned(world: World, name: str, *options: str) -> str:
    """Plan into a file, hold what Terraform prints to raw_plans/NAME.txt, and return it.

    NATGW_UPDATE_GOLDEN=1 writes the file instead. What differs from run to run is left out: ids that the simulator
    makes up, numbers of lines, and the order of reads and warnings.
    """
    printed = world.terraform.plan("-out=tfplan", *options).output.partition("\n─")[0]
    printed = re.sub(r"\b(eni|subnet|vpc)-[0-9a-f]{17}", r"\1-0", printed)
    printed = re.sub(r'(public_ip +(?:= |-> ))"[0-9.]+"', r'\1"127.0.0.0"', printed)
    printed = re.sub(r"^(  on \S+ line |  )\d+(?=[:,])", r"\1N", printed, flags=re.MULTILINE)
    actions, *warnings = re.split(r"\n(?=Warning: )", printed)
    actions = re.sub(r"^.*: (Refreshing state|Reading|Read complete).*\n", "", actions, flags=re.MULTILINE)
    text = "\n\n".join(part.strip() for part in (actions, *sorted(warnings))) + "\n"
    file = FILES / f"{name}.txt"
    if os.environ.get("NATGW_UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
    return text


def shown(world: World) -> set[tuple[str, str, str]]:
    """Return all secondaries that AWS shows, with gateway and status."""
    gateways = world.ec2.describe_nat_gateways()["NatGateways"]
    return {
        (gateway["NatGatewayId"], address.get("AllocationId", address["PrivateIp"]), address["Status"])
        for gateway in gateways
        for address in gateway["NatGatewayAddresses"]
        if not address["IsPrimary"]
    }


def assert_cannot_be_misread(world: World, name: str, *options: str, but: frozenset[str] = frozenset()) -> None:
    """Plan and apply; every address marked is one to which something happens, and every such one is in the plan.

    `but` are the addresses that Terraform marks by itself, whatever a provider plans: on create everything is new, on
    destroy everything goes, and a set with unknown elements in the configuration hides which of the old ones stay.
    """
    text = planned(world, name, *options)
    before = shown(world)
    world.terraform.ok("apply", "-input=false", "tfplan")
    happened = {address for _, address, _ in before ^ shown(world)}
    assert {address for _, address in _ELEMENT.findall(text)} | set(_SINGLE.findall(text)) <= happened | but
    assert len(happened - set(_ADDRESS.findall(text))) <= len(_UNKNOWN_ELEMENT.findall(text))
    for part in _PART.findall(text):
        assert re.fullmatch(rf"(?:{_TEXT})(?: -> (?:{_TEXT}))?", part), f"a part that is no text: {part}"


def addresses(*hosts: int) -> list[str]:
    return [f"10.0.0.{host}" for host in hosts]


def declared(*hosts: int, drain: int = 20, body: str = "") -> str:
    """Return a declaration of addresses; 20 simulated seconds are one."""
    listed = json.dumps(addresses(*hosts))
    return f"secondary_private_ip_addresses = {listed}\n  max_drain_duration_seconds = {drain}\n  {body}"


def test_no_plan_of_a_life_can_be_misread(world: World) -> None:
    bodies = {
        "first-set": declared(21, 22),
        "swap": declared(21, 23),
        "count-grows": "secondary_private_ip_address_count = 3\n  max_drain_duration_seconds = 20",
        "count-shrinks": "secondary_private_ip_address_count = 1\n  max_drain_duration_seconds = 20",
        "partly-full": declared(*range(21, 28)),
        "full": declared(*range(21, 27), 40),
        "without-waiting": declared(*range(21, 27), drain=200, body="wait_for_drain = false"),
        "while-draining": declared(*range(21, 27), 41),
        "to-nothing": declared(),
    }
    for name, body in bodies.items():
        world.declare(body)
        assert_cannot_be_misread(world, name)
    assert "No changes." in planned(world, "nothing-to-do")


def test_no_plan_after_a_drift_nor_of_a_destroy_can_be_misread(world: World) -> None:
    world.declare(declared(21, 22))
    world.terraform.apply()
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.99"])
    assert_cannot_be_misread(world, "added-elsewhere")
    world.release_elsewhere("10.0.0.22")
    assert_cannot_be_misread(world, "removed-elsewhere")
    world.declare(declared(21, 22, body='on_destroy = "retain"'))
    world.terraform.apply()
    assert_cannot_be_misread(world, "destroy-retained", "-destroy", but=frozenset(addresses(21, 22)))
    world.declare(declared(21, 22))
    world.terraform.apply()
    assert_cannot_be_misread(world, "destroy", "-destroy")


def test_no_plan_of_an_adoption_or_a_move_can_be_misread(world: World) -> None:
    subnet = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]["SubnetId"]
    world.aws.seed(nat_gateway_id=OTHER, primary="10.0.0.11", subnet_id=subnet)
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=addresses(21, 98))
    world.declare(declared(21, 22))
    assert_cannot_be_misread(world, "adoption", but=frozenset(addresses(21)))
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=addresses(98))
    world.terraform.ok("state", "rm", "natgw_secondary_private_ips.this")
    imported = f'import {{\n  to = natgw_secondary_private_ips.this\n  id = "{GATEWAY}"\n}}\n'
    world.declare(declared(21, 22), extra=imported)
    assert_cannot_be_misread(world, "import")
    world.declare(declared(21, 24), gateway=f'"{OTHER}"')
    assert_cannot_be_misread(world, "move")
    world.declare(declared(21, 25), gateway="terraform_data.later.output", extra=LATER.format(OTHER))
    assert_cannot_be_misread(world, "unknown-gateway")


def test_no_plan_with_an_unknown_address_can_be_misread(world: World) -> None:
    world.declare(declared(21))
    world.terraform.apply()
    unknown = 'secondary_private_ip_addresses = ["10.0.0.21", terraform_data.later.output]'
    world.declare(unknown, extra=LATER.format("10.0.0.22"))
    assert_cannot_be_misread(world, "unknown-address")
    world.declare(
        unknown.replace('"10.0.0.21"', "terraform_data.other.output"),
        extra=LATER.format("10.0.0.22") + LATER.replace("later", "other").format("10.0.0.21"),
    )
    assert_cannot_be_misread(world, "unknown-set", but=frozenset(addresses(21, 22)))


def test_no_plan_of_a_cdktf_app_can_be_misread(world: World) -> None:
    (world.terraform.folder / "main.tf").unlink()
    for name, hosts in {"cdktf-first-set": (21, 22), "cdktf-swap": (21, 23)}.items():
        command = [sys.executable, "-c", PROGRAM, world.aws.url, "cdktf.out", *addresses(*hosts)]
        subprocess.run(command, cwd=world.terraform.folder, check=True, timeout=120)
        stack = world.terraform.folder / "cdktf.out" / "stacks" / "egress" / "cdk.tf.json"
        world.terraform.write(stack.read_text(encoding="utf-8"), "main.tf.json")
        world.terraform.ok("init", "-reconfigure", f"-plugin-dir={world.terraform.mirror}", "-input=false")
        assert_cannot_be_misread(world, name)


def test_no_plan_of_twenty_gateways_can_be_misread(world: World) -> None:
    ids = many_gateways(world, 20, 21, 22)
    declare_many(world, ids, [21, 22], drain=20)
    world.terraform.apply()
    declare_many(world, ids, [21, 23], drain=20)
    assert_cannot_be_misread(world, "twenty-swaps")


def test_no_plan_of_a_set_of_elastic_ips_can_be_misread(aws: Simulator, mirror: Path, tmp_path: Path) -> None:
    world = start_world(aws, mirror, tmp_path, ELASTIC_IPS, quota=3)
    sets = {"first-set": (21, 22), "swap-on-full": (22, 23), "shrink": (23,), "to-nothing": (), "grow": (21,)}
    for name, hosts in sets.items():
        world.declare_set(*map(world.key, hosts), drain=20)
        assert_cannot_be_misread(world, f"elastic-ips-{name}")
    extra = LATER.format(world.key(24))
    world.declare(f'allocation_ids = ["{world.key(21)}", terraform_data.later.output]', extra=extra)
    assert_cannot_be_misread(world, "elastic-ips-unknown")
    world.declare_set(*map(world.key, (21, 24)), drain=20)
    world.terraform.apply()
    assert_cannot_be_misread(world, "elastic-ips-destroy", "-destroy")


def test_no_plan_of_an_adoption_or_a_move_of_elastic_ips_can_be_misread(
    aws: Simulator, mirror: Path, tmp_path: Path
) -> None:
    world = start_world(aws, mirror, tmp_path, ELASTIC_IPS, quota=3)
    aws.seed(nat_gateway_id=OTHER, connectivity="public")
    world.ec2.associate_nat_gateway_address(NatGatewayId=GATEWAY, AllocationIds=[world.key(21), world.key(25)])
    world.declare_set(*map(world.key, (21, 22)), drain=20)
    assert_cannot_be_misread(world, "elastic-ips-adoption", but=frozenset({world.key(21)}))
    drain = "max_drain_duration_seconds = 20"
    world.declare(f'allocation_ids = ["{world.key(23)}"]\n  {drain}', gateway=f'"{OTHER}"')
    assert_cannot_be_misread(world, "elastic-ips-move")
    later = LATER.format(world.key(23)) + LATER.replace("later", "other").format(world.key(24))
    unknown = "allocation_ids = [terraform_data.later.output, terraform_data.other.output]"
    world.declare(f"{unknown}\n  {drain}", gateway=f'"{OTHER}"', extra=later)
    assert_cannot_be_misread(world, "elastic-ips-unknown-set", but=frozenset({world.key(23)}))


def test_no_plan_of_single_addresses_can_be_misread(large: World) -> None:
    kind = large.kind.connectivity
    subnet = large.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]["SubnetId"]
    large.aws.seed(nat_gateway_id=OTHER, primary="10.0.0.11", subnet_id=subnet, connectivity=kind)
    large.declare_singles(*range(21, 28), drain=20)
    assert_cannot_be_misread(large, f"singles-{kind}-seven-come")
    large.declare_singles(*range(21, 28), drain=40)
    assert_cannot_be_misread(large, f"singles-{kind}-settings")
    large.declare_singles(*range(21, 27), drain=40)
    assert_cannot_be_misread(large, f"singles-{kind}-one-leaves")
    large.declare_singles(*range(22, 28), drain=40)
    assert_cannot_be_misread(large, f"singles-{kind}-one-for-one")
    large.declare_singles(22, 23, gateway=OTHER, drain=40)
    assert_cannot_be_misread(large, f"singles-{kind}-move")
    assert_cannot_be_misread(large, f"singles-{kind}-destroy", "-destroy")


def test_no_plan_of_a_single_that_is_lost_or_retained_can_be_misread(large: World) -> None:
    kind = large.kind.connectivity
    large.declare_singles(21, 22, body='on_destroy = "retain"')
    large.terraform.apply()
    large.release_elsewhere(large.key(22))
    assert_cannot_be_misread(large, f"singles-{kind}-lost-elsewhere")
    retained = frozenset(map(large.key, (21, 22)))
    assert_cannot_be_misread(large, f"singles-{kind}-destroy-retained", "-destroy", but=retained)


def test_after_an_apply_that_drained_nothing_is_announced_in_the_future(world: World) -> None:
    world.declare(declared(21))
    world.terraform.apply()
    world.declare(declared())
    done = world.terraform.apply().text
    assert f"{GATEWAY} drains 1 address" in done
    assert "This change unassigns 10.0.0.21." in done
    assert not re.search(r"\bwill unassign\b|\bApplying this plan\b", done)
