"""When a process ends, and when it must not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from natgw_provider.bridge import lifecycle
from natgw_provider.bridge.lifecycle import GRACE, LINGER, PATIENCE, Lifecycle

PARENT = 4711


class World:
    """The time and the parent process, to be set."""

    def __init__(self) -> None:
        self.now = 0.0
        self.parent = PARENT


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(lifecycle, "monotonic", lambda: world.now)
    monkeypatch.setattr(lifecycle, "getppid", lambda: world.parent)
    monkeypatch.setattr(lifecycle, "_TICK", 0.001)
    return world


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 20))


async def stays(life: Lifecycle) -> bool:
    """Whether `life` goes on for many ticks."""
    try:
        await asyncio.wait_for(life.until_leaving(), 0.05)
    except TimeoutError:
        return True
    return False


def test_a_process_stays_while_terraform_is_there(world: World) -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        assert await stays(life)
        life.connected()
        world.now += 100 * PATIENCE
        assert await stays(life)
        world.parent = 1
        assert await stays(life), "a wrapper may have gone while Terraform is still connected"

    run(test())


def test_a_process_leaves_when_told(world: World) -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        life.connected()
        waiting = asyncio.create_task(life.until_leaving())
        await asyncio.sleep(0)
        life.leave()
        await waiting
        await life.left()

    run(test())


def test_a_process_leaves_when_the_connection_and_the_parent_are_gone(world: World) -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        life.connected()
        life.disconnected()
        assert await stays(life)
        world.parent = 1
        assert not await stays(life)
        await life.left()

    run(test())


def test_a_process_leaves_when_nobody_connects_though_the_parent_lives(world: World) -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        world.now += PATIENCE
        assert await stays(life)
        life.connected()
        world.now += 1
        assert await stays(life)
        life.disconnected()
        world.now += LINGER
        assert await stays(life), "a client that lost its connection may come back"
        world.now += 1
        assert not await stays(life)

    run(test())


def test_for_debugging_a_process_waits_for_ever(world: World) -> None:
    async def test() -> None:
        life = Lifecycle(None)
        world.parent, world.now = 1, 1000 * PATIENCE
        assert await stays(life)

    run(test())


def test_idle_is_when_the_last_work_is_done() -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        assert await life.until_idle()
        release = threading.Event()
        works = [asyncio.create_task(life.in_thread(lambda: release.wait(10))) for _ in range(3)]
        await asyncio.sleep(0)
        waiting = asyncio.create_task(life.until_idle())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        release.set()
        assert await waiting
        assert await asyncio.gather(*works) == [True, True, True]

    run(test())


def test_work_whose_caller_is_gone_still_counts_until_it_is_done() -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        release, done = threading.Event(), threading.Event()

        def work_on() -> None:
            release.wait(10)
            done.set()

        work = asyncio.create_task(life.in_thread(work_on))
        await asyncio.sleep(0)
        work.cancel()
        await asyncio.sleep(0.01)
        waiting = asyncio.create_task(life.until_idle())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        release.set()
        assert await waiting
        assert done.is_set()

    run(test())


def test_work_that_never_ends_is_left_after_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "GRACE", 0.02)
    release = threading.Event()

    async def test() -> None:
        life = Lifecycle(PARENT)
        work = asyncio.create_task(life.in_thread(lambda: release.wait(10)))
        await asyncio.sleep(0)
        assert not await life.until_idle()
        work.cancel()

    run(test())
    release.set()


def test_what_work_raises_reaches_the_caller() -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        with pytest.raises(ZeroDivisionError):
            await life.in_thread(lambda: 1 / 0)
        assert await life.until_idle()

    run(test())


def test_a_thread_that_cannot_start_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def test() -> None:
        life = Lifecycle(PARENT)
        monkeypatch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            await life.in_thread(lambda: None)
        assert await life.until_idle()

    run(test())


def test_there_is_no_limit_to_what_runs_at_a_time() -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        together = threading.Barrier(200)
        await asyncio.gather(*(life.in_thread(lambda: together.wait(10)) for _ in range(200)))

    run(test())


def test_a_result_is_sent_before_the_process_ends() -> None:
    async def test() -> None:
        life = Lifecycle(PARENT)
        with life.running():
            waiting = asyncio.create_task(life.until_idle())
            await asyncio.sleep(0.01)
            assert not waiting.done()
        assert await waiting

    run(test())


def test_the_grace_outlasts_go_plugins_patience() -> None:
    assert GRACE > 2
