"""Whatever a CDKTF user does with the library's own classes works with these, and a failure leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct

from natgw_constructs import DeclarationError, Gateway, NatGatewayFleet, NatGatewaySecondaryIps
from support.constructs_bench import Bench

A, B = "nat-0000000a", "nat-0000000b"
RESOURCE = "natgw_secondary_private_ips"


def declare(bench: Bench, name: str = "egress", **arguments: Any) -> NatGatewaySecondaryIps:
    given: dict[str, Any] = {"nat_gateway_id": A, "count": 1, **arguments}
    return NatGatewaySecondaryIps(bench.stack, name, **given)


def declare_in(scope: Any, name: Any, *, tags: object, count: int) -> NatGatewaySecondaryIps:
    return NatGatewaySecondaryIps(scope, name, nat_gateway_id=A, count=count)


def dependencies(bench: Bench) -> list[list[str]]:
    return [it["depends_on"] for it in bench.resources().values() if "depends_on" in it]


# Iterators, stacks, dependencies


def test_the_same_interpolation_may_name_two_gateways(bench: Bench) -> None:
    """In a construct with `for_each` it means another gateway in each."""
    for name in ("first", "second"):
        declare(bench, name, nat_gateway_id="${each.value.id}")


def test_each_element_of_an_iterator_is_one_instance(bench: Bench) -> None:
    gateways = bench.variable("map(object({id=string, ips=set(string)}))").string_value
    iterator = bench.core.TerraformIterator.from_map(bench.core.Token.as_any_map(gateways))
    ips = declare(bench, nat_gateway_id=iterator.get_string("id"), count=None, addresses=iterator.get_list("ips"))
    ips.resource.for_each = iterator
    assert bench.resource() == {
        "for_each": "${var.variable}",
        "nat_gateway_id": "${each.value.id}",
        "secondary_private_ip_addresses": "${each.value.ips}",
    }


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


DEPENDENCIES = {
    "the construct": lambda ips: ips,
    "its resource": lambda ips: ips.resource,
    "its address": lambda ips: ips.fqn,
    "the address of its resource": lambda ips: ips.resource.fqn,
}


@pytest.mark.parametrize("of", DEPENDENCIES)
@pytest.mark.parametrize("way", ["argument", "resource", "binding"])
def test_a_dependency_is_an_address_that_terraform_takes(bench: Bench, way: str, of: str) -> None:
    """Also when the resource is renamed afterwards, which an address that was read already rules out."""
    first = declare(bench, "first")
    given = DEPENDENCIES[of](first)
    if way == "argument":
        declare(bench, "second", nat_gateway_id=B, depends_on=[given])
    elif way == "resource":
        declare(bench, "second", nat_gateway_id=B).resource.depends_on = [given]
    else:
        bench.bindings.SecondaryPrivateIps(bench.stack, "second", nat_gateway_id=B, depends_on=[given])
    if "address" not in of:
        first.resource.override_logical_id("first_renamed")
    (name,) = (name for name in bench.resources() if name.startswith("first_"))
    assert dependencies(bench) == [[f"{RESOURCE}.{name}"]]


def test_dependencies_can_be_read_added_to_and_taken_back(bench: Bench) -> None:
    first, second = declare(bench, "first"), declare(bench, "second", nat_gateway_id=B)
    third = declare(bench, "third", nat_gateway_id="nat-0000000c", depends_on=[first]).resource
    third.depends_on = [*third.depends_on, second.fqn]
    assert [address.split("_")[-2] for address in dependencies(bench)[0]] == ["ips.first", "ips.second"]
    third.depends_on = None
    assert dependencies(bench) == []


def test_what_cannot_be_depended_on_is_refused(bench: Bench) -> None:
    plain = Construct(bench.stack, "plain")
    for given, place in (([plain], r"depends_on\.0"), (plain, "depends_on"), ("natgw.a", "depends_on")):
        with pytest.raises(DeclarationError, match=rf"declaration of stack/egress\n  {place}: Wrong type"):
            declare(bench, depends_on=given)


# Provider blocks


@pytest.mark.parametrize(
    ("way", "path"),
    [
        ("construct", "it"),
        ("fleet", "it"),
        ("lookup", "it-lookup"),
        ("resource", "it"),
        ("later", "later/Resource"),
        ("import", "later/Resource"),
        ("new import", "it"),
    ],
)
def test_a_provider_block_of_another_stack_is_refused(bench: Bench, way: str, path: str) -> None:
    other, stack, bindings = bench.core.TerraformStack(bench.stack.node.root, "other"), bench.stack, bench.bindings
    west = bindings.NatgwProvider(other, "natgw", alias="west")
    given: dict[str, Any] = {"nat_gateway_id": A, "count": 1}
    later: Any = declare(bench, "later", nat_gateway_id=B).resource
    ways: dict[str, Any] = {
        "construct": lambda: NatGatewaySecondaryIps(stack, "it", **given, provider=west),
        "fleet": lambda: NatGatewayFleet(stack, "it", {"a": Gateway(**given)}, provider=west),
        "lookup": lambda: NatGatewaySecondaryIps.from_lookup(stack, "it", tags={"a": "b"}, count=1, provider=west),
        "resource": lambda: bindings.SecondaryPrivateIps(stack, "it", nat_gateway_id=A, provider=west),
        "later": lambda: setattr(later, "provider", west),
        "import": lambda: later.import_from(B, west),
        "new import": lambda: bindings.SecondaryPrivateIps.generate_config_for_import(stack, "it", B, west),
    }
    expected = rf"in the declaration of stack/{path}\n.*provider: Provider block of another stack.*other/natgw.*stack"
    with pytest.raises(DeclarationError, match=expected):
        ways[way]()
    assert bench.ids() == ["later"]


def test_a_block_of_another_provider_is_refused(bench: Bench) -> None:
    class Aws(bench.core.TerraformProvider):  # type: ignore[name-defined,misc]
        pass

    aws = Aws(bench.stack, "aws", terraform_resource_type="aws")
    with pytest.raises(DeclarationError, match="provider: Wrong type"):
        declare(bench, provider=aws)


# Failures


def test_outside_a_stack_it_says_what_it_needs(bench: Bench) -> None:
    with pytest.raises(TypeError, match="not inside a TerraformStack"):
        NatGatewaySecondaryIps(bench.core.Testing.app(), "egress", nat_gateway_id=A, addresses=[])


@pytest.mark.parametrize("make", [declare_in, NatGatewaySecondaryIps.from_lookup, NatGatewayFleet])
def test_what_is_no_scope_and_no_id_is_refused_as_the_library_does(bench: Bench, make: Any) -> None:
    given: dict[str, Any] = {"gateways": {}} if make is NatGatewayFleet else {"tags": {"a": "b"}, "count": 1}
    with pytest.raises(TypeError, match="scope must be a construct, such as a TerraformStack; got NoneType"):
        make(None, "egress", **given)
    with pytest.raises(TypeError, match="id must be str; got NoneType"):
        make(bench.stack, None, **given)


def test_an_id_that_only_terraform_knows_is_refused(bench: Bench) -> None:
    """The resource would have another address after the next edit of the app, and so be destroyed and created."""
    token = bench.variable("string").string_value
    with pytest.raises(DeclarationError, match="id: Id not known at synthesis"):
        declare(bench, token)
    with pytest.raises(DeclarationError, match="id: Id not known at synthesis"):
        NatGatewayFleet(bench.stack, "fleet", {token: Gateway(nat_gateway_id=A, count=1)})


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
    assert bench.ids() == []
    NatGatewaySecondaryIps.from_lookup(bench.stack, "egress", **right)
    assert bench.ids() == ["egress-lookup", "egress"]


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
    assert bench.ids() == ["egress", "found-lookup", "found"]


def test_an_id_with_a_slash_is_named_as_the_library_names_it(bench: Bench) -> None:
    declare(bench, "a/b")
    with pytest.raises(DeclarationError, match="is declared by stack/a--b already"):
        declare(bench, "other")
    with pytest.raises(DeclarationError, match="in the declaration of stack/c--d"):
        NatGatewaySecondaryIps.from_lookup(bench.stack, "c/d", tags={"Name": "a"}, count=99)


def test_a_subclass_has_its_own_constructor_and_a_failure_in_it_leaves_nothing_behind(bench: Bench) -> None:
    class House(NatGatewaySecondaryIps):
        def __init__(self, scope: Construct, id: str, *, broken: bool = False, **arguments: Any) -> None:  # noqa: A002
            super().__init__(scope, id, **{"count": 1, **arguments})
            if broken:
                raise RuntimeError("later")

    with pytest.raises(RuntimeError, match="later"):
        House.from_lookup(bench.stack, "egress", tags={"Name": "a"}, broken=True)  # type: ignore[call-arg]
    assert bench.ids() == []
    assert isinstance(House(bench.stack, "egress", nat_gateway_id=A), House)
    assert bench.resource() == {"nat_gateway_id": A, "secondary_private_ip_address_count": 1}


@pytest.mark.parametrize("made_anew", [True, False])
def test_a_gateway_is_free_again_when_its_construct_is_removed(bench: Bench, made_anew: bool) -> None:
    declare(bench)
    assert bench.stack.node.try_remove_child("egress")
    if made_anew:
        declare(bench, nat_gateway_id=B)
    declare(bench, "other")
