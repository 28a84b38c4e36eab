"""What a user does in a gateway's life works the same with every Terraform."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from compat.conftest import use
from compat.releases import RELEASES, Release
from resources.test_stored_states import STATES
from support.terraform import interrupt
from support.waiting import wait_for
from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

OLDEST = RELEASES[0]
OTHER = "nat-00000000000000aa1"
ADDRESS = "natgw_secondary_private_ips.this"


def since(minor: tuple[int, int], *, before: tuple[int, int] = (2, 0)) -> pytest.MarkDecorator:
    """Run a test with the releases that have what it uses, and not yet what took its place."""
    having = [release for release in RELEASES if minor <= release.minor < before]
    return pytest.mark.parametrize("release", having, ids=str, indirect=True)


def test_it_is_the_terraform_that_the_table_names(world: World, release: Release) -> None:
    version = json.loads(world.terraform.ok("version", "-json").output)
    assert version["terraform_version"] == release.terraform


def test_create_change_and_destroy_do_what_the_plan_says(world: World) -> None:
    terraform = world.terraform
    world.declare_set("10.0.0.21", "10.0.0.22")
    terraform.ok("validate")
    assert terraform.plan().exit_code == 2
    terraform.apply()
    assert world.addresses() == {"10.0.0.21": "succeeded", "10.0.0.22": "succeeded"}
    terraform.assert_empty_plan()

    world.declare_set("10.0.0.21", "10.0.0.23")
    change = terraform.show_plan()
    assert change["actions"] == ["update"]
    assert change["after"]["last_change"]["summary"] == (
        "assign 10.0.0.23, then drain 10.0.0.22 for up to 60 s (1 min)"
    )
    terraform.ok("apply", "-input=false", "tfplan")
    assert world.mutations()[1:] == [("Assign", ("10.0.0.23",)), ("Unassign", ("10.0.0.22",))]
    terraform.assert_empty_plan()

    terraform.destroy()
    assert world.addresses() == {}
    assert terraform.state() is None


def test_a_move_is_an_update_whether_its_gateway_is_known_or_not(world: World) -> None:
    """The identity changes with it, in those that know identities."""
    terraform = world.terraform
    world.aws.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24")

    def declare(gateway: str, address: str, tag: str) -> None:
        world.declare(
            f'secondary_private_ip_addresses = ["{address}"]\n  max_drain_duration_seconds = 20',
            gateway="terraform_data.gateway.output.id",
            extra=f'resource "terraform_data" "gateway" {{ input = {{ id = "{gateway}", tag = "{tag}" }} }}',
        )

    declare(GATEWAY, "10.0.0.21", "a")
    terraform.apply()
    before = world.mutations()
    declare(GATEWAY, "10.0.0.21", "b")
    terraform.apply()
    terraform.assert_empty_plan()
    assert world.mutations() == before
    declare(OTHER, "10.1.0.31", "c")
    terraform.apply()
    terraform.assert_empty_plan()
    assert world.mutations()[len(before) :] == [("Unassign", ("10.0.0.21",)), ("Assign", ("10.1.0.31",))]
    world.declare('secondary_private_ip_addresses = ["10.0.0.22"]')
    assert terraform.show_plan()["actions"] == ["update"]
    world.aws.add_fault(
        "error", actions="AssignPrivateNatGatewayAddress", dry_run=False, code="InvalidParameter", status=400, times=2
    )
    world.terraform.fail_apply()
    terraform.apply()
    terraform.assert_empty_plan()
    assert world.addresses() == {"10.0.0.22": "succeeded"}


def test_a_wrong_declaration_is_refused_by_validate_in_our_words(world: World) -> None:
    world.declare_set("10.0.0.300", drain=4001)
    refused = world.terraform.run("validate", "-no-color")
    assert refused.exit_code == 1
    assert '"10.0.0.300" is not an IPv4 address' in refused.text
    assert "4001" in refused.text
    assert "1 to 4000" in refused.text


def test_why_the_provider_cannot_start_stands_in_terraforms_error(world: World) -> None:
    world.declare_set("10.0.0.21")
    environment = {**world.terraform.environment, "NATGW_PYTHON": "/gone/python"}
    refused = replace(world.terraform, environment=environment).run("validate", "-no-color")
    assert refused.exit_code == 1
    assert "cannot start: there is no Python at /gone/python, which NATGW_PYTHON names" in refused.text


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
def test_a_generated_configuration_is_right_but_for_one_of_the_two_address_arguments(importing: World) -> None:
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


def test_the_data_source_shows_the_gateway(world: World) -> None:
    world.terraform.write(
        f"""{world.provider_block()}
data "natgw_nat_gateway" "it" {{ id = "{GATEWAY}" }}
output "it" {{ value = data.natgw_nat_gateway.it }}
"""
    )
    world.terraform.apply()
    found = json.loads(world.terraform.ok("output", "-json", "it").output)
    assert found["primary_private_ip_address"] == "10.0.0.10"
    assert found["subnet_cidr_block"] == "10.0.0.0/24"


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


@pytest.mark.parametrize("release", RELEASES[1:], ids=str, indirect=True)
def test_two_people_with_different_terraforms_share_a_state(
    world: World, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest knows no identities: it must read a state that has one, and what it writes back has none."""
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    use(OLDEST, monkeypatch)
    world.terraform.assert_empty_plan()
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    use(release, monkeypatch)
    world.terraform.assert_empty_plan()
    world.declare_set("10.0.0.22", drain=20)
    world.terraform.apply()
    assert world.addresses() == {"10.0.0.22": "succeeded"}


@since((1, 8))
def test_a_move_from_another_type_is_refused_in_our_words(world: World) -> None:
    world.terraform.write(f'{world.provider_block()}\nresource "terraform_data" "old" {{}}')
    world.terraform.apply()
    world.declare(
        'secondary_private_ip_addresses = ["10.0.0.21"]',
        extra=f"moved {{\n  from = terraform_data.old\n  to = {ADDRESS}\n}}",
    )
    assert "natgw does not move state between resource types" in world.terraform.fail_plan().text


def test_one_interrupt_in_mid_drain_stops_with_the_true_state(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    world.declare_set("10.0.0.21", drain=4000)
    process = world.terraform.start("apply", "-auto-approve", "-input=false", "-no-color")
    wait_for(lambda: "unassigning" in world.addresses().values(), "a drain")
    interrupt(process)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1, output
    state = world.terraform.state()
    assert state is not None
    assert state["secondary_private_ip_addresses"] == ["10.0.0.21"]
    assert state["draining_private_ip_addresses"] == ["10.0.0.22"]


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
