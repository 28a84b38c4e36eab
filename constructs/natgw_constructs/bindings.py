"""What the generated bindings share: arguments that are checked, the way to JSON, and the libraries' own arguments.

Neutral between cdktf and cdktn; each generated class names its library.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar, Final

from constructs import Construct

from natgw_constructs.aspects import is_judged, run_rules_from_above
from natgw_constructs.declarations import construct_path, in_keywords, raise_problems, wrong_type
from natgw_constructs.kinds import IsUnknown, Kind, plain
from natgw_constructs.libraries import implementing, is_unknown, lazy_text
from natgw_provider import SOURCE, __version__
from natgw_provider.core.problems import Problem

PROVIDER_NAME: Final = "natgw"
PROVIDER_SOURCE: Final = SOURCE
PROVIDER_VERSION_CONSTRAINT: Final = __version__
"""The provider and these bindings are one distribution; another version may have another schema."""

Arguments = Mapping[str, Kind]
"""The types of a class's arguments, by name."""


class Binding(Construct):
    """A provider, a resource or a data source: keeps what was given and hands it to synthesis.

    Generated classes also extend the class of the library, and name it with their own type and arguments.
    """

    LIBRARY: ClassVar[ModuleType]
    TF_RESOURCE_TYPE: ClassVar[str]
    ARGUMENTS: ClassVar[Arguments]
    REQUIRED: ClassVar[tuple[str, ...]]

    def __init__(self, scope: Construct, construct_id: str, given: Mapping[str, Any], **meta: Any) -> None:
        """Check the arguments and make the construct of the library. Raises DeclarationError."""
        problems = [
            *self._problems(given),
            *check_provider(self.LIBRARY, scope, meta.get("provider")),
            *check_dependencies(meta.get("depends_on")),
        ]
        if problems:
            raise_problems(construct_path(scope, construct_id), problems)
        # Kept before the library's constructor, which may call back.
        self._given = dict(given)
        self._errors: set[str] = set()
        self._keywords: Mapping[str, str] = {}
        depends_on = meta.pop("depends_on", None)
        create: Any = super().__init__
        create(
            scope,
            construct_id,
            terraform_resource_type=self.TF_RESOURCE_TYPE,
            terraform_generator_metadata=self.LIBRARY.TerraformProviderGeneratorMetadata(
                provider_name=PROVIDER_NAME, provider_version_constraint=PROVIDER_VERSION_CONSTRAINT
            ),
            **meta,
        )
        if depends_on is not None:
            self.depends_on = depends_on
        if is_judged(self):
            run_rules_from_above(self)

    def __setattr__(self, name: str, value: Any) -> None:
        """Check what the library accepts and Terraform refuses. Raises DeclarationError.

        Properties of these names would be overrides to jsii, and cost a call from Node to Python for each resource.
        """
        if name == "provider":
            require_provider(self.LIBRARY, self, "", value)
        elif name == "depends_on" and value is not None:
            raise_problems(self.node.path, check_dependencies(value))
            value = [_bare_address(self.LIBRARY, it) for it in value]
        super().__setattr__(name, value)

    def given_value(self, name: str) -> Any:
        """Return what was given for an argument, None when nothing was."""
        return self._given.get(name)

    def known_value(self, name: str, default: object) -> Any:
        """Return what was given for an argument, `default` when nothing was, None when only Terraform knows it."""
        value = self.given_value(name)
        if value is None:
            return default
        return None if self._is_unknown(value) else value

    def assign_value(self, name: str, value: object) -> None:
        """Check and keep the value of one argument; None takes it back. Raises DeclarationError."""
        if problems := self._problems({name: value}):
            raise_problems(self.node.path, problems)
        self._given[name] = value

    def add_error(self, message: str) -> None:
        """Annotate an error, which stops the synthesis. An error that several rules report is annotated once.

        The message names attributes, and is annotated with the names that the user has written.
        """
        if message not in self._errors:
            self._errors.add(message)
            self.LIBRARY.Annotations.of(self).add_error(in_keywords(message, self._keywords))

    def declared_with(self, keywords: Mapping[str, str]) -> None:
        """Note the keyword arguments, by attribute, of the construct that made this one."""
        self._keywords = keywords

    @classmethod
    def _problems(cls, given: Mapping[str, Any]) -> list[Problem]:
        missing = [name for name in cls.REQUIRED if given.get(name, ...) is None]
        return [
            *(
                Problem((name,), "Missing argument", f"{name} is None, and it is required. Give it.")
                for name in missing
            ),
            *check_types(cls.ARGUMENTS, given, cls._is_unknown),
        ]

    @classmethod
    def _is_unknown(cls, value: object) -> bool:
        return is_unknown(cls.LIBRARY, value)

    def _synthesize_attributes(self) -> dict[str, Any]:
        return {name: plain(it) for name, it in self._given.items() if it is not None}

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return {
            name: {
                "value": value,
                # A nested attribute is not a block, although `cdktf get` writes it as one: Terraform would refuse it.
                "isBlock": False,
                "type": self.ARGUMENTS[name].hcl_type,
                "storageClassType": self.ARGUMENTS[name].hcl_storage,
            }
            for name, value in self._synthesize_attributes().items()
        }


def check_types(arguments: Arguments, given: Mapping[str, Any], unknown: IsUnknown) -> list[Problem]:
    """Return what is wrong with the types of what was given. Unknown values are not judged."""
    return [problem for name, it in given.items() for problem in arguments[name].check((name,), it, unknown)]


def check_provider(core: ModuleType, scope: Construct, provider: Any) -> list[Problem]:
    """Return a problem unless `provider` is a block of natgw in the stack of `scope`, or None."""
    if provider is None:
        return []
    is_provider = isinstance(provider, core.TerraformProvider)
    if not is_provider or provider.terraform_resource_type != PROVIDER_NAME:
        allowed = f"Give a provider block, NatgwProvider(...) of natgw_constructs.{core.__name__}."
        return [wrong_type(("provider",), provider, allowed)]
    theirs, ours = core.TerraformStack.of(provider), core.TerraformStack.of(scope)
    if theirs.__jsii_ref__.ref == ours.__jsii_ref__.ref:
        return []
    detail = (
        f"{provider.node.path} is in the stack {theirs.node.path}, this construct in {ours.node.path}. Each stack is a "
        "separate Terraform configuration. Make a provider block in each stack that needs one."
    )
    return [Problem(("provider",), "Provider block of another stack", detail)]


def require_provider(core: ModuleType, scope: Construct, construct_id: str, provider: Any) -> None:
    """Raise a DeclarationError unless the construct of this id in `scope` can use the provider block."""
    if problems := check_provider(core, scope, provider):
        raise_problems(construct_path(scope, construct_id), problems)


def check_dependencies(dependencies: Sequence[Any] | None) -> list[Problem]:
    """Return a problem for each dependency without an address, which the library would silently leave out."""
    if dependencies is not None and not isinstance(dependencies, list | tuple):
        return [wrong_type(("depends_on",), dependencies, "Give a list of constructs, or of the fqn of each.")]
    allowed = "Give a resource, a data source, a module, or the fqn of one."
    return [
        wrong_type(("depends_on", position), it, allowed)
        for position, it in enumerate(dependencies or ())
        # Look at the type: to read the address would fix the name of the resource.
        if not isinstance(it, str) and not hasattr(type(it), "fqn")
    ]


def _bare_address(core: ModuleType, dependency: Any) -> str:
    """Return a token of a dependency's address, without the `${}` that Terraform refuses in depends_on."""

    def address(context: Any) -> str:
        fqn: str = context.resolve(dependency if isinstance(dependency, str) else dependency.fqn)
        return fqn.removeprefix("${").removesuffix("}")

    return lazy_text(core, address)


class ImportableConfig:
    """A resource to import, as `ImportableResource` of either library takes it: an object, not a struct.

    jsii takes its slots for the properties of the interface.
    """

    __slots__ = ("import_id", "provider", "terraform_resource_type")

    def __init__(self, terraform_resource_type: str, import_id: str, provider: Any) -> None:
        self.terraform_resource_type = terraform_resource_type
        self.import_id = import_id
        self.provider = provider

    @classmethod
    def make(cls, library: ModuleType, terraform_resource_type: str, import_id: str, provider: Any) -> Any:
        """Return one that implements the interface of `library`."""
        plain_class: Any = cls
        return implementing(plain_class, library.IImportableConfig)(terraform_resource_type, import_id, provider)
