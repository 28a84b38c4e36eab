"""What the README promises holds: its links, its policy, its plan."""

from __future__ import annotations

import json
import re
from pathlib import Path

from natgw_provider import SOURCE, __version__
from natgw_provider.core.operations import CHANGES, READS, besides_the_gateway, iam_action

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


def test_nobody_is_sent_to_install_from_pypi_what_is_not_there() -> None:
    """A stranger follows these lines word by word. Once the version is released, they may name it."""
    assert f"## {__version__} (unreleased)" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), (
        "released: see above"
    )
    assert "not on PyPI yet" in README
    for document in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.[my]*")]:
        for line in document.read_text(encoding="utf-8", errors="ignore").splitlines():
            assert not re.search(r"""pip install (-\S+ )*["'`]?natgw\b""", line), f"{document}: {line}"


def test_every_document_and_example_declares_the_source_that_is_installed() -> None:
    texts = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.tf")]
    declared = [
        (path.name, source)
        for path in texts
        for source in re.findall(r'source\s*=\s*"([^"]*natgw)"', path.read_text(encoding="utf-8"))
    ]
    assert len(declared) > 5
    assert {source for _, source in declared} == {SOURCE}, declared


def test_the_policy_allows_every_call_and_no_other() -> None:
    policy = json.loads(block("json"))
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert actions == {iam_action(operation) for operation in (*CHANGES, *READS)}
    resources = {resource for statement in policy["Statement"] for resource in statement["Resource"]}
    assert {f"arn:aws:ec2:*:*:{end}" for end in besides_the_gateway(CHANGES)} < resources
