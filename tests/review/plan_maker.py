"""Makes the plans in `plans/` with real Terraform, our provider and the simulator: `python tests/review/plan_maker.py`.

One state is imported from seeded gateways; every case is a configuration that is planned against it. What differs from
run to run (time stamps, the simulator's port) is taken out; nothing else is touched.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from review.aws_stand_in import install_stand_in
from review.plans_and_reviews import PLANS, gateway_id
from support.terraform import Terraform, install_into, terraform_environment

_PORT = re.compile(r"http://127\.0\.0\.1:\d+")
_HOSTILE_KEY = 'a|b`c`<img src=x>@octocat\\n#1 ${"$"}{x}'


def declared(name: str, gateway: int, body: str) -> str:
    """Return one resource of ours on a gateway; `body` is what it declares besides."""
    return f"""
resource "natgw_secondary_private_ips" "{name}" {{
  nat_gateway_id = "{gateway_id(gateway)}"
  {body}
}}
"""


def addresses(number: int, *hosts: int) -> str:
    """Return the argument that declares hosts of a gateway's subnet."""
    return "secondary_private_ip_addresses = [" + ", ".join(f'"10.0.{number}.{host}"' for host in hosts) + "]"


SEEDED: dict[int, tuple[int, ...]] = dict.fromkeys(range(1, 17), (21, 22)) | {
    1: (21, 22, 23),
    2: tuple(range(21, 28)),
    3: tuple(range(21, 27)),
    5: (21,),
    7: (21,),
    15: (),
}
"""Hosts that each gateway has, besides its primary at host 10, before Terraform knows it."""

_NAMES = "swap full staged removed added retained grown shrunk settings unchanged forgotten unknown replaced"
MANAGED = {name: number for number, name in enumerate(_NAMES.split(), 1)}
"""Resources in the state, and their gateways. Gateways 14 to 16 are not managed yet."""


def _managed(name: str) -> str:
    """Return a resource as the state has it."""
    number = MANAGED[name]
    retained = '\n  on_destroy = "retain"' if name == "retained" else ""
    return declared(name, number, addresses(number, *SEEDED[number]) + retained)


def _unchanged(*but: str) -> str:
    return "".join(_managed(name) for name in MANAGED if name not in but)


_IMPORTED = "".join(
    f"""{_managed(name)}
import {{
  to = natgw_secondary_private_ips.{name}
  id = "{gateway_id(number)}"
}}
"""
    for name, number in MANAGED.items()
)
_AWS_IMPORTED = f"""
resource "aws_nat_gateway" "prod" {{
  subnet_id = "subnet-13"
  tags      = {{ Name = "prod-egress" }}
}}
import {{
  to = aws_nat_gateway.prod
  id = "{gateway_id(13)}/subnet-13/prod-egress"
}}
resource "aws_nat_gateway" "shared" {{
  subnet_id = "subnet-1"
  tags      = {{ Name = "shared-egress" }}
}}
import {{
  to = aws_nat_gateway.shared
  id = "{gateway_id(1)}/subnet-1/shared-egress"
}}
"""


_AWS_UNCHANGED = re.sub(r"import \{.*?\n\}\n", "", _AWS_IMPORTED, flags=re.DOTALL)
_KINDS = "".join(
    (
        declared("swap", 1, addresses(1, 21, 31)),
        declared("full", 2, addresses(2, 31, 22, 23, 24, 25, 26, 27) + "\n  max_drain_duration_seconds = 60"),
        declared("staged", 3, addresses(3, 31, 32, 23, 24, 25, 26) + "\n  max_drain_duration_seconds = 4000"),
        declared("added", 5, addresses(5, 21, 22) + '\n  timeouts = { update = "5m50s" }'),
        declared("grown", 7, "secondary_private_ip_address_count = 3"),
        declared("shrunk", 8, "secondary_private_ip_address_count = 1\n  wait_for_drain = false"),
        declared("settings", 9, addresses(9, 21, 22) + "\n  max_drain_duration_seconds = 700"),
        declared("unchanged", 10, addresses(10, 21, 22)),
        declared("unknown", 12, "secondary_private_ip_addresses = [terraform_data.later.output]"),
        declared("replaced", 14, addresses(14, 21, 22, 41)),
        declared("created", 15, addresses(15, 21)),
        declared("adopted", 16, addresses(16, 21, 41)),
        'resource "terraform_data" "later" {\n  input = timestamp()\n}\n',
        "removed {\n  from = natgw_secondary_private_ips.forgotten\n  lifecycle {\n    destroy = false\n  }\n}\n",
    )
)

CASES: dict[str, str] = {
    "unchanged": _unchanged() + _AWS_UNCHANGED,
    "swap": _unchanged("swap") + declared("swap", 1, addresses(1, 21, 31)) + _AWS_UNCHANGED,
    "kinds": _KINDS + _AWS_UNCHANGED,
    "gateway-replaced": _unchanged("replaced")
    + 'resource "natgw_secondary_private_ips" "replaced" {\n  nat_gateway_id = aws_nat_gateway.prod.id\n  '
    + addresses(13, 21, 22)
    + "\n}\n"
    + _AWS_UNCHANGED.replace('"subnet-13"', '"subnet-99"'),
    "move": _unchanged("shrunk") + declared("shrunk", 15, addresses(15, 21, 22)) + _AWS_UNCHANGED,
    "gateway-unknown": _unchanged("shrunk")
    + f"""
resource "terraform_data" "gateway" {{
  input = "{gateway_id(8)}"
}}
resource "natgw_secondary_private_ips" "shrunk" {{
  nat_gateway_id = terraform_data.gateway.output
  {addresses(8, 21, 22)}
}}
"""
    + _AWS_UNCHANGED,
    "managed-twice": _unchanged("swap", "removed")
    + declared("swap", 1, addresses(1, 21, 22, 23))
    + declared("again", 1, addresses(1, 21, 22) + "\n  provider = natgw.again")
    + declared("renamed", 4, addresses(4, 21, 22) + "\n  provider = natgw.again")
    + _AWS_UNCHANGED.replace('"shared-egress" }', '"shared-egress" }\n  ' + addresses(1, 21)),
    "hostile": _unchanged()
    + f"""
resource "natgw_secondary_private_ips" "hostile" {{
  for_each       = toset(["{_HOSTILE_KEY}"])
  nat_gateway_id = "{gateway_id(14)}"
  {addresses(14, 21)}
}}
"""
    + _AWS_UNCHANGED.replace("shared-egress", "**bold** | <b>@team</b> `x` https://example.org\\n/close"),
    "sensitive": _unchanged("swap")
    + declared("swap", 1, 'secondary_private_ip_addresses = sensitive(["10.0.1.21"])')
    + _AWS_UNCHANGED,
}
"""Configurations by name; `none` and `errored` are made apart."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "destroy": ("-destroy",),
    "targeted": ("-target=natgw_secondary_private_ips.swap",),
}
"""Plans of the unchanged configuration with an option of `terraform plan`."""


def make_all(folder: Path) -> dict[str, str]:
    """Return every plan, and the event stream of the failed one, as the text of a file by its name."""
    with world(folder) as (terraform, block, _):
        made = {f"{name}.json": plan(terraform, block + hcl) for name, hcl in CASES.items()}
        for name, options in OPTIONS.items():
            made[f"{name}.json"] = plan(terraform, block + CASES["unchanged"], *options)
        failing = declared("full", 2, addresses(2, 31, 22, 23, 24, 25, 26, 27) + "\n  min_in_service_addresses = 8")
        terraform.write(block + _unchanged("full") + failing + _AWS_UNCHANGED)
        made["errored.events.jsonl"] = _clean_lines(
            terraform.run("plan", "-json", "-input=false", "-out=tfplan").output
        )
        shown = terraform.run("show", "-json", "tfplan")
        made["errored.json"] = _clean(shown.output)
        (terraform.folder / "terraform.tfstate").unlink()
        made["none.json"] = plan(terraform, 'resource "terraform_data" "only" {}\n')
    return made


@contextmanager
def world(folder: Path) -> Iterator[tuple[Terraform, str, Simulator]]:
    """Yield Terraform with every managed gateway in its state, the blocks to begin with, and the simulator."""
    mirror = install_into(folder / "mirror")
    install_stand_in(mirror)
    home, work = folder / "home", folder / "work"
    home.mkdir()
    work.mkdir()
    terraform = Terraform(work, mirror, terraform_environment(home))
    with Simulator(clock=ManualClock()) as aws:
        for number, hosts in SEEDED.items():
            aws.seed(
                nat_gateway_id=gateway_id(number),
                cidr=f"10.0.{number}.0/24",
                primary=f"10.0.{number}.10",
                secondaries=[f"10.0.{number}.{host}" for host in hosts],
            )
        block = _provider_block(aws)
        terraform.write(block + _IMPORTED + _AWS_IMPORTED)
        terraform.init()
        terraform.apply()
        change_outside(aws)
        yield terraform, block, aws


def change_outside(aws: Simulator) -> None:
    """Someone else assigns an address, and unassigns another, which drains while the plans are made."""
    client = aws.client()
    client.assign_private_nat_gateway_address(NatGatewayId=gateway_id(1), PrivateIpAddresses=["10.0.1.77"])
    aws.clock.advance(5)
    client.unassign_private_nat_gateway_address(
        NatGatewayId=gateway_id(5), PrivateIpAddresses=["10.0.5.21"], MaxDrainDurationSeconds=4000
    )


def _provider_block(aws: Simulator) -> str:
    """The provider, and once more under another name: a process that knows nothing of what the first one manages."""
    settings = f"""
  region     = "{aws.region}"
  access_key = "simulator"
  secret_key = "simulator"
  endpoints  = {{ ec2 = "{aws.url}", sts = "{aws.url}" }}
}}
"""
    return f"""
terraform {{
  required_providers {{
    natgw = {{ source = "terraform.local/natgw/natgw" }}
    aws   = {{ source = "hashicorp/aws" }}
  }}
}}
provider "natgw" {{{settings}
provider "natgw" {{
  alias      = "again"{settings}
"""


def plan(terraform: Terraform, hcl: str, *options: str) -> str:
    """Return the plan of a configuration as JSON."""
    terraform.write(hcl)
    terraform.plan("-out=tfplan", *options)
    return _clean(terraform.ok("show", "-json", "tfplan").output)


def _clean(text: str) -> str:
    plain: dict[str, Any] = json.loads(_PORT.sub("http://127.0.0.1:1", text))
    plain.pop("timestamp", None)
    return json.dumps(plain, sort_keys=True, separators=(",", ":")) + "\n"


def _clean_lines(text: str) -> str:
    events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    kept = [event for event in events if event.get("type") in ("version", "diagnostic", "change_summary")]
    for event in kept:
        event.pop("@timestamp", None)
    return "".join(_PORT.sub("http://127.0.0.1:1", json.dumps(event, sort_keys=True)) + "\n" for event in kept)


def main() -> None:
    """Write the plans into `plans/`."""
    folder = Path(tempfile.mkdtemp())
    try:
        for name, text in make_all(folder).items():
            (PLANS / name).write_text(text, encoding="utf-8")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
