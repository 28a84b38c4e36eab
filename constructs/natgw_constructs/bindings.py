"""What the generated bindings share: arguments that are checked, attributes that read as tokens, the way to JSON.

Neutral between cdktf and cdktn; each generated class names its library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any, ClassVar, Final, Generic, Never, Self, TypeVar, overload

from constructs import Construct

from natgw_constructs.kinds import Kind, Readable, TokenKind
from natgw_constructs.libraries import implementing, is_token
from natgw_constructs.problems import construct_path, in_keywords, raise_problems
from natgw_constructs.rules import heed_rules_from_above, is_judged
from natgw_provider import SOURCE, __version__
from natgw_provider.core.problems import Problem

PROVIDER_NAME: Final = "natgw"
PROVIDER_SOURCE: Final = SOURCE
PROVIDER_VERSION_CONSTRAINT: Final = __version__
"""The provider and these bindings are one distribution; another version may have another schema."""

Read = TypeVar("Read")
Given = TypeVar("Given")


class Binding(Construct):
    """A provider, a resource or a data source: keeps what was given and hands it to synthesis."""

    library: ClassVar[ModuleType]
    _given: dict[str, Any]
    _errors: set[str]
    _keywords: Mapping[str, str]

    def __init__(self, scope: Construct, construct_id: str, **config: Any) -> None:
        """Make the construct of the library, and have a resource heed the rules of its app."""
        make: Any = super().__init__
        make(scope, construct_id, **config)
        if is_judged(self):
            heed_rules_from_above(self)

    def given_value(self, name: str) -> Any:
        """Return what was given for an argument, None when nothing was."""
        return self._given.get(name)

    def known_value(self, name: str, default: object) -> Any:
        """Return what was given for an argument, `default` when nothing was, None when it is a token."""
        value = self.given_value(name)
        if value is None:
            return default
        return None if self._is_token(value) else value

    def assign_value(self, name: str, value: object) -> None:
        """Check and keep the value of one argument. Raises DeclarationError."""
        raise_problems(self.node.path, self.check_types({name: value}))
        self._given[name] = value

    def add_error(self, message: str) -> None:
        """Annotate an error, which stops the synthesis; once, although a rule may be met on several ways.

        It speaks of the attributes by name, and is annotated with the names that the user has written.
        """
        if message not in self._errors:
            self._errors.add(message)
            self.library.Annotations.of(self).add_error(in_keywords(message, self._keywords))

    def declared_with(self, keywords: Mapping[str, str]) -> None:
        """Note the keyword arguments, by attribute, under which a construct took what it hands to this one."""
        self._keywords = keywords

    def _declare(self, scope: Construct, construct_id: str, given: Mapping[str, Any]) -> None:
        """Check and keep the arguments; before `super().__init__`, which may call back. Raises DeclarationError."""
        problems = self.check_types(given)
        if problems:
            raise_problems(construct_path(scope, construct_id), problems)
        self._given = dict(given)
        self._errors = set()
        self._keywords = {}

    @classmethod
    def check_types(cls, given: Mapping[str, Any]) -> list[Problem]:
        """Return what is wrong with the types of arguments. Tokens are not judged."""
        problems = (cls._kind(name).check((name,), value, cls._is_token) for name, value in given.items())
        return [problem for of_one in problems for problem in of_one]

    @classmethod
    def _kind(cls, name: str) -> Kind[Any]:
        kind: Kind[Any] = getattr(cls, name).kind
        return kind

    @classmethod
    def _is_token(cls, value: object) -> bool:
        return is_token(cls.library, value)

    def _synthesize_attributes(self) -> dict[str, Any]:
        return {name: self._kind(name).plain(value) for name, value in self._given.items() if value is not None}

    def _synthesize_hcl_attributes(self) -> dict[str, Any]:
        return {
            name: {
                "value": value,
                # A nested attribute is no block, although `cdktf get` writes it as one: Terraform would refuse it.
                "isBlock": False,
                "type": self._kind(name).hcl_type,
                "storageClassType": self._kind(name).hcl_storage,
            }
            for name, value in self._synthesize_attributes().items()
        }


AnyKind = TypeVar("AnyKind", bound=Kind[Any])


class Member(Generic[AnyKind]):
    """A descriptor that knows its type and, from the class body, its name."""

    def __init__(self, kind: AnyKind) -> None:
        self.kind = kind
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class Computed(Member[TokenKind[Read, Any]], Generic[Read]):
    """An attribute that only Terraform knows; reads as a token."""

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Readable, owner: type) -> Read: ...
    def __get__(self, instance: Readable | None, owner: type) -> Self | Read:
        """Return the token."""
        return self if instance is None else self.kind.read(instance, self.name)

    def __set__(self, instance: Readable, value: Never) -> Never:
        """Refuse."""
        raise AttributeError(f"{self.name} is computed by the provider and cannot be set")


class Attribute(Member[TokenKind[Read, Given]], Generic[Read, Given]):
    """An argument of a resource or data source: reads as a token of what Terraform will know it to be.

    Assigning a value declares it, assigning None takes it back.
    """

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Readable, owner: type) -> Read: ...
    def __get__(self, instance: Readable | None, owner: type) -> Self | Read:
        """Return the token."""
        return self if instance is None else self.kind.read(instance, self.name)

    def __set__(self, instance: Binding, value: Given | None) -> None:
        """Declare the value."""
        instance.assign_value(self.name, value)


class Setting(Member[Kind[Given]], Generic[Given]):
    """An argument that Terraform does not give back: reads as it was given, None when it was not.

    Assigning a value declares it, assigning None takes it back.
    """

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Binding, owner: type) -> Given | None: ...
    def __get__(self, instance: Binding | None, owner: type) -> Self | Given | None:
        """Return what was given."""
        if instance is None:
            return self
        value: Given | None = instance.given_value(self.name)
        return value

    def __set__(self, instance: Binding, value: Given | None) -> None:
        """Declare the value."""
        instance.assign_value(self.name, value)


class Input(Generic[Given]):
    """`x_input`, as `cdktf get` names it: what was given for the argument `x`, None when nothing was."""

    def __init__(self, argument: Attribute[Any, Given] | Setting[Given]) -> None:
        self._argument = argument

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Binding, owner: type) -> Given | None: ...
    def __get__(self, instance: Binding | None, owner: type) -> Self | Given | None:
        """Return what was given."""
        if instance is None:
            return self
        value: Given | None = instance.given_value(self._argument.name)
        return value


class Reset:
    """`reset_x()`, as `cdktf get` names it: takes back what was given for the argument `x`."""

    def __init__(self, argument: Attribute[Any, Any] | Setting[Any]) -> None:
        self._argument = argument

    def __get__(self, instance: Binding, owner: type) -> Callable[[], None]:
        """Return the method."""
        return partial(instance.assign_value, self._argument.name, None)


class ImportableConfig:
    """What is to be imported, as `ImportableResource` of either library wants it: an object, not a struct."""

    def __init__(self, terraform_resource_type: str, import_id: str, provider: Any) -> None:
        self._resource_type = terraform_resource_type
        self._import_id = import_id
        self._provider = provider

    @classmethod
    def make(cls, library: ModuleType, terraform_resource_type: str, import_id: str, provider: Any) -> Any:
        """Return one that implements the interface of `library`."""
        plain_class: Any = cls
        return implementing(plain_class, library.IImportableConfig)(terraform_resource_type, import_id, provider)

    @property
    def terraform_resource_type(self) -> str:
        """The type to generate."""
        return self._resource_type

    @property
    def import_id(self) -> str:
        """The id that the provider imports by."""
        return self._import_id

    @property
    def provider(self) -> Any:
        """The provider block, or None for the default one."""
        return self._provider
