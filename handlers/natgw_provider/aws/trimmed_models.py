"""botocore's service models and endpoints cut down to what is in use, and kept in the user's cache.

EC2's model has 830 operations in 3.7 MB of JSON, the endpoints of all services are another 0.7 MB, and parsing them is
most of what making a client costs. The cut is made from the botocore that is installed. It only saves time: whenever
anything is off, botocore reads what it ships.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import botocore
from botocore.loaders import Loader

from natgw_provider.core.operations import CHANGES, READS
from natgw_provider.user_cache import cache_directory, read_private, write_private

OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "ec2": (*READS, *CHANGES),
    "sts": ("AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"),
}
"""What the clients of each service can be asked; all else is cut."""

ENDPOINT_PREFIXES: Final = ("ec2", "sts", "sso", "portal.sso", "oidc", "signin")
"""The services whose endpoints are kept, as botocore's `endpoints.json` names them: ours, and those that the chain of
credentials may call."""

_FORMAT: Final = 3
"""Counts the changes of what this module keeps of a model."""

_MODEL: Final = "service-2"
_ENDPOINT_RULES: Final = "endpoint-rule-set-1"
_ENDPOINTS: Final = "endpoints"
_ENDPOINT_FILES: Final = (f"{_ENDPOINTS}.json", f"{_ENDPOINTS}.json.gz")


class TrimmedLoader(Loader):  # type: ignore[misc]  # botocore ships no types
    """Loads the models of `OPERATIONS` and the endpoints from the cache, and all other data as ever.

    Whatever the user keeps data of his own for (~/.aws/models, AWS_DATA_PATH) is left to botocore.
    """

    def __init__(self, ordinary: Loader) -> None:
        """Search where `ordinary` does."""
        super().__init__(list(ordinary.search_paths), include_default_search_paths=False)
        # Decided now: boto3 will add a path of its own, which holds no service models.
        self._customised = frozenset(filter(self._is_customised, (*OPERATIONS, *_ENDPOINT_FILES)))
        self._trimmed: Mapping[str, Any] | None = None

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Return a model as botocore's own loader does, or the trimmed one of the newest API version."""
        wanted = api_version is None and service_name in OPERATIONS and service_name not in self._customised
        if wanted and type_name in (_MODEL, _ENDPOINT_RULES) and (kept := self._cut_data()):
            return kept[service_name][type_name]
        return super().load_service_model(service_name, type_name, api_version)

    def load_data_with_path(self, name: str) -> Any:
        """Return data and where they stand as botocore's own loader does; the endpoints trimmed."""
        customised = not self._customised.isdisjoint(_ENDPOINT_FILES)
        if name == _ENDPOINTS and not customised and (kept := self._cut_data()):
            return kept[_ENDPOINTS], str(Path(self.BUILTIN_DATA_PATH, _ENDPOINTS))
        return super().load_data_with_path(name)

    def _is_customised(self, name: str) -> bool:
        theirs = (path for path in self.search_paths if path != self.BUILTIN_DATA_PATH)
        return any(Path(path, name).exists() for path in theirs)

    def _cut_data(self) -> Mapping[str, Any]:
        if self._trimmed is None:
            self._trimmed = self._kept()
        return self._trimmed

    @staticmethod
    def _kept() -> Mapping[str, Any]:
        """Return what the cache holds, made first where it is not there; nothing when that cannot be done."""
        cache = cache_directory(os.environ)
        if cache is None:
            return {}
        file = Path(cache, f"aws-models-{botocore.__version__}.json")
        with suppress(OSError, ValueError):
            return _current(read_private(str(file)))
        # Whatever a future botocore makes of its data: it can read them itself.
        with suppress(Exception):
            data = {**{service: _cut(service) for service in OPERATIONS}, _ENDPOINTS: _cut_endpoints()}
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(str(file), _written(data).encode())
            _remove_old(file)
            return data
        return {}


def use_trimmed_models(session: Any) -> None:
    """Let the clients of a botocore session be made from trimmed models."""
    session.register_component("data_loader", TrimmedLoader(session.get_component("data_loader")))


def trimmed(model: Mapping[str, Any], operations: tuple[str, ...]) -> dict[str, Any]:
    """Return a service model with these operations and the shapes that they and errors need, undocumented.

    Raises KeyError, AttributeError or TypeError when it is not laid out as a service model.
    """
    kept = {name: _undocumented(model["operations"][name]) for name in operations}
    shapes = model["shapes"]
    needed: dict[str, Any] = {}
    waiting = [name for operation in kept.values() for name in _shapes_of(operation)]
    # The exceptions of a service also become attributes of its clients.
    waiting += [name for name, shape in shapes.items() if shape.get("exception")]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = _undocumented(shapes[name])
            waiting += _shapes_of(needed[name])
    return {**_undocumented(model), "operations": kept, "shapes": needed}


def _cut(service_name: str) -> dict[str, Any]:
    shipped = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    model = shipped.load_service_model(service_name, _MODEL)
    rules = shipped.load_service_model(service_name, _ENDPOINT_RULES)
    return {_MODEL: trimmed(model, OPERATIONS[service_name]), _ENDPOINT_RULES: rules}


def _shapes_of(part: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the shapes that an operation or a shape refers to."""
    references = [part.get(role) for role in ("input", "output", "member", "key", "value")]
    references += [*part.get("errors", ()), *part.get("members", {}).values()]
    yield from (reference["shape"] for reference in references if reference)


def _cut_endpoints() -> dict[str, Any]:
    shipped = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    endpoints = shipped.load_data(_ENDPOINTS)
    partitions = [{**partition, "services": _in_use(partition["services"])} for partition in endpoints["partitions"]]
    return {**endpoints, "partitions": partitions}


def _in_use(services: Mapping[str, Any]) -> dict[str, Any]:
    return {prefix: services[prefix] for prefix in ENDPOINT_PREFIXES if prefix in services}


def _undocumented(part: Mapping[str, Any]) -> dict[str, Any]:
    bare = {name: value for name, value in part.items() if name != "documentation"}
    if "members" in bare:
        bare["members"] = {name: _undocumented(member) for name, member in bare["members"].items()}
    return bare


def _written(data: Mapping[str, Any]) -> str:
    """Return the text of a cache file: what it was made of and a digest, and the data on the next line."""
    content = json.dumps(data)
    return json.dumps({"of": _origin(), "sha256": _digest(content)}) + "\n" + content


def _current(text: str) -> Mapping[str, Any]:
    """Return the data of a cache file; raises ValueError unless it is whole, and of this botocore for this natgw."""
    head, _, content = text.partition("\n")
    if head != json.dumps({"of": _origin(), "sha256": _digest(content)}):
        raise ValueError("not what this version keeps")
    data: Mapping[str, Any] = json.loads(content)
    return data


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _origin() -> list[Any]:
    return [
        _FORMAT,
        botocore.__version__,
        {service: list(names) for service, names in OPERATIONS.items()},
        list(ENDPOINT_PREFIXES),
    ]


def _remove_old(current: Path) -> None:
    for file in current.parent.glob("aws-models-*"):
        if file != current:
            file.unlink()
