"""Whatever stands in a Name tag, what is written is valid, harmless, and has a name of its own for each gateway."""

from __future__ import annotations

import ast
import json
import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from natgw_provider.cli.adopt_formats import Inventory, Located, in_natural_order, named, to_cdktf, to_hcl, to_json
from natgw_provider.core.gateway import GatewayState, NatGateway, NatGatewayAddress

HOSTILE = [
    'egress"',
    "${aws_secret}",
    "%{ for x in y }",
    "a\nresource",
    'a"\n}\nresource "x" "y" {',
    "7th",
    "ü",
    "出口",
    "a\u202eb",
    "a b",
    "a_b",
    "A_B",
    "addresses",
    "Resource",
    "iam_policy",
    "nat-00000000000000001",
    "a_b_nat-00000000000000002",
    "#",
    "x" * 256,
    "\x00\x1b[31m",
    '"""',
    "",
]
TAGS = st.lists(st.none() | st.sampled_from(HOSTILE) | st.text(max_size=20), min_size=1, max_size=12)
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def inventory(tags: list[str | None], profile: str | None = None) -> Inventory:
    found = [
        Located(
            region=("eu-central-1", "us-east-1")[number % 2],
            gateway=NatGateway(
                nat_gateway_id=f"nat-{number:017x}",
                state=GatewayState.AVAILABLE,
                connectivity_type="private",
                vpc_id=None,
                subnet_id=None,
                addresses=(NatGatewayAddress(key="10.0.0.21"),),
                name=name,
            ),
        )
        for number, name in enumerate(tags)
    ]
    return Inventory(
        locations=("a", "b"),
        regions=("eu-central-1", "us-east-1"),
        profile=profile,
        adopted=named(in_natural_order(found)),
        left_out=(),
        to_ignore={},
    )


@given(TAGS)
@example(["egress", "egress", "egress_nat-00000000000000000"])
def test_every_gateway_has_a_valid_name_of_its_own(tags: list[str | None]) -> None:
    found = inventory(tags)
    assert len(found.adopted) == len(tags)
    assert {it.gateway.nat_gateway_id for it in found.adopted.values()} == {
        f"nat-{number:017x}" for number in range(len(tags))
    }
    for name in found.adopted:
        assert IDENTIFIER.fullmatch(name)
        assert name not in ("Resource", "Default", "addresses", "address_total", "connection_capacity", "iam_policy")


@given(TAGS)
def test_hcl_holds_nothing_of_a_tag_but_its_name_and_a_comment_of_one_line(tags: list[str | None]) -> None:
    found = inventory(tags)
    text = to_hcl(found)
    code = [line for line in text.split("\n") if not line.startswith("#")]
    allowed = re.compile(
        r"|import \{|\}|  to = natgw_secondary_private_ips\.[\w-]+|  id = \"nat-\w+\""
        r"|resource \"natgw_secondary_private_ips\" \"[\w-]+\" \{|  provider +=.natgw\.[a-z0-9-]+"
        r"|  nat_gateway_id +=.\"nat-\w+\"|  secondary_private_ip_addresses = \[\"10\.0\.0\.21\"\]",
        re.ASCII,
    )
    for line in code:
        assert allowed.fullmatch(line), line
    assert text.splitlines() == text.removesuffix("\n").split("\n")
    assert not [letter for letter in text if letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf", "Cs")]


@given(TAGS)
def test_python_is_a_dictionary_of_gateways_and_one_function(tags: list[str | None]) -> None:
    found = inventory(tags)
    body = ast.parse(to_cdktf(found)).body
    assert [type(one) for one in body] == [ast.ImportFrom, ast.Assign, ast.FunctionDef]
    assert isinstance(body[1], ast.Assign)
    keys = [
        key.value
        for one in ast.walk(body[1])
        if isinstance(one, ast.Dict)
        for key in one.keys
        if isinstance(key, ast.Constant)
    ]
    assert set(found.adopted) <= set(keys)


@given(TAGS)
def test_json_keeps_the_tag_as_it_is(tags: list[str | None]) -> None:
    plain = json.loads(to_json(inventory(tags)))
    assert {it["nat_gateway_id"]: it["name_tag"] for it in plain["gateways"]} == {
        f"nat-{number:017x}": name for number, name in enumerate(tags)
    }


def test_two_with_one_name_are_kept_apart_by_their_ids() -> None:
    assert list(inventory(["egress", "egress", "other"]).adopted) == [
        "egress_nat-00000000000000000",
        "other",
        "egress_nat-00000000000000001",
    ]


def test_a_profile_is_quoted_for_its_language() -> None:
    found = inventory(["a"], profile='x"${y}%{z}\\é')
    assert '#     profile = "x\\"$${y}%%{z}\\\\é"' in to_hcl(found)


def test_what_does_not_print_is_escaped_in_a_profile_as_both_languages_read_it() -> None:
    found = inventory(["a"], profile="é\b\f\x85\u2028\u202e\udc80\U000e0001")
    escaped = "é\\u0008\\u000c\\u0085\\u2028\\u202e\\udc80\\U000e0001"
    assert f'#     profile = "{escaped}"' in to_hcl(found)
    assert f'profile="{escaped}"' in to_cdktf(found)
