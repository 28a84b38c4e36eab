"""What the README promises holds: its links, its policy, its plan."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, f"no {language} block"
    return found.group(1)


def test_every_link_of_every_document_leads_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://", "mailto:")):
                assert (document.parent / target).exists(), f"{document.relative_to(ROOT)} links to {target}"


def test_the_policy_allows_every_call_and_no_other() -> None:
    policy = json.loads(block("json"))
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert actions == {
        "ec2:AssignPrivateNatGatewayAddress",
        "ec2:UnassignPrivateNatGatewayAddress",
        "ec2:DescribeNatGateways",
        "ec2:DescribeSubnets",
    }
