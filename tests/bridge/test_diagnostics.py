"""What the user is summaries, in plain values and as protocol messages."""

from __future__ import annotations

import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from natgw_provider.bridge.diagnostics import Path, error, warning
from natgw_provider.bridge.rpc.messages import diagnostic_messages
from natgw_provider.bridge.schema import STRING, MapOf, ObjectOf, SetOf

TYPE = ObjectOf({"name": STRING, "labels": MapOf(STRING), "tags": SetOf(STRING)})


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ((), None),
        (("name",), "name"),
        (("labels", "key"), "labels"),  # Terraform before 1.15 marks a wrong line for more than one step
        (("tags", 0), "tags"),
        (("nowhere",), None),
        ((0,), None),
    ],
)
def test_a_diagnostic_marks_the_attribute_that_its_path_begins_with(path: Path, marked: str | None) -> None:
    (message,) = diagnostic_messages([error("a", path=path)], TYPE)
    assert [step.attribute_name for step in message.attribute.steps] == ([] if marked is None else [marked])
    (message,) = diagnostic_messages([error("a", path=path)], None)
    assert not message.HasField("attribute")


def test_a_diagnostic_keeps_its_severity_its_texts_and_its_path() -> None:
    messages = diagnostic_messages([error("a", "b", ("name",)), warning("c")], TYPE)
    first, second = (oracle.Diagnostic.FromString(message.SerializeToString()) for message in messages)
    assert (first.severity, first.summary, first.detail) == (oracle.Diagnostic.ERROR, "a", "b")
    assert first.attribute.steps[0].attribute_name == "name"
    assert (second.severity, second.summary, second.detail) == (oracle.Diagnostic.WARNING, "c", "")
    assert not second.HasField("attribute")


def test_text_that_is_not_unicode_still_reaches_the_user() -> None:
    (message,) = diagnostic_messages([error("broken \udcff name")], TYPE)
    assert message.summary == "broken \\udcff name"
