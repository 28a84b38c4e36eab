"""What depends on the Terraform: how it imports, generates a configuration, reads a state that another one wrote.

What does not is tested in tests/e2e, of which `make compat` runs a part with every version.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from compat.conftest import since
from compat.releases import RELEASES, Release
from natgw_provider.review.as_json import render_json
from natgw_provider.review.plan_document import parse_events
from natgw_provider.review.review import review_plans
from resources.test_stored_states import STATES
from review import plan_maker
from review.plans_and_reviews import plain_plan, plan_of, review_of
from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

OLDEST = RELEASES[0]
OTHER = "nat-00000000000000aa1"
ADDRESS = "natgw_secondary_private_ips.this"


def test_it_is_the_terraform_that_the_table_names(world: World, release: Release) -> None:
    version = json.loads(world.terraform.ok("version", "-json").output)
    assert version["terraform_version"] == release.terraform


def test_an_import_by_id_plans_nothing_by_command_and_by_block(adopted: World) -> None:
    adopted.terraform.ok("import", "-input=false", ADDRESS, OTHER)
    adopted.terraform.assert_empty_plan()
    adopted.terraform.ok("state", "rm", ADDRESS)
    declare_as_it_is(adopted, importing=f'id = "{OTHER}"')
    assert_imported_without_a_change(adopted)


@since((1, 12))
def test_an_import_by_identity_plans_nothing(adopted: World) -> None:
    declare_as_it_is(adopted, importing=f'identity = {{ nat_gateway_id = "{OTHER}" }}')
    assert_imported_without_a_change(adopted)


@pytest.fixture
def importing(world: World) -> World:
    """Return a world with a gateway that an `import` block names, and no configuration for it."""
    world.aws.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24", secondaries=["10.1.0.31"])
    world.terraform.write(f'{world.provider_block()}\nimport {{\n  to = {ADDRESS}\n  id = "{OTHER}"\n}}')
    return world


@since((1, 14))
def test_a_generated_configuration_plans_nothing(importing: World) -> None:
    """Terraform asks the provider for it."""
    generate = ("-generate-config-out=generated.tf", "-out=tfplan")
    importing.terraform.ok("plan", "-input=false", "-no-color", *generate)
    generated = (importing.terraform.folder / "generated.tf").read_text(encoding="utf-8")
    assert {
        line.split(" =")[0].strip() for line in generated.splitlines() if "= null" not in line and " = " in line
    } == {
        "nat_gateway_id",
        "secondary_private_ip_addresses",
    }
    assert_imported_without_a_change(importing)


@since((1, 8), before=(1, 14))
def test_a_generated_configuration_is_right_except_for_one_of_the_two_address_arguments(importing: World) -> None:
    """Terraform writes down all that may be set; of the two address arguments only one may.

    Terraform 1.6 crashes when it writes a configuration for any schema with computed nested attributes
    (hashicorp/terraform#34463).
    """
    refused = importing.terraform.run("plan", "-input=false", "-no-color", "-generate-config-out=generated.tf")
    assert "Both are set. Give secondary_private_ip_addresses to name the full set" in refused.text
    generated = (importing.terraform.folder / "generated.tf").read_text(encoding="utf-8")
    kept = [line for line in generated.splitlines() if "secondary_private_ip_address_count" not in line]
    importing.terraform.write("\n".join(kept), "generated.tf")
    assert_imported_without_a_change(importing)


def test_a_state_of_the_first_schema_version_plans_nothing(world: World) -> None:
    stored = json.loads((STATES / "v0.json").read_text(encoding="utf-8"))["a set, every argument given"]
    world.ec2.assign_private_nat_gateway_address(
        NatGatewayId=GATEWAY, PrivateIpAddresses=stored["secondary_private_ip_addresses"]
    )
    world.aws.clock.advance(10)
    (world.terraform.folder / "terraform.tfstate").write_text(json.dumps(state_file(stored)), encoding="utf-8")
    world.declare_set(
        *stored["secondary_private_ip_addresses"],
        body="""min_in_service_addresses = 2
  on_destroy = "retain"
  timeouts = { create = "20m", update = "20m", delete = "20m" }""",
    )
    world.terraform.assert_empty_plan()


def test_two_people_with_different_terraforms_share_a_state(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest knows no identities: it must read a state that has one, and what it writes back has none."""
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    with monkeypatch.context() as other:
        other.setenv("PATH", f"{OLDEST.bin}{os.pathsep}{os.environ['PATH']}")
        world.terraform.assert_empty_plan()
        world.declare_set("10.0.0.21", "10.0.0.22")
        world.terraform.apply()
    world.terraform.assert_empty_plan()
    world.declare_set("10.0.0.22", drain=20)
    world.terraform.apply()
    assert world.addresses() == {"10.0.0.22": "succeeded"}


@pytest.fixture
def adopted(world: World) -> World:
    """A gateway that has one address already, and a declaration of just that."""
    world.aws.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24", secondaries=["10.1.0.31"])
    declare_as_it_is(world)
    return world


def declare_as_it_is(adopted: World, importing: str = "") -> None:
    """Declare the one address, and with `importing` also an import block by that."""
    block = f"import {{\n  to = {ADDRESS}\n  {importing}\n}}" if importing else ""
    adopted.declare('secondary_private_ip_addresses = ["10.1.0.31"]', gateway=f'"{OTHER}"', extra=block)


def assert_imported_without_a_change(world: World) -> None:
    """Assert that a plan imports and changes nothing, and applying it too."""
    change = world.terraform.show_plan()
    assert change["actions"] == ["no-op"]
    assert "importing" in change
    world.terraform.apply()
    world.terraform.assert_empty_plan()
    assert world.mutations() == []


def state_file(attributes: dict[str, object]) -> dict[str, object]:
    """Return a state in Terraform's format with one instance of schema version 0."""
    resource = {
        "mode": "managed",
        "type": "natgw_secondary_private_ips",
        "name": "this",
        "provider": 'provider["terraform.local/natgw/natgw"]',
        "instances": [{"schema_version": 0, "attributes": attributes}],
    }
    head = {"version": 4, "terraform_version": OLDEST.terraform, "serial": 1, "lineage": "stored", "outputs": {}}
    return head | {"resources": [resource]}


REMOVED_BLOCKS = (1, 7)
"""The Terraform that brought the blocks which the largest case has one of."""


def test_a_plan_has_the_same_review_and_digest(release: Release, tmp_path: Path) -> None:
    case = "kinds" if release.minor >= REMOVED_BLOCKS else "gateway-replaced"
    with plan_maker.world(tmp_path) as (terraform, block, _):
        plan = json.loads(plan_maker.plan(terraform, block + plan_maker.CASES[case]))
    assert plan["terraform_version"] == release.terraform
    plan["terraform_version"] = plain_plan(case)["terraform_version"]
    review = review_plans([plan_of(plan, case)])
    assert render_json(review) == render_json(review_of(case))


def test_the_events_of_a_refused_plan_name_the_error_and_its_resource(world: World) -> None:
    world.declare_set("192.168.0.21")
    refused = world.terraform.run("plan", "-json", "-input=false")
    assert refused.exit_code == 1
    (event,) = parse_events(refused.output, "events")
    assert event.is_error
    assert "192.168.0.21" in event.cause
    assert event.resource_address == "natgw_secondary_private_ips.this"
