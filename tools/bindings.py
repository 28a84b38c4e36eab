"""The bindings of both libraries: which classes there are, in which files, and formatted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import bindings_source as source
from constructs_page import SOURCES, constructs_page
from gateway_source import gateway_source
from natgw_provider.bridge.schema import STRING, Attribute, Schema
from natgw_provider.resources.provider import NatgwProvider

LIBRARIES: Final = ("cdktf", "cdktn")
PROVIDER_CLASS: Final = "NatgwProvider"
RESOURCE_BASE: Final = "TerraformResource"
_PREFIX: Final = "natgw_"

_ALIAS: Final = Attribute(
    name="alias",
    type=STRING,
    optional=True,
    description="Name of this provider block where a stack has several, as for several regions.",
)
"""Terraform's own argument of every provider block."""

_GENERATED: Final = """
Generated from the provider's schema by `make docs`; do not edit.
\"\"\"
from __future__ import annotations

from collections.abc import Mapping, Sequence
"""

_STRUCTS_HEAD: Final = f"""\
\"\"\"The arguments of the bindings, for both libraries: their nested objects, and the type of each.
{_GENERATED}
from dataclasses import dataclass
from typing import Any, Final

from natgw_constructs.kinds import BOOL, NUMBER, STRING, STRINGS, STRING_MAP, STRING_SET, Kind, list_of, object_of
from natgw_constructs.libraries import Resolvable

"""

_CLASS_HEAD: Final = f"""\
\"\"\"{{summary}}
{_GENERATED}
from types import ModuleType
from typing import Any, ClassVar, Unpack

import {{library}}
from constructs import Construct

from natgw_constructs.bindings import (
    Binding, ImportableConfig, PROVIDER_NAME, PROVIDER_SOURCE, require_provider,
)
from natgw_constructs.{{library}}.meta_arguments import MetaArguments
from natgw_constructs.kinds import Kind
from natgw_constructs.libraries import Resolvable
{{structs}}
"""

_META_ARGUMENTS: Final = f"""\
\"\"\"The arguments that every resource and data source of {{library}} takes besides its own.
{_GENERATED}
from typing import Any, TypedDict

import {{library}}


class MetaArguments(TypedDict, total=False):
    \"\"\"Terraform's meta-arguments.\"\"\"

    connection: {{library}}.SSHProvisionerConnection | {{library}}.WinrmProvisionerConnection | dict[str, Any] | None
    \"\"\"How provisioners reach a machine.\"\"\"
    count: float | {{library}}.TerraformCount | None
    \"\"\"How many instances.\"\"\"
    depends_on: Sequence[{{library}}.ITerraformDependable] | None
    \"\"\"What has to be there first.\"\"\"
    for_each: {{library}}.ITerraformIterator | None
    \"\"\"One instance for each element.\"\"\"
    lifecycle: {{library}}.TerraformResourceLifecycle | dict[str, Any] | None
    \"\"\"`create_before_destroy`, `prevent_destroy`, `ignore_changes`, `replace_triggered_by`, conditions.\"\"\"
    provider: {{library}}.TerraformProvider | None
    \"\"\"The provider block to use; the default is the one without an alias.\"\"\"
    provisioners: Sequence[
        {{library}}.FileProvisioner
        | {{library}}.LocalExecProvisioner
        | {{library}}.RemoteExecProvisioner
        | dict[str, Any]
    ] | None
    \"\"\"What to run after creation or before destruction.\"\"\"
"""

_PACKAGE_HEAD: Final = """\
\"\"\"The bindings for {library}: the provider block, its resources and data sources.

Generated from the provider's schema by `make docs`; do not edit.
\"\"\"
"""

_IMPORT: Final = """
    @classmethod
    def generate_config_for_import(
        cls,
        scope: Construct,
        import_to_id: str,
        import_from_id: str,
        provider: {library}.TerraformProvider | None = None,
    ) -> {library}.ImportableResource:
        \"\"\"Have `terraform plan -generate-config-out` write the configuration of what exists.

        Args:
            scope: the stack, or a construct in it.
            import_to_id: id that the construct will have.
            import_from_id: id to import by, as the resource's page says.
            provider: the provider block to use.
        \"\"\"
        require_provider({library}, scope, import_to_id, provider)
        config = ImportableConfig.make({library}, cls.TF_RESOURCE_TYPE, import_from_id, provider)
        return {library}.ImportableResource(scope, import_to_id, config)

    def import_from(self, id: str, provider: {library}.TerraformProvider | None = None) -> None:
        \"\"\"Import what exists into this resource at the next apply.

        Args:
            id: id to import by, as the resource's page says.
            provider: the provider block to use.
        \"\"\"
        require_provider({library}, self, "", provider)
        super().import_from(id, provider)
"""


@dataclass(frozen=True, slots=True)
class BoundType:
    """A resource or data source type: its Terraform name, its class, that class's module and base."""

    name: str
    owner: str
    module: str
    base: str
    schema: Schema


def binding_files() -> dict[str, str]:
    """Return the text of every generated file by its path in `natgw_constructs`."""
    provider = NatgwProvider()
    types = list(_types(provider))
    texts = {"structs.py": _structs(provider.schema, types)}
    texts["gateway.py"] = gateway_source((it.owner, it.schema) for it in types if it.base == RESOURCE_BASE)
    for library in LIBRARIES:
        texts[f"{library}/__init__.py"] = _package(library, provider.schema, types)
        texts[f"{library}/meta_arguments.py"] = _META_ARGUMENTS.format(library=library)
        texts[f"{library}/provider.py"] = _provider(library, provider.schema)
        for of_type in types:
            texts[f"{library}/{of_type.module}.py"] = _type(library, of_type)
    return {path: formatted(text, path) for path, text in texts.items()}


def reference_page(package: Path, generated: Mapping[str, str]) -> str:
    """Return the text of docs/constructs.md for the sources in `package`, the `generated` ones as they will be."""
    provider = NatgwProvider()
    classes = [(PROVIDER_CLASS, provider.schema), *((it.owner, it.schema) for it in _types(provider))]
    files = {name: f"{name}.py" for name in SOURCES}
    sources = {name: generated.get(it) or (package / it).read_text(encoding="utf-8") for name, it in files.items()}
    return constructs_page(sources, classes)


def formatted(text: str, path: str) -> str:
    """Return `text` without unused imports and in the repository's format."""
    ruff = [sys.executable, "-m", "ruff"]
    name = f"--stdin-filename=constructs/natgw_constructs/{path}"
    for command in (["check", "--fix", "--quiet", "--select=F401,I001", name, "-"], ["format", "--quiet", name, "-"]):
        result = subprocess.run([*ruff, *command], input=text, capture_output=True, text=True, check=True)
        text = result.stdout
    return text


def _types(provider: NatgwProvider) -> Iterator[BoundType]:
    for name, resource in provider.resources.items():
        module = name.removeprefix(_PREFIX)
        yield BoundType(name, source.pascal_case(module), module, RESOURCE_BASE, resource.schema)
    for name, data_source in provider.data_sources.items():
        module = f"data_{name}"
        yield BoundType(name, source.pascal_case(module), module, "TerraformDataSource", data_source.schema)


def _structs(provider: Schema, types: Iterable[BoundType]) -> str:
    owners = [(PROVIDER_CLASS, provider), *((of_type.owner, of_type.schema) for of_type in types)]
    lines = [line for owner, schema in owners for line in source.struct_source(owner, schema)]
    for owner, schema in owners:
        lines += source.arguments_source(owner, _attributes(owner, schema))
    return _joined(_STRUCTS_HEAD, lines)


def _attributes(owner: str, schema: Schema) -> list[Attribute]:
    return [*schema.attributes, _ALIAS] if owner == PROVIDER_CLASS else list(schema.attributes)


def _provider(library: str, schema: Schema) -> str:
    attributes = _attributes(PROVIDER_CLASS, schema)
    passed_on = "terraform_provider_source=PROVIDER_SOURCE"
    lines = [
        *_class(PROVIDER_CLASS, library, "TerraformProvider", "PROVIDER_NAME", schema),
        *source.constructor_source(PROVIDER_CLASS, attributes, "", passed_on),
        *source.attribute_source(library, PROVIDER_CLASS, attributes, readable=False),
    ]
    return _joined(_class_head(library, PROVIDER_CLASS, schema, "The provider block of natgw."), lines)


def _type(library: str, of_type: BoundType) -> str:
    attributes, meta = of_type.schema.attributes, "**meta: Unpack[MetaArguments],"
    lines = [
        *source.reference_source(library, of_type.owner, of_type.schema),
        *_class(of_type.owner, library, of_type.base, f'"{of_type.name}"', of_type.schema),
        *source.constructor_source(of_type.owner, attributes, meta, "**meta"),
        *source.attribute_source(library, of_type.owner, attributes, readable=True),
    ]
    if of_type.base == RESOURCE_BASE:
        lines.append(_IMPORT.format(library=library))
    summary = f"The {'resource' if of_type.base == RESOURCE_BASE else 'data source'} `{of_type.name}`."
    return _joined(_class_head(library, of_type.owner, of_type.schema, summary), lines)


def _class_head(library: str, owner: str, schema: Schema, summary: str) -> str:
    imported = ", ".join([*source.structs(owner, schema), source.constant(owner)])
    structs = f"from natgw_constructs.structs import {imported}"
    return _CLASS_HEAD.format(library=library, summary=summary, structs=structs)


def _class(owner: str, library: str, base: str, type_name: str, schema: Schema) -> Iterator[str]:
    yield f"class {owner}(Binding, {library}.{base}):"
    yield source.docstring(schema.description)
    yield f"    LIBRARY: ClassVar[ModuleType] = {library}"
    yield f"    TF_RESOURCE_TYPE: ClassVar[str] = {type_name}"
    yield f"    ARGUMENTS: ClassVar[Mapping[str, Kind]] = {source.constant(owner)}"
    yield f"    REQUIRED: ClassVar[tuple[str, ...]] = {tuple(it.name for it in schema.attributes if it.required)!r}\n"


def _package(library: str, provider: Schema, types: Iterable[BoundType]) -> str:
    within = f"natgw_constructs.{library}"
    modules = {f"{within}.meta_arguments": ["MetaArguments"], f"{within}.provider": [PROVIDER_CLASS]}
    structs = source.structs(PROVIDER_CLASS, provider)
    for of_type in types:
        references = source.references(of_type.owner, of_type.schema)
        modules[f"{within}.{of_type.module}"] = [of_type.owner, *references]
        structs += source.structs(of_type.owner, of_type.schema)
    modules["natgw_constructs.structs"] = structs
    imports = [f"from {module} import {', '.join(classes)}" for module, classes in modules.items()]
    exported = f"__all__ = {sorted(chain.from_iterable(modules.values()))!r}"
    return _joined(_PACKAGE_HEAD.format(library=library), [*imports, "", exported])


def _joined(head: str, lines: Iterable[str]) -> str:
    return "\n".join([head, *lines, ""])
