"""What `natgw adopt` writes is planned as an import of everything with no change, and changes nothing when applied."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from adopt.conftest import Adopt, mutating_calls, seed
from natgw_provider.simulator.simulator import Simulator
from support.repository import ROOT
from support.terraform import Terraform

pytestmark = pytest.mark.terraform

NAMES = ["egress", "egress", '7th "${x}\n%{y}', "addresses", None, "zone-a"]
"""The tag Name of each gateway; two have the same."""

IMPORTED = f"{len(NAMES)} to import, 0 to add, 0 to change, 0 to destroy"


def seed_all(aws: Simulator, *, regions: tuple[str, ...]) -> None:
    """Seed a gateway for each name; the one without a name is public."""
    for number, name in enumerate(NAMES, 1):
        connectivity = "private" if name else "public"
        region = regions[number % len(regions)]
        seed(aws, number, *range(21, 21 + number % 4), name=name, region=region, connectivity=connectivity)


def blocks_of(head: str) -> str:
    """Return the blocks that the head of an HCL file shows in its comment."""
    lines = [line.removeprefix("#   ") for line in head.splitlines() if line.startswith("#   ")]
    return "\n".join(lines)


def assert_imports_all(terraform: Terraform, aws: Simulator, imported: str = IMPORTED) -> None:
    terraform.init()
    assert f"Plan: {imported}." in terraform.plan().text
    terraform.apply()
    terraform.assert_empty_plan()
    assert mutating_calls(aws) == []


@pytest.mark.parametrize("regions", [("eu-central-1",), ("eu-central-1", "us-east-1")], ids=["one", "two"])
def test_hcl_imports_every_gateway_and_changes_nothing(
    adopt: Adopt, aws: Simulator, terraform: Terraform, regions: tuple[str, ...]
) -> None:
    seed_all(aws, regions=regions)
    out = terraform.folder / "adopted.tf"
    options = [word for region in regions for word in ("--region", region)]
    code, report, _ = adopt("--format", "hcl", "--out", str(out), *options)
    assert code == 0
    assert f'"{IMPORTED}"' in report
    terraform.write(blocks_of(out.read_text(encoding="utf-8")))
    assert terraform.run("fmt", "-check", "-diff").output == ""
    assert_imports_all(terraform, aws)


def test_hcl_imports_both_kinds_with_the_quotas_that_they_need(
    adopt: Adopt, aws: Simulator, terraform: Terraform
) -> None:
    seed(aws, 1, 21, name="private")
    aws.change_settings(quota=12, elastic_ip_quota=3)
    seed(aws, 3, *range(21, 31))
    public = aws.seed(cidr="10.2.0.0/24", connectivity="public", secondaries=["10.2.0.21", "10.2.0.22"])
    out = terraform.folder / "adopted.tf"
    code, report, _ = adopt("--format", "hcl", "--out", str(out))
    assert code == 0
    assert all(f"{allocation_id} (" in report for allocation_id in public.secondary_allocation_ids)
    head = blocks_of(out.read_text(encoding="utf-8"))
    quotas = dict(re.findall(r"(\w+_quota) += (\d+)", head))
    assert quotas == {"elastic_ip_quota": "3", "private_ip_address_quota": "11"}
    terraform.write(head)
    assert terraform.run("fmt", "-check", "-diff").output == ""
    assert_imports_all(terraform, aws, "3 to import, 0 to add, 0 to change, 0 to destroy")


@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
def test_the_clones_main_takes_the_module_as_it_is(
    adopt: Adopt, aws: Simulator, terraform: Terraform, library: str
) -> None:
    seed_all(aws, regions=("eu-central-1",))
    folder = terraform.folder
    assert adopt("--format", "cdktf", "--out", str(folder / "gateways.py"))[0] == 0
    main = (ROOT / "main.py").read_text(encoding="utf-8")
    before, _, rest = main.partition("GATEWAYS = {")
    main = f"{before}from gateways import GATEWAYS, import_gateways\n{rest.partition('}')[2]}"
    fleet = 'NatGatewayFleet(self, "fleet", GATEWAYS, max_drain=350)'
    assert fleet in main
    main = main.replace(fleet, f"import_gateways({fleet})").replace("cdktf", library)
    synthesise(terraform, main)
    stack = Terraform(folder / "cdktf.out" / "stacks" / "nat-gateways", terraform.mirror, terraform.environment)
    assert_imports_all(stack, aws)


def test_a_module_of_several_regions_is_used_as_its_head_says(
    adopt: Adopt, aws: Simulator, terraform: Terraform
) -> None:
    regions = ("eu-central-1", "us-east-1")
    seed_all(aws, regions=regions)
    _, module, _ = adopt("--format", "cdktf", "--region", regions[0], "--region", regions[1])
    usage = blocks_of(module).replace("\n", "\n        ")
    synthesise(
        terraform,
        f"""from cdktf import App, TerraformStack
from natgw_constructs.cdktf import NatgwProvider
{module}

class Egress(TerraformStack):
    def __init__(self, scope, name):
        super().__init__(scope, name)
        {usage}

app = App()
Egress(app, "egress")
app.synth()
""",
    )
    stack = terraform.folder / "cdktf.out" / "stacks" / "egress"
    assert_imports_all(Terraform(stack, terraform.mirror, terraform.environment), aws)


def synthesise(terraform: Terraform, main: str) -> None:
    terraform.write(main, "main.py")
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=terraform.folder,
        env=dict(terraform.environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
