"""What the user is told, in plain values and as protocol messages."""

from __future__ import annotations

import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from natgw_provider.bridge.diagnostics import DiagnosticsError, Path, Severity, error, has_error, warning
from natgw_provider.bridge.rpc.messages import diagnostic_messages, path_message
from natgw_provider.bridge.schema import NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf

TYPE = ObjectOf(
    {
        "name": STRING,
        "labels": MapOf(STRING),
        "sizes": ListOf(NUMBER),
        "tags": SetOf(STRING),
        "rules": ListOf(ObjectOf({"ports": MapOf(ListOf(NUMBER))})),
    }
)


def steps(path: Path, type_: ObjectOf | None = TYPE) -> list[tuple[str, str | int]]:
    message = oracle.AttributePath.FromString(path_message(path, type_).SerializeToString())
    return [(kind, getattr(step, kind)) for step in message.steps if (kind := step.WhichOneof("selector"))]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), []),
        (("name",), [("attribute_name", "name")]),
        (("labels", "name"), [("attribute_name", "labels"), ("element_key_string", "name")]),
        (("sizes", 2), [("attribute_name", "sizes"), ("element_key_int", 2)]),
        (
            ("rules", 0, "ports", "http", 1),
            [
                ("attribute_name", "rules"),
                ("element_key_int", 0),
                ("attribute_name", "ports"),
                ("element_key_string", "http"),
                ("element_key_int", 1),
            ],
        ),
    ],
)
def test_a_path_is_written_by_the_kinds_of_its_steps(path: Path, expected: list[tuple[str, str | int]]) -> None:
    assert steps(path) == expected


def test_a_path_ends_at_a_set_because_the_protocol_cannot_name_its_elements() -> None:
    assert steps(("tags", 0)) == [("attribute_name", "tags")]


@pytest.mark.parametrize("path", [("sizes", "x"), ("sizes", 1, 2), ("labels", 3), ("name", "x"), ("nowhere",), (0,)])
def test_a_path_is_written_only_as_far_as_it_fits_the_type(path: Path) -> None:
    known = [("attribute_name", step) for step in path[:1] if step in TYPE.attributes]
    assert steps(path)[:1] == known
    assert len(steps(path)) <= 2


def test_a_path_without_a_type_is_left_out() -> None:
    assert steps(("name",), None) == []


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


def test_an_exception_carries_diagnostics_and_says_what_they_say() -> None:
    failure = DiagnosticsError(iter([warning("w"), error("e")]))
    assert [diagnostic.severity for diagnostic in failure.diagnostics] == [Severity.WARNING, Severity.ERROR]
    assert str(failure) == "w; e"


def test_only_an_error_is_an_error() -> None:
    assert has_error([warning("w"), error("e")])
    assert not has_error([warning("w")])
