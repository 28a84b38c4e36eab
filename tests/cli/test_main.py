"""However a subcommand ends, the process has an exit code and at most one line for the user."""

from __future__ import annotations

import pytest

from natgw_provider.cli import CommandError, main, watch


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (CommandError("AWS is away.", 3), 3, "natgw watch: AWS is away.\n"),
        (KeyboardInterrupt(), 130, ""),
        (OSError(28, "No space left on device", "app/out"), 1, "natgw watch: app/out: No space left on device\n"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(watch, "run", fail)
    assert main.run(["watch", "nat-0a1b2c3d4e5f67890"]) == code
    assert capsys.readouterr().err == said
