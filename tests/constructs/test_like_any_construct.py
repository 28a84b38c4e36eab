"""Whatever a CDKTF user does with the library's own classes works with these, and a failure leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct

from natgw_constructs import DeclarationError, Gateway, NatGatewayFleet, NatGatewaySecondaryIps, RequireMinimumDrain
from support.constructs_bench import Bench

A, B = "nat-0000000a", "nat-0000000b"
RESOURCE = "natgw_secondary_private_ips"


def declare(bench: Bench, name: str = "egress", **arguments: Any) -> NatGatewaySecondaryIps:
    given: dict[str, Any] = {"nat_gateway_id": A, "count": 1, **arguments}
    return NatGatewaySecondaryIps(bench.stack, name, **given)


def ids_below(bench: Bench) -> list[str]:
    return [child.node.id for child in bench.stack.node.children]


# Outputs of fleets


def outputs(bench: Bench) -> dict[str, Any]:
    return {name: output["value"] for name, output in bench.synth()["output"].items()}


def test_the_outputs_of_a_fleet_follow_a_renamed_resource(bench: Bench) -> None:
    fleet = NatGatewayFleet(bench.stack, "fleet", {"a": Gateway(nat_gateway_id=A, count=1)})
    fleet.gateways["a"].resource.override_logical_id("renamed")
    assert list(bench.resources()) == ["renamed"]
    values = json.dumps(outputs(bench))
    assert f"{RESOURCE}.renamed." in values
    assert f"{RESOURCE}.fleet" not in values


def test_two_fleets_of_one_id_in_two_scopes_keep_their_outputs(bench: Bench) -> None:
    for scope, gateway_id in (("east", A), ("west", B)):
        NatGatewayFleet(Construct(bench.stack, scope), "fleet", {"a": Gateway(nat_gateway_id=gateway_id, count=1)})
    assert {"east_fleet_addresses", "west_fleet_addresses"} < set(outputs(bench))


@pytest.mark.parametrize(("first", "second"), [("a.b", "ab"), ("ab", "a b")])
def test_two_fleets_whose_outputs_would_have_one_name_are_refused(bench: Bench, first: str, second: str) -> None:
    NatGatewayFleet(bench.stack, first, {"a": Gateway(nat_gateway_id=A, count=1)})
    gateways = {"a": Gateway(nat_gateway_id=B, count=1)}
    with pytest.raises(DeclarationError, match=r"outputs: Output named twice\. ab_addresses .* stack/a"):
        NatGatewayFleet(bench.stack, second, gateways)
    NatGatewayFleet(bench.stack, second, gateways, outputs=False)


def test_fleets_of_one_id_in_two_stacks_of_an_app_have_outputs_of_one_name(bench: Bench) -> None:
    other = bench.core.TerraformStack(bench.stack.node.root, "other")
    for stack, gateway_id in ((bench.stack, A), (other, B)):
        NatGatewayFleet(stack, "fleet", {"a": Gateway(nat_gateway_id=gateway_id, count=1)})
        assert "fleet_addresses" in bench.synth(stack)["output"]


@pytest.mark.parametrize("name", ["my.fleet", "my fleet"])
def test_the_outputs_of_a_fleet_have_names_that_terraform_takes(bench: Bench, name: str) -> None:
    """As the library names a resource of such an id."""
    NatGatewayFleet(bench.stack, name, {"a.b c": Gateway(nat_gateway_id=A, count=1)})
    assert "myfleet_addresses" in outputs(bench)


def test_an_empty_fleet_has_outputs_of_nothing(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", {})
    values = outputs(bench)
    assert (values["fleet_addresses"], values["fleet_address_total"], values["fleet_connection_capacity"]) == ({}, 0, 0)


# Values that only Terraform knows


@pytest.mark.parametrize("text", ["${var.it}", "${each.value.it}", "%{ if var.on }nat-1%{ endif }", "x-${var.it}"])
@pytest.mark.parametrize(
    "argument",
    ["nat_gateway_id", "addresses", "count", "max_drain", "min_in_service", "wait_for_drain", "on_destroy", "timeouts"],
)
def test_a_text_with_an_interpolation_is_left_to_terraform(bench: Bench, argument: str, text: str) -> None:
    bench.core.Aspects.of(bench.stack).add(RequireMinimumDrain(350))
    declare(bench, **{**({"count": None} if argument == "addresses" else {}), argument: text})
    assert text in bench.resource().values()


def test_an_interpolation_inside_a_list_or_a_timeout_is_left_to_terraform(bench: Bench) -> None:
    declare(bench, count=None, addresses=["${var.it}", "10.0.0.4"], timeouts={"create": "${var.it}"}, min_in_service=3)
    assert bench.resource()["secondary_private_ip_addresses"] == ["${var.it}", "10.0.0.4"]


@pytest.mark.parametrize("text", ["$${var.it}", "%%{ if }", "{}", "$", "nat-{a}"])
def test_a_text_that_only_resembles_an_interpolation_is_judged(bench: Bench, text: str) -> None:
    with pytest.raises(DeclarationError, match="Not the id of a NAT gateway"):
        declare(bench, nat_gateway_id=text)


def test_an_interpolation_reaches_the_policy_unescaped(bench: Bench) -> None:
    NatGatewayFleet(bench.stack, "fleet", {"a": Gateway(nat_gateway_id="${var.it}", count=1)})
    (name,) = bench.resources()
    assert f"natgateway/${{{RESOURCE}.{name}.nat_gateway_id}}" in outputs(bench)["fleet_iam_policy"]


def test_the_same_interpolation_may_name_two_gateways(bench: Bench) -> None:
    """In a construct with `for_each` it means another gateway in each."""
    for name in ("first", "second"):
        declare(bench, name, nat_gateway_id="${each.value.id}")


def test_a_token_that_may_be_null_beside_the_other_is_not_judged(bench: Bench) -> None:
    declare(bench, addresses=bench.core.Token.null_value(), count=2)
    assert bench.resource()["secondary_private_ip_address_count"] == 2


def test_a_list_token_among_other_addresses_is_refused_with_the_function_that_joins_them(bench: Bench) -> None:
    variable = bench.core.TerraformVariable(bench.stack, "more", type="list(string)")
    with pytest.raises(DeclarationError, match=r"addresses\.0: .*Fn\.concat"):
        declare(bench, count=None, addresses=[*variable.list_value, "10.0.0.4"])


def test_each_element_of_an_iterator_is_one_instance(bench: Bench) -> None:
    variable = bench.core.TerraformVariable(bench.stack, "gateways", type="map(object({id=string, ips=set(string)}))")
    iterator = bench.core.TerraformIterator.from_map(bench.core.Token.as_any_map(variable.string_value))
    ips = declare(bench, nat_gateway_id=iterator.get_string("id"), count=None, addresses=iterator.get_list("ips"))
    ips.resource.for_each = iterator
    assert bench.resource() == {
        "for_each": "${var.gateways}",
        "nat_gateway_id": "${each.value.id}",
        "secondary_private_ip_addresses": "${each.value.ips}",
    }


def test_a_count_gives_each_instance_its_gateway(bench: Bench) -> None:
    gateways = bench.core.TerraformVariable(bench.stack, "gateways", type="list(string)").list_value
    count = bench.core.TerraformCount.of(bench.core.Fn.length_of(gateways))
    gateway = bench.core.Token.as_string(bench.core.Fn.element(gateways, count.index))
    ips = declare(bench, nat_gateway_id=gateway)
    ips.resource.count = count
    assert bench.resource()["nat_gateway_id"] == "${element(var.gateways, count.index)}"
    assert bench.resource()["count"] == "${length(var.gateways)}"


def test_a_gateway_of_another_stack_becomes_a_reference_between_the_stacks(bench: Bench, tmp_path: Path) -> None:
    app = bench.core.App(outdir=str(tmp_path), skip_validation=True)
    stacks = {name: bench.core.TerraformStack(app, name) for name in ("network", "egress", "other")}
    found = bench.bindings.DataNatgwNatGateway(stacks["network"], "found", tags={"Name": "a"})
    ips = NatGatewaySecondaryIps(stacks["egress"], "it", nat_gateway=found, count=1)
    bench.core.TerraformOutput(stacks["other"], "addresses", value=ips.secondary_private_ip_addresses)
    app.synth()
    files = {name: json.loads((tmp_path / "stacks" / name / "cdk.tf.json").read_text()) for name in stacks}
    (resource,) = files["egress"]["resource"][RESOURCE].values()
    assert resource["nat_gateway_id"].startswith("${data.terraform_remote_state.")
    assert "data.terraform_remote_state." in files["other"]["output"]["addresses"]["value"]


# Tests, escape hatches, dependencies


def test_the_librarys_own_assertions_know_each_type(bench: Bench) -> None:
    provider = bench.bindings.NatgwProvider(bench.stack, "natgw")
    NatGatewaySecondaryIps.from_lookup(bench.stack, "egress", tags={"Name": "a"}, count=2)
    synthesised = bench.core.Testing.synth(bench.stack)
    testing, bindings = bench.core.Testing, bench.bindings
    resource_type, data_type = (
        bindings.SecondaryPrivateIps.TF_RESOURCE_TYPE,
        bindings.DataNatgwNatGateway.TF_RESOURCE_TYPE,
    )
    assert testing.to_have_resource_with_properties(
        synthesised, resource_type, {"secondary_private_ip_address_count": 2}
    )
    assert testing.to_have_data_source_with_properties(synthesised, data_type, {"tags": {"Name": "a"}})
    assert testing.to_have_provider(synthesised, bindings.NatgwProvider.TF_RESOURCE_TYPE)
    assert provider.TF_RESOURCE_TYPE == "natgw"


def test_lifecycle_overrides_imports_and_moves_are_those_of_the_library(bench: Bench) -> None:
    ips = declare(bench)
    ips.resource.lifecycle = bench.core.TerraformResourceLifecycle(prevent_destroy=True)
    ips.resource.add_override("lifecycle.ignore_changes", "all")
    ips.resource.import_from(A)
    ips.resource.move_from_id(f"{RESOURCE}.old")
    ((name, resource),) = bench.resources().items()
    assert resource["lifecycle"] == {"prevent_destroy": True, "ignore_changes": "all"}
    assert bench.synth()["import"] == [{"id": A, "to": f"{RESOURCE}.{name}"}]
    assert bench.synth()["moved"] == [{"from": f"{RESOURCE}.old", "to": f"{RESOURCE}.{name}"}]


DEPENDENCIES = {
    "the construct": lambda ips: ips,
    "its resource": lambda ips: ips.resource,
    "its address": lambda ips: ips.fqn,
    "the address of its resource": lambda ips: ips.resource.fqn,
}


@pytest.mark.parametrize("of", DEPENDENCIES)
@pytest.mark.parametrize("way", ["argument", "resource", "binding"])
def test_a_dependency_is_an_address_that_terraform_takes(bench: Bench, way: str, of: str) -> None:
    first = declare(bench, "first")
    given = DEPENDENCIES[of](first)
    if way == "argument":
        declare(bench, "second", nat_gateway_id=B, depends_on=[given])
    elif way == "resource":
        declare(bench, "second", nat_gateway_id=B).resource.depends_on = [given]
    else:
        bench.bindings.SecondaryPrivateIps(
            bench.stack, "second", nat_gateway_id=B, secondary_private_ip_address_count=1, depends_on=[given]
        )
    resources = bench.resources()
    (address,) = (name for name in resources if name.startswith("first"))
    (second,) = (resource for name, resource in resources.items() if name.startswith("second"))
    assert second["depends_on"] == [f"{RESOURCE}.{address}"]


def test_a_dependency_may_be_renamed_afterwards(bench: Bench) -> None:
    first = declare(bench, "first")
    declare(bench, "second", nat_gateway_id=B, depends_on=[first])
    first.resource.override_logical_id("renamed")
    (dependencies,) = (it["depends_on"] for it in bench.resources().values() if "depends_on" in it)
    assert dependencies == [f"{RESOURCE}.renamed"]


def test_dependencies_can_be_read_added_to_and_taken_back(bench: Bench) -> None:
    first, second = declare(bench, "first"), declare(bench, "second", nat_gateway_id=B)
    third = declare(bench, "third", nat_gateway_id="nat-0000000c", depends_on=[first]).resource
    third.depends_on = [*third.depends_on, second.fqn]
    (dependencies,) = (it["depends_on"] for it in bench.resources().values() if "depends_on" in it)
    assert [address.split("_")[-2] for address in dependencies] == ["ips.first", "ips.second"]
    third.depends_on = None
    assert all("depends_on" not in resource for resource in bench.resources().values())


def test_what_cannot_be_depended_on_is_refused(bench: Bench) -> None:
    plain = Construct(bench.stack, "plain")
    for given, place in (([plain], r"depends_on\.0"), (plain, "depends_on"), ("natgw.a", "depends_on")):
        with pytest.raises(DeclarationError, match=rf"declaration of stack/egress\n  {place}: Wrong type"):
            declare(bench, depends_on=given)


# Failures


def provider_of_another_stack(bench: Bench) -> Any:
    other = bench.core.TerraformStack(bench.stack.node.root, "other")
    return bench.bindings.NatgwProvider(other, "natgw", alias="west")


@pytest.mark.parametrize(
    "way",
    ["construct", "fleet", "gateway", "lookup", "cidr", "resource", "data source", "later", "import", "new import"],
)
def test_a_provider_block_of_another_stack_is_refused(bench: Bench, way: str) -> None:
    provider = provider_of_another_stack(bench)
    gateway, stack = {"nat_gateway_id": A, "count": 1}, bench.stack
    later: Any = declare(bench, "later", nat_gateway_id=B).resource if way in ("later", "import") else None
    ways: dict[str, Any] = {
        "construct": lambda: NatGatewaySecondaryIps(stack, "it", **gateway, provider=provider),  # type: ignore[arg-type]
        "fleet": lambda: NatGatewayFleet(stack, "it", {"a": Gateway(**gateway)}, provider=provider),  # type: ignore[arg-type]
        "gateway": lambda: NatGatewayFleet(stack, "it", {"a": Gateway(**gateway, provider=provider)}),  # type: ignore[arg-type]
        "lookup": lambda: NatGatewaySecondaryIps.from_lookup(stack, "it", tags={"a": "b"}, count=1, provider=provider),
        "cidr": lambda: NatGatewaySecondaryIps.from_cidr(
            stack, "it", nat_gateway_id=A, cidr="10.0.0.16/29", provider=provider
        ),
        "resource": lambda: bench.bindings.SecondaryPrivateIps(stack, "it", nat_gateway_id=A, provider=provider),
        "data source": lambda: bench.bindings.DataNatgwNatGateway(stack, "it", id=A, provider=provider),
        "later": lambda: setattr(later, "provider", provider),
        "import": lambda: later.import_from(B, provider),
        "new import": lambda: bench.bindings.SecondaryPrivateIps.generate_config_for_import(stack, "it", B, provider),
    }
    before = ids_below(bench)
    with pytest.raises(DeclarationError, match=r"provider: Provider block of another stack.*other/natgw.*stack"):
        ways[way]()
    assert ids_below(bench) == before


def test_a_block_of_another_provider_is_refused(bench: Bench) -> None:
    class Aws(bench.core.TerraformProvider):  # type: ignore[name-defined,misc]
        pass

    aws = Aws(bench.stack, "aws", terraform_resource_type="aws")
    with pytest.raises(DeclarationError, match="provider: Wrong type"):
        declare(bench, provider=aws)


@pytest.mark.parametrize("nothing", [{}, {"tags": {}}, {"filters": {}}, {"tags": None, "filters": {}}])
def test_a_lookup_needs_something_to_find(bench: Bench, nothing: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match=r"tags: Nothing to look for"):
        NatGatewaySecondaryIps.from_lookup(bench.stack, "egress", count=1, **nothing)
    assert ids_below(bench) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 99},
        {"tags": {"Name": 1}},
        {"filters": {"vpc-id": "vpc-1"}},
        {"provider": "natgw"},
        {"max_drain": 0},
        {"no_such_setting": 1},
    ],
)
def test_a_failed_lookup_can_be_tried_again(bench: Bench, wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"tags": {"Name": "a"}, "count": 1}
    with pytest.raises((DeclarationError, TypeError)):
        NatGatewaySecondaryIps.from_lookup(bench.stack, "egress", **{**right, **wrong})
    assert ids_below(bench) == []
    NatGatewaySecondaryIps.from_lookup(bench.stack, "egress", **right)
    assert ids_below(bench) == ["egress-lookup", "egress"]


def test_a_failure_beside_a_construct_of_the_same_id_leaves_that_one_alone(bench: Bench) -> None:
    declare(bench)
    NatGatewaySecondaryIps.from_lookup(bench.stack, "found", tags={"Name": "a"}, count=1)
    for again in (
        lambda: declare(bench, nat_gateway_id=B),
        lambda: NatGatewaySecondaryIps.from_lookup(bench.stack, "found", tags={"Name": "b"}, count=1),
        lambda: NatGatewayFleet(bench.stack, "egress", {}),
    ):
        with pytest.raises(Exception, match="There is already a Construct with name"):
            again()
    assert ids_below(bench) == ["egress", "found-lookup", "found"]


def test_an_id_with_a_slash_is_named_as_the_library_names_it(bench: Bench) -> None:
    declare(bench, "a/b")
    with pytest.raises(DeclarationError, match="is declared by stack/a--b already"):
        declare(bench, "other")
    with pytest.raises(DeclarationError, match="in the declaration of stack/c--d"):
        NatGatewaySecondaryIps.from_lookup(bench.stack, "c/d", tags={"Name": "a"}, count=99)


def test_a_failure_inside_leaves_nothing_behind(bench: Bench) -> None:
    class Broken(NatGatewaySecondaryIps):
        def __init__(self, scope: Construct, id: str, **arguments: Any) -> None:  # noqa: A002
            super().__init__(scope, id, **arguments)
            raise RuntimeError("later")

    with pytest.raises(RuntimeError, match="later"):
        Broken.from_lookup(bench.stack, "egress", tags={"Name": "a"}, count=1)
    assert ids_below(bench) == []


def test_a_gateway_is_free_again_when_its_construct_is_made_anew_for_another(bench: Bench) -> None:
    declare(bench)
    bench.stack.node.try_remove_child("egress")
    declare(bench, nat_gateway_id=B)
    declare(bench, "other")


def test_a_gateway_is_free_again_when_its_construct_is_removed(bench: Bench) -> None:
    declare(bench)
    assert bench.stack.node.try_remove_child("egress")
    declare(bench, "other")
