"""The interface that a provider implements: requests and responses in plain Python values.

Types only. Handlers run in threads, several at a time, and may block. They may raise: `DiagnosticsError` is shown to
the user as it is, any other exception as a bug in the provider, with the traceback in the log only. Every value of a
request fits its schema, and every value of a response is checked against its schema.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Mapping, Sequence

    from natgw_provider.bridge.diagnostics import Diagnostic
    from natgw_provider.bridge.log import Log
    from natgw_provider.bridge.schema import IdentitySchema, Schema
    from natgw_provider.bridge.values import Value

Object: TypeAlias = "dict[str, Value]"
"""A configuration or a state: a value for each attribute of the schema."""

Private: TypeAlias = dict[str, Any]
"""What a resource keeps beside its state, unseen by users: anything that JSON can hold."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every handler gets beside its request.

    `stop` is set when the user interrupts Terraform, and when Terraform has ended: complete what must not be left
    incomplete, then return the true state.
    `terraform_version` is empty until ConfigureProvider.
    """

    stop: threading.Event
    terraform_version: str
    log: Log


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """The last known state of a resource; `identity` is None when none was stored."""

    state: Object
    private: Private = field(default_factory=dict)
    identity: Object | None = None


@dataclass(frozen=True, slots=True)
class ReadResponse:
    """The true state, or None when the resource does not exist.

    `private` and `identity` of None keep what is stored.
    """

    state: Object | None
    private: Private | None = None
    diagnostics: Sequence[Diagnostic] = ()
    identity: Object | None = None


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """A change to plan: `prior_state` is None on create, `proposed_new_state` and `config` are None on destroy.

    `proposed_new_state` is the configuration merged with the prior state by Terraform; on create its computed
    attributes are null.
    """

    prior_state: Object | None
    proposed_new_state: Object | None
    config: Object | None
    prior_private: Private = field(default_factory=dict)
    prior_identity: Object | None = None


@dataclass(frozen=True, slots=True)
class PlanResponse:
    """The state that the apply will return; None on destroy.

    A known value must be exactly what the apply returns. `requires_replace` names the attributes whose change needs a
    new resource. `planned_private` reaches the apply; it and `planned_identity` keep the prior one when None.
    """

    planned_state: Object | None
    requires_replace: tuple[str, ...] = ()
    planned_private: Private | None = None
    diagnostics: Sequence[Diagnostic] = ()
    planned_identity: Object | None = None


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """A planned change: `prior_state` is None on create, `planned_state` and `config` are None on destroy."""

    prior_state: Object | None
    planned_state: Object | None
    config: Object | None
    planned_private: Private = field(default_factory=dict)
    planned_identity: Object | None = None


@dataclass(frozen=True, slots=True)
class ApplyResponse:
    """The true state after the change, wholly known; None when the resource does not exist.

    With an error among `diagnostics`, Terraform stores a `new_state` that is not None and otherwise keeps what it had.
    After an error on create with a state, the next plan replaces the resource. `private` and `identity` of None keep
    what was planned.
    """

    new_state: Object | None
    private: Private | None = None
    diagnostics: Sequence[Diagnostic] = ()
    identity: Object | None = None


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import: by `id`, or (Terraform 1.12 and later) by `identity`; exactly one is not None."""

    id: str | None
    identity: Object | None = None


@dataclass(frozen=True, slots=True)
class ImportResponse:
    """The state to start from, attributes may be left out; Terraform reads the resource next. None goes with an error.

    An `identity` of None keeps the one of the request, if any.
    """

    state: Object | None
    private: Private | None = None
    diagnostics: Sequence[Diagnostic] = ()
    identity: Object | None = None


@dataclass(frozen=True, slots=True)
class DataSourceResponse:
    """What was read: the configuration with every computed attribute filled in; None goes with an error."""

    state: Object | None
    diagnostics: Sequence[Diagnostic] = ()


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What to list: `config` is the inner `config` block, with null for every attribute when the block is absent.

    With `include_resource`, Terraform wants the whole objects. It needs no more than `limit` resources; None when it
    needs all. Terraform 1.14 and 1.15 send 100 when the `list` block sets no limit.
    """

    config: Object
    include_resource: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ListEvent:
    """One resource that was found, or diagnostics alone; raises ValueError for neither.

    `identity` fits the identity schema of the resource type with the same name. `display_name` is for people.
    `resource` is the whole object, as a read returns it; attributes that are left out are null. It is sent only when
    the request has `include_resource`. Terraform stops reading after an event with an error.
    """

    identity: Object | None = None
    display_name: str = ""
    resource: Object | None = None
    diagnostics: Sequence[Diagnostic] = ()

    def __post_init__(self) -> None:
        if self.identity is None and not self.diagnostics:
            raise ValueError("an event needs an identity or a diagnostic")


class Resource(ABC):
    """A managed resource type."""

    schema: Schema
    identity_schema: IdentitySchema | None = None

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:  # noqa: ARG002 - a hook's signature
        """Check a configuration, which may hold unknown values, without any I/O."""
        return ()

    def upgrade(self, version: int, state: Object, context: Context) -> Object:  # noqa: ARG002 - a hook's signature
        """Return `state`, stored by schema `version` and decoded from JSON, in the current schema's form."""
        return state

    @abstractmethod
    def read(self, request: ReadRequest, context: Context) -> ReadResponse:
        """Return the true state."""

    @abstractmethod
    def plan(self, request: PlanRequest, context: Context) -> PlanResponse:
        """Return what an apply will do; changes nothing."""

    @abstractmethod
    def apply(self, request: ApplyRequest, context: Context) -> ApplyResponse:
        """Make the change. It is never interrupted; it should check `context.stop` while it waits."""

    @abstractmethod
    def import_state(self, request: ImportRequest, context: Context) -> ImportResponse:
        """Return the state of an existing resource, or as much of it as `read` needs."""

    def configuration_of(self, state: Object) -> Object:
        """Return a configuration whose plan would leave `state` as it is; Terraform writes it down for the user."""
        arguments = {attribute.name for attribute in self.schema.attributes if attribute.required or attribute.optional}
        return {name: value if name in arguments else None for name, value in state.items()}


class DataSource(ABC):
    """A data source type."""

    schema: Schema

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:  # noqa: ARG002 - a hook's signature
        """Check a configuration, which may hold unknown values, without any I/O."""
        return ()

    @abstractmethod
    def read(self, config: Object, context: Context) -> DataSourceResponse:
        """Read the data source that `config` describes; it is wholly known."""


class ListResource(ABC):
    """What `terraform query` lists of one resource type: the `list "TYPE" "NAME"` blocks of `*.tfquery.hcl` files.

    Terraform 1.14 and later support it. It is registered in `Provider.list_resources` under the name of the managed
    resource type, which must have an identity schema. `schema` describes the inner `config` block, not the `list`
    block: `limit` and `include_resource` are Terraform's own.
    """

    schema: Schema

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:  # noqa: ARG002 - a hook's signature
        """Check an inner `config` block, which may hold unknown values, without any I/O.

        Terraform 1.14 and 1.15 mark the whole `list` block, for any path: the message must name the attribute.
        """
        return ()

    @abstractmethod
    def list(self, request: ListRequest, context: Context) -> Generator[ListEvent, None, None]:
        """Yield the resources that match `request`, each as soon as it is known.

        Each event is sent before the generator is resumed, and only when Terraform can receive it: so read the account
        page by page, and keep no more than a page. The generator runs in one thread. It is closed at its `yield` when
        Terraform needs no more events: after `limit` resources, when it cancels, and when it has ended. An exception
        becomes a last event with an error, after the events that were yielded before.
        """


class Provider(ABC):
    """A provider: its own configuration, and its resource, data source and list resource types by their full names."""

    schema: Schema
    resources: Mapping[str, Resource]
    data_sources: Mapping[str, DataSource]
    list_resources: Mapping[str, ListResource] = MappingProxyType({})

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:  # noqa: ARG002 - a hook's signature
        """Check the provider block, which may hold unknown values, without any I/O."""
        return ()

    @abstractmethod
    def configure(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """Get ready for reads, plans and applies; may hold unknown values at plan. It may be called again."""
