"""What `natgw adopt` and `natgw watch` share: the connection that the provider would make, and its errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final

from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.bridge.log import Log, level_from_environment
from natgw_provider.cli import CommandError
from natgw_provider.core.problems import ProblemError
from natgw_provider.review.escape import visible

LONGEST_MESSAGE: Final = 2000
"""Characters of a text from outside that are shown."""

_OPTIONS: Final[Mapping[tuple[str | int, ...], str]] = {("region",): "--region", ("profile",): "--profile"}
"""The options for the arguments of the provider block that an error may name."""


def connection_settings(region: str | None, profile: str | None) -> ConnectionSettings:
    """Return the settings of a provider block with these arguments."""
    agent = os.environ.get("TF_APPEND_USER_AGENT", "")
    return ConnectionSettings(region=region, profile=profile, user_agent_extra=agent)


def debug_log() -> Callable[[str], None]:
    """Return what takes a line for the log; Terraform's variables set the level."""
    return Log(level_from_environment(os.environ)).debug


def aws_error(error: ProblemError) -> CommandError:
    """Return an error on the way to AWS as one line, which names the option where the provider has an argument."""
    option = _OPTIONS.get(error.problem.path[:1])
    hint = f" Here, give it with {option}." if option else ""
    return CommandError(in_one_line(f"{error.problem.summary}. {error.problem.detail}{hint}"))


def in_one_line(text: str) -> str:
    """Return text from outside as one line that is harmless in a terminal, with a full stop."""
    return visible(text.removesuffix("."), LONGEST_MESSAGE) + "."
