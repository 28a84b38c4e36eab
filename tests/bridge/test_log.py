"""Lines that go-plugin can read, and only those at or above the level."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime

import pytest

from natgw_provider.bridge.log import LEVELS, LINE_LIMIT, Log, level_from_environment


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_an_object_of_strings_with_hclogs_keys() -> None:
    stream = io.StringIO()
    Log("trace", "natgw", stream).info("drain begun", gateway="nat-1", seconds=350, addresses=("a", "b"), none=None)
    (line,) = lines(stream)
    assert line["@level"] == "info"
    assert line["@message"] == "drain begun"
    assert line["@module"] == "natgw"
    assert datetime.fromisoformat(line["@timestamp"]).tzinfo is UTC
    assert (line["gateway"], line["seconds"], line["none"]) == ("nat-1", "350", "None")
    assert all(isinstance(value, str) for value in line.values())


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "off"])
def test_only_lines_at_or_above_the_level_are_written(level: str) -> None:
    stream = io.StringIO()
    log = Log(level, "natgw", stream)
    for name in ("trace", "debug", "info", "error"):
        getattr(log, name)("message")
    written = [name for name in LEVELS if name not in {"warn", "off"} and LEVELS[name] >= LEVELS[level]]
    assert [line["@level"] for line in lines(stream)] == written


@pytest.mark.parametrize("text", ["x" * 200_000, "\x00" * 200_000, "\U0001f525" * 200_000, "\udcff" * 200_000])
def test_a_line_stays_below_go_plugins_buffer_and_stays_json(text: str) -> None:
    stream = io.StringIO()
    Log("info", "natgw", stream).error(text, traceback=text, short="whole")
    assert len(stream.getvalue().encode()) <= LINE_LIMIT
    (line,) = lines(stream)
    assert line["short"] == "whole"
    assert line["traceback"].startswith(text[:100])
    assert "200000 characters" in line["traceback"]


def test_a_log_without_a_reader_raises_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as stream:  # noqa: PTH123 - a file descriptor, not a path
        Log("info", "natgw", stream).error("Terraform has ended")
        with pytest.raises(BrokenPipeError):
            stream.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
    Log("info", "natgw", stream).error("the stream is closed")


@pytest.mark.parametrize(
    ("environment", "level"),
    [
        ({}, "error"),
        ({"TF_LOG": ""}, "error"),
        ({"TF_LOG": "WARN"}, "warn"),
        ({"TF_LOG": "debug"}, "debug"),
        ({"TF_LOG": "JSON"}, "trace"),
        ({"TF_LOG": "nonsense"}, "trace"),
        ({"TF_LOG": "OFF"}, "off"),
        ({"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "INFO"}, "info"),
        ({"TF_LOG": "INFO", "TF_LOG_PROVIDER": ""}, "info"),
    ],
)
def test_the_level_is_that_of_terraforms_variables(environment: dict[str, str], level: str) -> None:
    assert level_from_environment(environment) == level
