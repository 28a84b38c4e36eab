"""When a process ends, and when it must not."""

from __future__ import annotations

import pytest

from natgw_provider.bridge import loop
from natgw_provider.bridge.loop import GRACE, LINGER, PATIENCE, Lifecycle

PARENT = 4711


class World:
    """The time and the parent process, to be set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.parent = PARENT


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(loop, "monotonic", lambda: world.now)
    monkeypatch.setattr(loop, "getppid", lambda: world.parent)
    return world


def test_a_process_stays_while_terraform_is_there(world: World) -> None:
    life = Lifecycle(PARENT)
    assert not life.is_over
    life.connected()
    world.now += 100 * PATIENCE
    assert not life.is_over
    world.parent = 1
    assert not life.is_over, "a wrapper may have gone while Terraform is still connected"


def test_a_process_leaves_when_told(world: World) -> None:
    life = Lifecycle(PARENT)
    life.connected()
    life.shut_down()
    assert life.is_over


def test_a_process_leaves_when_the_connection_and_the_parent_are_gone(world: World) -> None:
    life = Lifecycle(PARENT)
    life.connected()
    life.disconnected()
    assert not life.is_over
    world.parent = 1
    assert life.is_over


def test_a_process_leaves_when_nobody_connects_though_the_parent_lives(world: World) -> None:
    life = Lifecycle(PARENT)
    world.now += PATIENCE
    assert not life.is_over
    life.connected()
    world.now += 1
    assert not life.is_over
    life.disconnected()
    world.now += LINGER
    assert not life.is_over, "a client that lost its connection may come back"
    world.now += 1
    assert life.is_over


def test_one_connection_is_enough_to_stay(world: World) -> None:
    life = Lifecycle(PARENT)
    life.connected()
    life.connected()
    life.disconnected()
    world.now, world.parent = 100 * PATIENCE, 1
    assert not life.is_over


def test_for_debugging_a_process_waits_for_ever(world: World) -> None:
    life = Lifecycle(None)
    world.parent, world.now = 1, 1000 * PATIENCE
    assert not life.is_over
    life.shut_down()
    assert life.is_over


def test_idle_is_when_the_last_work_is_done() -> None:
    life = Lifecycle(PARENT)
    assert life.is_idle
    life.began()
    life.began()
    life.ended()
    assert not life.is_idle
    life.ended()
    assert life.is_idle


def test_the_grace_outlasts_go_plugins_patience() -> None:
    assert GRACE > 2
