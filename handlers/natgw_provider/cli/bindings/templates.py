"""The fixed texts of the generated files: heads, meta-arguments, what every resource has.

Texts only.
"""

from __future__ import annotations

from typing import Final

from natgw_provider.bridge.schema import STRING, Attribute

ALIAS: Final = Attribute(
    name="alias",
    type=STRING,
    optional=True,
    description="Name of this provider block where a stack has several, as for several regions.",
)
"""Terraform's own argument of every provider block."""

_GENERATED: Final = """
Generated from the provider's schema by `python -m natgw_provider.cli.bindings`; do not edit.
\"\"\"
from __future__ import annotations

from collections.abc import Mapping, Sequence
"""

STRUCTS_HEAD: Final = f"""\
\"\"\"The nested objects of the bindings' arguments, for both libraries.
{_GENERATED}
from dataclasses import dataclass
from typing import Any, Final

from natgw_constructs.kinds import BOOL, NUMBER, STRING, STRINGS, STRING_MAP, STRING_SET, Items, ObjectOf
from natgw_constructs.libraries import Resolvable

"""

CLASS_HEAD: Final = f"""\
\"\"\"{{summary}}
{_GENERATED}
from types import ModuleType
from typing import Any, ClassVar, Unpack

import {{library}}
from constructs import Construct

from natgw_constructs.bindings import (
    Attribute, Binding, Computed, ImportableConfig, Input, Reset, Setting,
    PROVIDER_NAME, PROVIDER_SOURCE, PROVIDER_VERSION_CONSTRAINT,
)
from natgw_constructs.{{library}}.meta_arguments import MetaArguments
from natgw_constructs.kinds import BOOL, NUMBER, STRING, STRINGS, STRING_MAP, STRING_SET, Nested
from natgw_constructs.libraries import Resolvable
{{structs}}
"""

META_ARGUMENTS: Final = f"""\
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

PACKAGE_HEAD: Final = """\
\"\"\"The bindings for {library}: the provider block, its resources and data sources.

Generated from the provider's schema by `python -m natgw_provider.cli.bindings`; do not edit.
\"\"\"
"""

IMPORT: Final = """
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
            import_from_id: id of the NAT gateway.
            provider: the provider block to use.
        \"\"\"
        config = ImportableConfig.make({library}, cls.tf_resource_type, import_from_id, provider)
        return {library}.ImportableResource(scope, import_to_id, config)
"""
