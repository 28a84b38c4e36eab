"""A provider for tests, whose things are files in a folder; run as a program, it serves itself.

FAKE_WORLD names the folder. The `script` of a thing is what an apply of it does first: `NAME` in each apply,
`NAME:apply` in a create or an update alone, `NAME:destroy` in a destroy alone.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error, warning
from natgw_provider.bridge.handlers import (
    ApplyRequest,
    ApplyResponse,
    DataSource,
    DataSourceResponse,
    ImportRequest,
    ImportResponse,
    ListEvent,
    ListRequest,
    ListResource,
    PlanRequest,
    PlanResponse,
    Provider,
    ReadRequest,
    ReadResponse,
    Resource,
)
from natgw_provider.bridge.schema import (
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    IdentityAttribute,
    IdentitySchema,
    MapOf,
    NestedAttributes,
    Schema,
    SetOf,
)
from natgw_provider.bridge.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from natgw_provider.bridge.handlers import Context, Object


def attribute(name: str, **facts: Any) -> Attribute:
    return Attribute(name=name, description=f"The `{name}`.", **facts)


THING_SCHEMA = Schema(
    1,
    "A thing.",
    (
        attribute("id", type=STRING, computed=True),
        attribute("name", type=STRING, required=True),
        attribute("size", type=NUMBER, optional=True, computed=True),
        attribute("tags", type=SetOf(STRING), optional=True),
        attribute("labels", type=MapOf(STRING), optional=True),
        attribute("password", type=STRING, optional=True, sensitive=True),
        attribute("script", type=STRING, optional=True),
        attribute(
            "rules",
            nested=NestedAttributes(
                "list",
                (attribute("port", type=NUMBER, required=True), attribute("open", type=BOOL, optional=True)),
            ),
            optional=True,
        ),
    ),
)


class Thing(Resource):
    """A file in the folder, with a script."""

    schema = THING_SCHEMA
    identity_schema = IdentitySchema(0, (IdentityAttribute(name="key", type=STRING, description="The key."),))

    def __init__(self, world: Path) -> None:
        self._world = world

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        if isinstance(config["size"], int) and config["size"] < 0:
            return [error("size is negative", f"size is {config['size']}, at least 0 is allowed.", ("size",))]
        return ()

    def upgrade(self, version: int, state: Object, context: Context) -> Object:
        assert version == 0
        return {name: value for name, value in state.items() if name != "old_name"} | {"name": state["old_name"]}

    def read(self, request: ReadRequest, context: Context) -> ReadResponse:
        file = self._file(request.state["id"])
        if not file.exists():
            return ReadResponse(None)
        state = request.state | json.loads(file.read_text())
        return ReadResponse(state, private=request.private | {"reads": request.private.get("reads", 0) + 1})

    def plan(self, request: PlanRequest, context: Context) -> PlanResponse:
        if request.proposed_new_state is None:
            return PlanResponse(None)
        planned = dict(request.proposed_new_state)
        if request.prior_state is None:
            planned |= {"id": UNKNOWN} | ({"size": UNKNOWN} if planned["size"] is None else {})
            return PlanResponse(planned, planned_private={"planned": True})
        renamed = planned["name"] != request.prior_state["name"]
        return PlanResponse(planned | ({"id": UNKNOWN} if renamed else {}), ("name",) if renamed else ())

    def apply(self, request: ApplyRequest, context: Context) -> ApplyResponse:
        subject = request.planned_state or request.prior_state
        assert subject is not None
        refused = self._act("apply" if request.planned_state else "destroy", subject, context)
        if request.planned_state is None:
            self._file(subject["id"]).unlink(missing_ok=True)
            return ApplyResponse(None)
        state = request.planned_state | {"id": f"id-{subject['name']}"}
        if state["size"] is UNKNOWN:
            state["size"] = 1
        if refused:
            state["size"] = 0
        self._file(state["id"]).write_text(json.dumps({"size": state["size"]}))
        return ApplyResponse(state, diagnostics=refused, identity={"key": state["id"]})

    def import_state(self, request: ImportRequest, context: Context) -> ImportResponse:
        key = request.id if request.identity is None else request.identity["key"]
        return ImportResponse({"id": key, "name": str(key).removeprefix("id-")}, {"imported": True})

    def _file(self, key: object) -> Path:
        return self._world / f"{key}.thing"

    def _act(self, change: str, subject: Mapping[str, Any], context: Context) -> Sequence[Diagnostic]:
        name, _, only = (subject["script"] or "").partition(":")
        refused = getattr(self, f"_do_{name}")(subject, context) if name and only in {"", change} else None
        return refused or ()

    def _do_raise(self, _subject: Mapping[str, Any], _context: Context) -> NoReturn:
        raise RuntimeError("the thing broke")

    def _do_exit(self, _subject: Mapping[str, Any], _context: Context) -> NoReturn:
        sys.exit(3)

    def _do_refuse(self, _subject: Mapping[str, Any], _context: Context) -> NoReturn:
        raise DiagnosticsError([error("refused", "by the thing", ("tags", 0)), warning("mind")])

    def _do_partial(self, _subject: Mapping[str, Any], _context: Context) -> Sequence[Diagnostic]:
        return [error("only half was done")]

    def _do_print(self, _subject: Mapping[str, Any], context: Context) -> None:
        print("this must not reach Terraform as a handshake", flush=True)  # noqa: T201 - the point
        os.system("echo nor this")  # noqa: S605 - the point
        context.log.info("a line")

    def _do_wait(self, subject: Mapping[str, Any], context: Context) -> Sequence[Diagnostic]:
        """Mark the beginning, and wait for a stop."""
        self._mark("started", subject)
        if context.stop.wait(60):
            self._mark("stopped", subject)
            return [error("stopped half-way")]
        return ()

    def _do_stubborn(self, subject: Mapping[str, Any], _context: Context) -> None:
        """Mark the beginning, and wait for a file, also after a stop."""
        self._mark("started", subject)
        release = self._world / "release"
        for _ in range(6000):
            if release.exists():
                return
            Event().wait(0.01)

    def _mark(self, word: str, subject: Mapping[str, Any]) -> None:
        (self._world / f"{subject['name']}.{word}").write_text(str(os.getpid()))


class Things(DataSource):
    """The names in the folder."""

    schema = Schema(
        0,
        "The things.",
        (
            attribute("prefix", type=STRING, optional=True),
            attribute("names", type=SetOf(STRING), computed=True),
        ),
    )

    def __init__(self, world: Path) -> None:
        self._world = world

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        return [warning("an empty prefix", path=("prefix",))] if config["prefix"] == "" else ()

    def read(self, config: Object, context: Context) -> DataSourceResponse:
        return DataSourceResponse(config | {"names": tuple(file.stem for file in self._world.glob("*.thing"))})


class ListThings(ListResource):
    """Things that exist only in the list. The file `pulled` counts them; `closed` exists once the list has ended."""

    schema = Schema(
        0,
        "The list.",
        (
            attribute("count", type=NUMBER, optional=True),
            attribute("size", type=NUMBER, optional=True),
            attribute("at", type=NUMBER, optional=True),
            attribute("script", type=STRING, optional=True),
        ),
    )

    def __init__(self, world: Path) -> None:
        self._world = world

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        return [error("count is negative", path=("count",))] if config["count"] == -1 else ()

    def list(self, request: ListRequest, context: Context) -> Generator[ListEvent, None, None]:
        """Yield `count` things with names of `size` characters, and act as `script` before number `at`."""
        count, size, at, script = (request.config[name] for name in ("count", "size", "at", "script"))
        try:
            for number in itertools.count() if count is None else range(count):  # type: ignore[arg-type]
                if number == at:
                    yield from getattr(self, f"_do_{script}")(context)
                (self._world / "pulled").write_text(str(number + 1))
                resource: Object = {"id": f"id-{number}", "name": f"thing {number}"}
                name = f"thing {number}".ljust(min(int(size or 0), 4 << 20))  # type: ignore[arg-type]
                yield ListEvent({"key": f"id-{number}"}, name, resource)
        finally:
            (self._world / "closed").touch()

    def _do_raise(self, _context: Context) -> NoReturn:
        raise RuntimeError("the list broke")

    def _do_exit(self, _context: Context) -> NoReturn:
        sys.exit(3)

    def _do_refuse(self, _context: Context) -> NoReturn:
        raise DiagnosticsError([error("refused", path=("count",))])

    def _do_warn(self, _context: Context) -> Sequence[ListEvent]:
        return [ListEvent(diagnostics=[warning("mind", path=("count",))])]

    def _do_misfit(self, _context: Context) -> Sequence[ListEvent]:
        return [ListEvent({"key": 1}), ListEvent({"key": "never"})]

    def _do_nothing(self, _context: Context) -> Sequence[ListEvent]:
        return [ListEvent()]

    def _do_wait(self, context: Context) -> Sequence[ListEvent]:
        return [ListEvent(diagnostics=[error("stopped half-way")])] if context.stop.wait(60) else []


class FakeProvider(Provider):
    """Serves things."""

    schema = Schema(0, "The provider.", (attribute("region", type=STRING, optional=True),))

    def __init__(self, world: Path) -> None:
        self.resources = MappingProxyType({"fake_thing": Thing(world)})
        self.data_sources = MappingProxyType({"fake_things": Things(world)})
        self.list_resources = MappingProxyType({"fake_thing": ListThings(world)})
        self.configured: list[str] = []

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        return [error("no such region", path=("region",))] if config["region"] == "nowhere" else ()

    def configure(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        self.configured.append(context.terraform_version)
        return ()


def make() -> FakeProvider:
    return FakeProvider(Path(os.environ["FAKE_WORLD"]))


if __name__ == "__main__":
    from natgw_provider.bridge.server import serve, serve_debug

    if sys.argv[1:] == ["--debug"]:
        sys.exit(serve_debug(make, "registry.terraform.io/local/fake"))
    os._exit(serve(make))
