"""One app and one stack for each test, of each of the two libraries.

jsii starts one Node process for each Python process, at the first import of a library, and all tests share it.
"""

from __future__ import annotations

import os

import pytest

from support.constructs_bench import Bench

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")

from natgw_constructs.libraries import library_named


@pytest.fixture(params=["cdktf", "cdktn"])
def bench(request: pytest.FixtureRequest) -> Bench:
    library = library_named(request.param)
    return Bench(library.core, library.bindings, library.core.TerraformStack(library.core.Testing.app(), "stack"))
