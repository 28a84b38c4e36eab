"""The API is typed, and what it synthesises is valid: typed/right.py is user code that shows both, wrong.py misuse.

mypy strict refuses every wrong line before anything runs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import ROOT
from support.terraform import install_into, terraform_environment

TYPED = Path(__file__).parent / "typed"


def test_every_wrong_line_of_user_code_is_refused_and_no_other() -> None:
    files = [str(TYPED / name) for name in ("right.py", "wrong.py")]
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), *files]
    reported = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300).stdout
    lines = (TYPED / "wrong.py").read_text().splitlines()
    marked = {("wrong", number) for number, line in enumerate(lines, 1) if line.endswith("# refused")}
    refused = {(name, int(number)) for name, number in re.findall(r"(\w+)\.py:(\d+): error", reported)}
    assert refused == marked


@pytest.mark.terraform
@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
@pytest.mark.parametrize(("words", "verdict"), [((), "True"), (("spoilt",), "False")])
def test_a_declaration_is_valid_terraform_and_a_spoilt_one_is_not(
    library: str, words: tuple[str, ...], verdict: str, tmp_path: Path
) -> None:
    """In a process of its own: jsii's kernel, which starts `terraform`, takes its environment when it starts."""
    mirror = install_into(tmp_path / "mirror")
    settings = tmp_path / "terraformrc"
    settings.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n')
    program = tmp_path / "app.py"
    program.write_text((TYPED / "right.py").read_text().replace("cdktf", library))
    variables = {
        **terraform_environment(tmp_path),
        "TF_CLI_CONFIG_FILE": str(settings),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    command = [sys.executable, str(program), *words]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout.split()[-1:] == [verdict], done.stdout + done.stderr
