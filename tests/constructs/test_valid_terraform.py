"""What the constructs synthesise is valid to Terraform itself, by the library's own `Testing`.

In a process of its own: jsii's kernel, which starts `terraform`, takes its environment when it starts.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.terraform import install_into, terraform_environment

PROGRAM = """
import importlib, sys
from constructs import Construct
from natgw_constructs import Gateway, NatGatewayFleet, NatGatewaySecondaryElasticIp, NatGatewaySecondaryIp
from natgw_constructs import NatGatewaySecondaryIps, PublicGateway
cdk, bindings = (importlib.import_module(name) for name in (sys.argv[1], f"natgw_constructs.{sys.argv[1]}"))
stack = cdk.TerraformStack(cdk.Testing.app(), "stack")
bindings.NatgwProvider(stack, "natgw", region="eu-central-1")
ids = [f"nat-{number:08x}" for number in range(5)]
ips = NatGatewaySecondaryIps(stack, "ips", nat_gateway_id=ids[0], addresses=["10.0.0.21"])
if "spoilt" in sys.argv:
    ips.node.default_child.add_override("no_such_argument", 1)
else:
    NatGatewayFleet(stack, "empty", {})
    NatGatewayFleet(stack, "my. fleet", {"a.b c": Gateway(nat_gateway_id=ids[1], count=1)})
    eip = "eipalloc-0000000a"
    gateways = {
        "a": Gateway(nat_gateway_id=ids[2], addresses=[]),
        "b": PublicGateway(nat_gateway_id=ids[4], allocation_ids=[eip], private_ip_addresses={eip: "10.0.0.9"}),
    }
    NatGatewayFleet(Construct(stack, "inner"), "empty", gateways)
    single = NatGatewaySecondaryIp(stack, "single", nat_gateway_id="nat-00000006", private_ip_address="10.0.0.9")
    public = NatGatewaySecondaryElasticIp(stack, "public", nat_gateway_id="nat-00000007", allocation_id=eip)
    cdk.TerraformOutput(stack, "singles", value=[single.status, public.public_ip, public.iam_policy])
    NatGatewaySecondaryIps.from_lookup(stack, "found", tags={"Name": "a"}, count=2, depends_on=[ips])
    variable = cdk.TerraformVariable(stack, "gateways", type="map(object({id = string, ips = optional(set(string))}))")
    iterator = cdk.TerraformIterator.from_map(cdk.Token.as_any_map(variable.string_value))
    each = NatGatewaySecondaryIps(
        stack, "each", nat_gateway_id="${each.value.id}", addresses="${each.value.ips}", max_drain="${60 * 5}"
    )
    each.resource.for_each = iterator
    each.resource.depends_on = [ips.fqn, ips]
    each.resource.put_timeouts(create="15m")
    counted = NatGatewaySecondaryIps(stack, "counted", nat_gateway_id=ids[3], count=1, on_destroy="retain")
    counted.resource.lifecycle = cdk.TerraformResourceLifecycle(prevent_destroy=True)
    cdk.TerraformOutput(stack, "change", value=counted.last_change)
print(cdk.Testing.to_be_valid_terraform(cdk.Testing.full_synth(stack)))
"""

pytestmark = pytest.mark.terraform


@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
@pytest.mark.parametrize(("words", "verdict"), [((), "True"), (("spoilt",), "False")])
def test_a_declaration_is_valid_terraform_and_a_spoilt_one_is_not(
    library: str, words: tuple[str, ...], verdict: str, tmp_path: Path
) -> None:
    mirror = install_into(tmp_path / "mirror")
    settings = tmp_path / "terraformrc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
    variables = {
        **terraform_environment(tmp_path),
        "TF_CLI_CONFIG_FILE": str(settings),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, library, *words],
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split()[-1:] == [verdict], done.stdout + done.stderr
