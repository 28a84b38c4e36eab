"""What is kept of botocore's data says the same as botocore's own; where nothing is kept, botocore's own is used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import boto3
import botocore
import botocore.session
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.regions import EndpointResolver

from aws.conftest import offline
from natgw_provider.aws import trimmed_models
from natgw_provider.aws.session import open_session


@pytest.fixture(autouse=True)
def _written() -> None:
    trimmed_models.write_trimmed_models()


def trimmed_session() -> botocore.session.Session:
    return open_session(offline())


def full_session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.set_credentials("any", "any")
    return session


def operations_of(session: botocore.session.Session, service: str = "ec2") -> set[str]:
    """Return what a client of the session can be asked; made as the connection makes it, through boto3."""
    client = boto3.Session(botocore_session=session).client(service)
    return set(client.meta.method_to_api_mapping.values())


def is_trimmed(session: botocore.session.Session, service: str = "ec2") -> bool:
    return operations_of(session, service) == set(trimmed_models.OPERATIONS[service])


def full_model(service: str) -> tuple[Any, tuple[str, ...]]:
    """Return botocore's model of a service, and the operations in use."""
    return Loader().load_service_model(service, "service-2"), trimmed_models.OPERATIONS[service]


def undocumented(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: undocumented(value) for name, value in part.items() if name != "documentation"}
    return [undocumented(value) for value in part] if isinstance(part, list) else part


def assert_resolved(shape: Shape, seen: set[str]) -> None:
    """Walk through a shape as botocore does to send, to check and to parse; a shape that was cut raises."""
    if shape.name in seen:
        return
    seen.add(shape.name)
    inner = [getattr(shape, role) for role in ("member", "key", "value") if hasattr(shape, role)]
    for one in (*inner, *getattr(shape, "members", {}).values()):
        assert_resolved(one, seen)


@pytest.mark.parametrize("service", trimmed_models.OPERATIONS)
def test_operations_and_shapes_are_botocores_but_for_what_they_document(service: str) -> None:
    """Botocore makes requests, checks parameters and parses answers by the model alone."""
    full, operations = full_model(service)
    trimmed = trimmed_models.trimmed(full, operations)
    assert set(trimmed["operations"]) == set(trimmed_models.OPERATIONS[service])
    for kept, whole in ((trimmed["operations"], full["operations"]), (trimmed["shapes"], full["shapes"])):
        assert kept == {name: undocumented(whole[name]) for name in kept}
    rest = {"operations", "shapes", "documentation"}
    assert {name: trimmed[name] for name in trimmed.keys() - rest} == {name: full[name] for name in full.keys() - rest}
    model, seen = ServiceModel(trimmed), set[str]()
    for name in model.operation_names:
        operation = model.operation_model(name)
        for shape in (operation.input_shape, operation.output_shape, *operation.error_shapes):
            if shape is not None:
                assert_resolved(shape, seen)
    assert {shape.name for shape in model.error_shapes} == {shape.name for shape in ServiceModel(full).error_shapes}


@pytest.mark.parametrize("service", trimmed_models.OPERATIONS)
def test_clients_are_made_of_the_cut_and_of_botocores_own_endpoint_rules(service: str) -> None:
    load = trimmed_session().get_component("data_loader").load_service_model
    assert load(service, "service-2") == trimmed_models.trimmed(*full_model(service))
    kind = "endpoint-rule-set-1"
    assert load(service, kind) == full_session().get_component("data_loader").load_service_model(service, kind)


def test_every_endpoint_that_botocore_ships_for_what_is_in_use_is_found_the_same() -> None:
    loaders = [session.get_component("data_loader") for session in (trimmed_session(), full_session())]
    trimmed, full = (EndpointResolver(loader.load_data("endpoints")) for loader in loaders)
    partitions = full.get_available_partitions()
    assert trimmed.get_available_partitions() == partitions
    regions = {region for name in partitions for region in full.get_available_endpoints("ec2", name)}
    for region in (*regions, "xx-new-9", "us-new-9"):
        for prefix in ("ec2", "sts", "sso", "portal.sso", "oidc", "signin"):
            assert trimmed.construct_endpoint(prefix, region) == full.construct_endpoint(prefix, region)
    assert len(regions) > 30
    assert loaders[0].is_builtin_path(loaders[0].load_data_with_path("endpoints")[1])


def test_the_cut_of_an_installation_is_small_and_written_once() -> None:
    folder = trimmed_models.trimmed_models_folder()
    before = folder.stat().st_ino
    assert trimmed_models.write_trimmed_models() == folder
    assert folder.stat().st_ino == before
    assert sum(file.stat().st_size for file in folder.rglob("*.json")) < 100_000


def test_another_botocore_uses_its_own_models_until_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore, "__version__", "1.99.0")
    assert len(operations_of(trimmed_session())) > 500
    folder = trimmed_models.write_trimmed_models()
    try:
        assert folder.name.startswith("botocore-1.99.0-")
        assert is_trimmed(trimmed_session())
        assert is_trimmed(trimmed_session(), "sts")
    finally:
        shutil.rmtree(folder)


def test_a_cut_for_other_operations_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimmed_models, "OPERATIONS", {**trimmed_models.OPERATIONS, "ec2": ("DescribeVpcs",)})
    assert len(operations_of(trimmed_session())) > 500


@pytest.mark.parametrize("model", [{}, {"operations": {}, "shapes": {}}, {"operations": [], "shapes": 1}, []])
def test_a_model_of_an_unknown_layout_is_not_written(monkeypatch: pytest.MonkeyPatch, model: Any) -> None:
    monkeypatch.setattr(botocore, "__version__", "1.99.1")
    original = trimmed_models.trimmed
    monkeypatch.setattr(trimmed_models, "trimmed", lambda _, operations: original(model, operations))
    with pytest.raises((KeyError, AttributeError, TypeError)):
        trimmed_models.write_trimmed_models()
    folder = trimmed_models.trimmed_models_folder()
    assert list(folder.parent.glob(f"*{folder.name}*")) == []


def test_a_cut_that_cannot_be_written_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore, "__version__", "1.99.2")
    monkeypatch.setattr(Path, "write_text", Mock(side_effect=OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        trimmed_models.write_trimmed_models()
    folder = trimmed_models.trimmed_models_folder()
    assert list(folder.parent.glob(f"*{folder.name}*")) == []


def test_a_users_own_models_and_endpoints_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_DATA_PATH and ~/.aws/models are searched by botocore first; this model has an operation of its own."""
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    model = trimmed_models.trimmed(full_model("sts")[0], ("GetCallerIdentity",))
    (tmp_path / "sts" / "2011-06-15").mkdir(parents=True)
    (tmp_path / "sts" / "2011-06-15" / "service-2.json").write_text(json.dumps(model))
    assert operations_of(trimmed_session(), "sts") == {"GetCallerIdentity"}
    endpoints: dict[str, Any] = {"version": 3, "partitions": []}
    (tmp_path / "endpoints.json").write_text(json.dumps(endpoints))
    assert trimmed_session().get_component("data_loader").load_data("endpoints") == endpoints
    assert is_trimmed(trimmed_session())


def test_other_services_are_botocores() -> None:
    assert "GetRoleCredentials" in operations_of(trimmed_session(), "sso")
