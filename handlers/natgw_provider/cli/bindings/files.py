"""Puts the classes of both libraries into files, and formats them.

Knows the provider; writes nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from natgw_provider.bridge.schema import Schema
from natgw_provider.cli.bindings import sources, templates
from natgw_provider.cli.bindings.names import pascal_case
from natgw_provider.cli.bindings.reference import reference
from natgw_provider.resources.provider import NatgwProvider

LIBRARIES: Final = ("cdktf", "cdktn")
PROVIDER_CLASS: Final = "NatgwProvider"
_PREFIX: Final = "natgw_"


@dataclass(frozen=True, slots=True)
class Type:
    """A resource or data source type: its Terraform name, its class, that class's module and base."""

    name: str
    owner: str
    module: str
    base: str
    schema: Schema


def files() -> dict[str, str]:
    """Return the text of every generated file by its path in `natgw_constructs`."""
    provider = NatgwProvider()
    types = list(_types(provider))
    texts = {"structs.py": _structs(provider.schema, types)}
    for library in LIBRARIES:
        texts[f"{library}/__init__.py"] = _package(library, provider.schema, types)
        texts[f"{library}/meta_arguments.py"] = templates.META_ARGUMENTS.format(library=library)
        texts[f"{library}/provider.py"] = _provider(library, provider.schema)
        for of_type in types:
            texts[f"{library}/{of_type.module}.py"] = _type(library, of_type)
    return {path: formatted(text, path) for path, text in texts.items()}


def reference_page(package: Path) -> str:
    """Return the text of docs/constructs.md for the sources in `package`."""
    provider = NatgwProvider()
    classes = [(PROVIDER_CLASS, provider.schema), *((it.owner, it.schema) for it in _types(provider))]
    return reference(package, classes)


def formatted(text: str, path: str) -> str:
    """Return `text` without unused imports and in the repository's format."""
    ruff = [sys.executable, "-m", "ruff"]
    name = f"--stdin-filename=constructs/natgw_constructs/{path}"
    for command in (["check", "--fix", "--quiet", "--select=F401,I001", name, "-"], ["format", "--quiet", name, "-"]):
        result = subprocess.run([*ruff, *command], input=text, capture_output=True, text=True, check=True)  # noqa: S603 - our own linter
        text = result.stdout
    return text


def _types(provider: NatgwProvider) -> Iterator[Type]:
    for name, resource in provider.resources.items():
        module = name.removeprefix(_PREFIX)
        yield Type(name, pascal_case(module), module, "TerraformResource", resource.schema)
    for name, data_source in provider.data_sources.items():
        module = f"data_{name}"
        yield Type(name, pascal_case(module), module, "TerraformDataSource", data_source.schema)


def _structs(provider: Schema, types: Iterable[Type]) -> str:
    owners = [(PROVIDER_CLASS, provider), *((of_type.owner, of_type.schema) for of_type in types)]
    lines = [line for owner, schema in owners for line in sources.struct_source(owner, schema)]
    return _joined(templates.STRUCTS_HEAD, lines)


def _provider(library: str, schema: Schema) -> str:
    call = (
        "terraform_resource_type=PROVIDER_NAME, terraform_provider_source=PROVIDER_SOURCE, "
        f"terraform_generator_metadata={library}.TerraformProviderGeneratorMetadata(provider_name=PROVIDER_NAME, "
        "provider_version_constraint=PROVIDER_VERSION_CONSTRAINT)"
    )
    attributes = [*schema.attributes, templates.ALIAS]
    lines = [
        *_class(PROVIDER_CLASS, library, "TerraformProvider", schema),
        "    tf_resource_type: ClassVar[str] = PROVIDER_NAME\n",
        *sources.constructor_source(PROVIDER_CLASS, attributes, "", call),
        "",
        *sources.attribute_source(PROVIDER_CLASS, attributes, "Setting"),
        "",
        *sources.compatibility_source(attributes),
    ]
    structs = sources.struct_imports(PROVIDER_CLASS, schema)
    summary = "The provider block of natgw."
    return _joined(templates.CLASS_HEAD.format(library=library, summary=summary, structs=structs), lines)


def _type(library: str, of_type: Type) -> str:
    call = (
        f'terraform_resource_type="{of_type.name}", '
        f"terraform_generator_metadata={library}.TerraformProviderGeneratorMetadata(provider_name=PROVIDER_NAME, "
        "provider_version_constraint=PROVIDER_VERSION_CONSTRAINT), **meta"
    )
    lines = [
        *sources.reference_source(library, of_type.owner, of_type.schema),
        *_class(of_type.owner, library, of_type.base, of_type.schema),
        f'    tf_resource_type: ClassVar[str] = "{of_type.name}"\n',
        *sources.constructor_source(of_type.owner, of_type.schema.attributes, "**meta: Unpack[MetaArguments],", call),
        "",
        *sources.attribute_source(of_type.owner, of_type.schema.attributes, "Attribute"),
        "",
        *sources.compatibility_source(of_type.schema.attributes),
    ]
    if of_type.base == "TerraformResource":
        lines.append(templates.IMPORT.format(library=library))
    summary = f"The {'resource' if of_type.base == 'TerraformResource' else 'data source'} `{of_type.name}`."
    structs = sources.struct_imports(of_type.owner, of_type.schema)
    return _joined(templates.CLASS_HEAD.format(library=library, summary=summary, structs=structs), lines)


def _class(owner: str, library: str, base: str, schema: Schema) -> Iterator[str]:
    yield f"class {owner}(Binding, {library}.{base}):"
    yield sources.docstring(schema.description)
    yield f"    library: ClassVar[ModuleType] = {library}"


def _package(library: str, provider: Schema, types: Iterable[Type]) -> str:
    within = f"natgw_constructs.{library}"
    modules = {f"{within}.meta_arguments": ["MetaArguments"], f"{within}.provider": [PROVIDER_CLASS]}
    structs = sources.structs(PROVIDER_CLASS, provider)
    for of_type in types:
        references = sources.references(of_type.owner, of_type.schema)
        modules[f"{within}.{of_type.module}"] = [of_type.owner, *references]
        structs += sources.structs(of_type.owner, of_type.schema)
    modules["natgw_constructs.structs"] = structs
    imports = [f"from {module} import {', '.join(classes)}" for module, classes in modules.items()]
    exported = f"__all__ = {sorted(chain.from_iterable(modules.values()))!r}"
    return _joined(templates.PACKAGE_HEAD.format(library=library), [*imports, "", exported])


def _joined(head: str, lines: Iterable[str]) -> str:
    return "\n".join([head, *lines, ""])
