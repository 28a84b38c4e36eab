"""The folders are where the tools look for them, and hide no library."""

from __future__ import annotations

import subprocess
import sys

from support.repository import ROOT

CODE_FOLDERS = {"constructs", "handlers"}
OTHER_FOLDERS = {"docs", "examples", "tests", "tools"}


def test_no_init_file_makes_our_folder_hide_the_library_constructs() -> None:
    """With constructs/__init__.py, `import constructs` from here would find our folder, and cdktf dies at import."""
    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert not (ROOT / "handlers" / "__init__.py").exists()


def test_each_source_root_holds_one_package() -> None:
    packages = {path.parent.name for root in CODE_FOLDERS for path in (ROOT / root).glob("*/__init__.py")}
    assert packages == {"natgw_constructs", "natgw_provider"}


def test_there_is_no_other_code_folder_at_the_top() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    folders = {name.split("/")[0] for name in tracked if "/" in name}
    assert {folder for folder in folders if not folder.startswith(".")} <= CODE_FOLDERS | OTHER_FOLDERS


def import_from_the_top_folder(statement: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", statement], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_library_constructs_is_found_from_the_top_folder() -> None:
    found = import_from_the_top_folder("import constructs; print(constructs.Construct.__module__)")
    assert found.stdout.strip() == "constructs"


def test_the_package_refuses_its_other_name() -> None:
    """The library extends its path over our folder; two copies of our classes would not know each other."""
    found = import_from_the_top_folder("import constructs.natgw_constructs")
    assert found.returncode == 1
    assert "import natgw_constructs, not constructs.natgw_constructs" in found.stderr
