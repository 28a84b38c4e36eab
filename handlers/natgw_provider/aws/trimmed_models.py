"""botocore's service models and endpoints cut down to what is in use, as data files of this package.

EC2's model has 830 operations in 3.7 MB of JSON, the endpoints of all services are another 0.7 MB, and parsing them is
most of what making a client costs. `write_trimmed_models` makes the cut from the botocore that is installed: when the
package is built (`hatch_build.py`), and at `natgw install` for another botocore. The folder's name says of which
botocore and for which operations it is, so that it cannot be out of date: for others, botocore reads its own data.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import botocore
from botocore.loaders import Loader

import natgw_provider
from natgw_provider.core.operations import CHANGES, READS

OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "ec2": (*READS, *CHANGES),
    "sts": ("AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"),
}
"""What the clients of each service can be asked; all else is cut."""

ENDPOINT_PREFIXES: Final = ("ec2", "sts", "sso", "portal.sso", "oidc", "signin")
"""The services whose endpoints are kept, as botocore's `endpoints.json` names them: ours, and those that the chain of
credentials may call."""

_MODEL: Final = "service-2"
_ENDPOINT_RULES: Final = "endpoint-rule-set-1"
_ENDPOINTS: Final = "endpoints"


class TrimmedLoader(Loader):  # type: ignore[misc]  # botocore ships no types
    """Finds the trimmed data before botocore's own, and after the user's own in ~/.aws/models or AWS_DATA_PATH."""

    def __init__(self, ordinary: Loader, folder: Path) -> None:
        """Search where `ordinary` does, and in `folder`."""
        super().__init__(list(ordinary.search_paths), include_default_search_paths=False)
        self.search_paths.insert(self.search_paths.index(self.BUILTIN_DATA_PATH), str(folder))
        self._folder = str(folder)

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Return a model as botocore's own loader does, without its walk through the folders of 400 services."""
        if service_name not in OPERATIONS or type_name not in (_MODEL, _ENDPOINT_RULES):
            return super().load_service_model(service_name, type_name, api_version)
        version = api_version or self.determine_latest_version(service_name, type_name)
        return self.load_data(os.path.join(service_name, version, type_name))  # noqa: PTH118 - a name, in botocore's form

    def is_builtin_path(self, path: str) -> bool:
        """Whether data are botocore's own: with someone else's endpoints it does not use its endpoint rules."""
        return super().is_builtin_path(path) or path.startswith(self._folder)


def use_trimmed_models(session: Any) -> None:
    """Let the clients of a botocore session be made from trimmed models, where there are any for this botocore."""
    folder = trimmed_models_folder()
    if folder.is_dir():
        session.register_component("data_loader", TrimmedLoader(session.get_component("data_loader"), folder))


def trimmed_models_folder() -> Path:
    """Return the folder for what is kept of the installed botocore; it exists once that was written."""
    kept = zlib.crc32(json.dumps([dict(OPERATIONS), ENDPOINT_PREFIXES]).encode())
    return Path(natgw_provider.__file__).parent / "aws_data" / f"botocore-{botocore.__version__}-{kept:08x}"


def write_trimmed_models() -> Path:
    """Cut the installed botocore's data, write them in the layout that botocore reads, and return their folder.

    What is there already stays. Raises OSError, and KeyError, AttributeError or TypeError when botocore's data are laid
    out in a way that this code does not know.
    """
    folder = trimmed_models_folder()
    if folder.is_dir():
        return folder
    shipped = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    data = {_ENDPOINTS: _trimmed_endpoints(shipped.load_data(_ENDPOINTS))}
    for service, operations in OPERATIONS.items():
        path = f"{service}/{shipped.determine_latest_version(service, _MODEL)}"
        data[f"{path}/{_MODEL}"] = trimmed(shipped.load_service_model(service, _MODEL), operations)
        data[f"{path}/{_ENDPOINT_RULES}"] = shipped.load_service_model(service, _ENDPOINT_RULES)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        for name, content in data.items():
            file = draft / f"{name}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content), encoding="utf-8")
        draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def trimmed(model: Mapping[str, Any], operations: tuple[str, ...]) -> dict[str, Any]:
    """Return a service model with these operations and the shapes that they and errors need, undocumented.

    Raises KeyError, AttributeError or TypeError when it is not laid out as a service model.
    """
    kept = {name: _undocumented(model["operations"][name]) for name in operations}
    shapes = model["shapes"]
    needed: dict[str, Any] = {}
    waiting = [name for operation in kept.values() for name in _shapes_of(operation)]
    # Every error of an operation is among them, and a client has each as an attribute.
    waiting += [name for name, shape in shapes.items() if shape.get("exception")]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = _undocumented(shapes[name])
            waiting += _shapes_of(needed[name])
    return {**_undocumented(model), "operations": kept, "shapes": needed}


def _shapes_of(part: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the shapes that an operation or a shape refers to."""
    references = [part.get(role) for role in ("input", "output", "member", "key", "value")]
    references += part.get("members", {}).values()
    yield from (reference["shape"] for reference in references if reference)


def _trimmed_endpoints(endpoints: Mapping[str, Any]) -> dict[str, Any]:
    partitions = []
    for partition in endpoints["partitions"]:
        services = {prefix: rest for prefix, rest in partition["services"].items() if prefix in ENDPOINT_PREFIXES}
        partitions.append({**partition, "services": services})
    return {**endpoints, "partitions": partitions}


def _undocumented(part: Mapping[str, Any]) -> dict[str, Any]:
    bare = {name: value for name, value in part.items() if name != "documentation"}
    if "members" in bare:
        bare["members"] = {name: _undocumented(member) for name, member in bare["members"].items()}
    return bare
