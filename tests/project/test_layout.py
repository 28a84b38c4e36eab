"""The folders are where the tools expect them, and hide no library."""

from __future__ import annotations

import subprocess
import sys

from support.repository import ROOT


def test_no_init_file_makes_our_folder_hide_the_library_constructs() -> None:
    """With constructs/__init__.py, `import constructs` from here would find our folder, and cdktf dies at import."""
    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert not (ROOT / "handlers" / "__init__.py").exists()


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
