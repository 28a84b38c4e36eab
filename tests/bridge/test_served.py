"""The provider as a process: grpcio connects, calls, stops and leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import msgpack
import pytest

from bridge.peer import NULL, dynamic
from bridge.plugin_client import PROGRAM, SECONDS, Identity, Plugin, environment, started
from natgw_provider.bridge import server
from support.waiting import wait_for

_NOT_DER = b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Plugin]:
    with started(tmp_path) as running:
        yield running


def refused_start(certificate: bytes | None, world: Path, *command: str, **variables: str) -> str:
    """Start a provider that cannot serve, and return its one line that says why."""
    ended = subprocess.run(
        command or (sys.executable, str(PROGRAM)),
        env=environment(world, certificate, **variables),
        cwd=world,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, ended.stderr), "Terraform shows stdout only"
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr
    assert not list(world.glob("natgw-*"))
    return ended.stderr


def started_things(world: Path) -> int:
    return len(list(world.glob("*.started")))


class TestHandshake:
    def test_it_is_one_line_with_a_private_socket_and_a_certificate(self, plugin: Plugin) -> None:
        core, protocol, network, path, transport, certificate = plugin.handshake.strip().split("|")
        assert (core, protocol, network, transport) == ("1", "6", "unix", "grpc")
        assert not certificate.endswith("=")
        assert len(path.encode()) < 104
        assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700

    def test_nothing_but_the_handshake_is_ever_written_to_stdout(self, plugin: Plugin, tmp_path: Path) -> None:
        assert plugin.apply("a", "print").result().diagnostics == []
        plugin.shut_down()
        plugin.wait()
        assert plugin.process.stdout is not None
        assert plugin.process.stdout.read() == b""
        assert "this must not reach Terraform" in (tmp_path / "stderr").read_text()
        assert "nor this" in (tmp_path / "stderr").read_text()

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux shows it")
    def test_terraforms_stdin_is_not_the_providers(self, tmp_path: Path) -> None:
        """It can be the rest of a job's script, which a library or a child process would read as an answer."""
        script = tmp_path / "script"
        script.write_text("echo the rest of the job\n")
        command = ("sh", "-c", f"exec {sys.executable} {PROGRAM} < {script}")
        with started(tmp_path, command=command) as plugin:
            assert str(Path(f"/proc/{plugin.process.pid}/fd/0").readlink()) != str(script)

    def test_without_a_client_certificate_there_is_no_tls(self, tmp_path: Path) -> None:
        with started(tmp_path, tls=False) as plugin:
            assert plugin.handshake.endswith("|grpc|\n")
            assert plugin.call("GetProviderSchema").provider.block.attributes

    @pytest.mark.parametrize(
        "name", [b"x" * 120, b"a|b", b"a\nb", b"a\xffb"], ids=["too long", "bar", "newline", "no UTF-8"]
    )
    def test_a_temporary_folder_that_the_handshake_cannot_carry_is_not_used(self, tmp_path: Path, name: bytes) -> None:
        odd = tmp_path / os.fsdecode(name)
        odd.mkdir()
        with started(tmp_path, TMPDIR=str(odd)) as plugin:
            assert plugin.socket.startswith("/tmp/natgw-")  # noqa: S108 - where it falls back to
            assert plugin.call("GetProviderSchema").provider.block.attributes
            plugin.shut_down()
            plugin.wait()
            assert not Path(plugin.socket).parent.exists()

    @pytest.mark.parametrize(
        ("certificate", "variables", "why"),
        [
            (None, {"TMPDIR": "/dev/null/nowhere"}, r"natgw cannot make a folder for its socket: .* Set TMPDIR to"),
            (b"garbage", {}, "PLUGIN_CLIENT_CERT does not hold a usable certificate"),
            (_NOT_DER, {}, "PLUGIN_CLIENT_CERT does not hold a usable certificate"),
            (_NOT_DER, {"OPENSSL_CONF": "openssl.cnf"}, r"natgw cannot use OpenSSL: .*FIPS.*OPENSSL_CONF"),
        ],
        ids=["temporary folder", "no certificate", "broken certificate", "FIPS module missing"],
    )
    def test_a_start_that_cannot_serve_is_one_line_with_the_cause(
        self, tmp_path: Path, certificate: bytes | None, variables: dict[str, str], why: str
    ) -> None:
        (tmp_path / "openssl.cnf").write_text(
            "openssl_conf = init\n[init]\nproviders = providers\nalg_section = algorithms\n[providers]\nbase = base\n"
            "[base]\nactivate = 1\n[algorithms]\ndefault_properties = fips=yes\n"
        )
        assert re.match(why, refused_start(certificate, tmp_path, **variables))

    def test_a_long_temporary_folder_without_another_one_asks_for_a_shorter_path(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(tmp_path / ("x" * 120)))
        monkeypatch.setattr(server, "_DEFAULT_TMPDIR", "/dev/null")
        message = "TMPDIR is not used: its path is too long for a socket. Set it to a shorter path"
        with pytest.raises(server._UnusableError, match=message), server.private_directory():
            pass

    def test_a_full_disk_is_one_line_and_leaves_nothing_behind(self, tmp_path: Path) -> None:
        """No file can grow: neither the cache nor the temporary folder takes a certificate."""
        limited = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
        program = (
            f"{limited}import sys; sys.argv = [{str(PROGRAM)!r}]; runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        for _ in range(2):
            why = refused_start(
                Identity.fresh().certificate, tmp_path, sys.executable, "-c", program, PYTHONDONTWRITEBYTECODE="1"
            )
            assert why.startswith(f"natgw cannot write its TLS certificate to {tmp_path}/natgw-")
            assert "Set TMPDIR to a folder that natgw may write to and that has space." in why
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_folder_that_cannot_hold_a_socket_is_one_line(self, tmp_path: Path) -> None:
        with pytest.raises(server._UnusableError, match=r"cannot make a socket in .* Set TMPDIR to a folder"):
            server._listen(str(tmp_path / "removed by someone"))

    def test_started_by_hand_it_explains_itself(self, tmp_path: Path) -> None:
        variables = environment(tmp_path, None, TF_PLUGIN_MAGIC_COOKIE="wrong")
        ended = subprocess.run([sys.executable, PROGRAM], env=variables, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "Terraform starts it by itself" in ended.stderr
        assert "natgw install" in ended.stderr
        assert "Traceback" not in ended.stderr


class TestCalls:
    def test_go_plugins_own_services_answer(self, plugin: Plugin) -> None:
        health = plugin.channel.unary_unary("/grpc.health.v1.Health/Check")(b"\x0a\x06plugin", timeout=SECONDS)
        assert health == b"\x08\x01"
        output = plugin.channel.unary_stream("/plugin.GRPCStdio/StreamStdio")(b"")
        broker = plugin.channel.stream_stream("/plugin.GRPCBroker/StartStream")(iter(()))
        plugin.call("GetProviderSchema")
        assert output.is_active()
        assert broker.is_active()
        plugin.shut_down()
        wait_for(lambda: not output.is_active() and not broker.is_active(), "the end of both streams")

    @pytest.mark.parametrize("method", ["/tfplugin6.Provider/CallFunction", "/other.Service/GetProviderSchema"])
    def test_a_method_that_natgw_does_not_have_is_unimplemented(self, plugin: Plugin, method: str) -> None:
        with pytest.raises(grpc.RpcError) as caught:
            plugin.channel.unary_unary(method)(b"", timeout=SECONDS)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert caught.value.details() == f"natgw has no method {method}"

    def test_a_broken_installation_is_an_error(self, tmp_path: Path) -> None:
        broken = tmp_path / "broken" / "msgpack.py"
        broken.parent.mkdir()
        broken.write_text("raise ImportError('msgpack is damaged')\n")
        with started(tmp_path, PYTHONPATH=str(broken.parent)) as plugin, pytest.raises(grpc.RpcError) as caught:
            plugin.call("GetProviderSchema")
        assert caught.value.code() is grpc.StatusCode.INTERNAL
        assert caught.value.details() == "natgw cannot answer, ImportError: msgpack is damaged"

    def test_a_message_of_twenty_megabytes_passes_both_ways(self, plugin: Plugin) -> None:
        state = NULL | {"name": "n" * (20 << 20), "size": 1}
        response = plugin.call(
            "PlanResourceChange",
            type_name="fake_thing",
            prior_state=dynamic(state | {"id": "i"}),
            proposed_new_state=dynamic(state | {"id": "i", "size": 2}),
            config=dynamic(state),
        )
        assert len(msgpack.unpackb(response.planned_state.msgpack)["name"]) == 20 << 20


class TestStop:
    def test_a_stop_is_answered_at_once_and_each_of_many_applies_returns_its_true_state(
        self, plugin: Plugin, tmp_path: Path
    ) -> None:
        """A client may run any number of applies at a time, and all of them end."""
        applies = {f"t{number}": plugin.apply(f"t{number}", "wait") for number in range(150)}
        wait_for(lambda: started_things(tmp_path) == 150, "all applies to run")
        begun = time.monotonic()
        assert plugin.call("StopProvider").Error == ""
        assert time.monotonic() - begun < 2
        for name, apply in applies.items():
            response = apply.result()
            assert response.diagnostics[0].summary == "stopped half-way"
            assert msgpack.unpackb(response.new_state.msgpack)["id"] == f"id-{name}"

    def test_sigterm_stops_handlers_and_does_not_end_the_process(self, plugin: Plugin, tmp_path: Path) -> None:
        apply = plugin.apply("a", "wait")
        wait_for(lambda: started_things(tmp_path) == 1, "an apply to run")
        plugin.process.send_signal(signal.SIGTERM)
        assert apply.result().diagnostics[0].summary == "stopped half-way"
        assert plugin.call("GetProviderSchema").resource_schemas

    def test_neither_sigint_nor_a_stop_interrupts_an_apply(self, plugin: Plugin, tmp_path: Path) -> None:
        """A terminal sends SIGINT to Terraform and its providers; Terraform then sends the stop."""
        apply = plugin.apply("a", "stubborn")
        wait_for(lambda: started_things(tmp_path) == 1, "an apply to run")
        plugin.process.send_signal(signal.SIGINT)
        plugin.call("StopProvider")
        (tmp_path / "release").touch()
        assert apply.result().diagnostics == []
        assert msgpack.unpackb(apply.result().new_state.msgpack)["id"] == "id-a"

    @pytest.mark.parametrize("seconds", [SECONDS, 0.5], ids=["cancelled", "deadline exceeded"])
    def test_a_cancelled_call_does_not_interrupt_the_apply(
        self, plugin: Plugin, tmp_path: Path, seconds: float
    ) -> None:
        apply = plugin.apply("a", "stubborn", seconds=seconds)
        wait_for(lambda: started_things(tmp_path) == 1, "an apply to run")
        if seconds == SECONDS:
            apply.cancel()
        wait_for(apply.done, "the end of the call")
        assert plugin.call("GetProviderSchema").resource_schemas
        (tmp_path / "release").touch()
        wait_for((tmp_path / "id-a.thing").exists, "the end of the apply")
        plugin.shut_down()
        assert plugin.wait() == 0


class TestEnd:
    def test_shutdown_ends_an_idle_process_at_once_and_leaves_nothing_behind(
        self, plugin: Plugin, tmp_path: Path
    ) -> None:
        plugin.call("GetProviderSchema")
        begun = time.monotonic()
        plugin.shut_down()
        assert plugin.wait() == 0
        assert time.monotonic() - begun < 2
        assert not list(tmp_path.glob("natgw-*"))
        assert (tmp_path / "stderr").read_text() == ""

    def test_shutdown_during_an_apply_stops_it_and_ends_with_it(self, plugin: Plugin, tmp_path: Path) -> None:
        apply = plugin.apply("a", "wait")
        wait_for(lambda: started_things(tmp_path) == 1, "an apply to run")
        begun = time.monotonic()
        plugin.shut_down()
        assert apply.result().diagnostics[0].summary == "stopped half-way"
        assert plugin.wait() == 0
        assert time.monotonic() - begun < 2

    def test_a_client_that_is_killed_stops_the_apply_and_ends_the_process(self, tmp_path: Path) -> None:
        # The client runs in a process of its own, which dies the way Terraform dies of SIGKILL.
        program = (
            "import os, signal, sys, pathlib\n"
            "from bridge.plugin_client import started\n"
            "from support.waiting import wait_for\n"
            f"world = pathlib.Path({str(tmp_path)!r})\n"
            "with started(world) as plugin:\n"
            "    apply = plugin.apply('a', 'wait')\n"
            "    wait_for((world / 'a.started').exists, 'an apply to run')\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        paths = os.pathsep.join(sys.path)
        died = subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": paths}, check=False)
        assert died.returncode == -signal.SIGKILL
        wait_for((tmp_path / "a.stopped").exists, "the stop of the apply")
        wait_for(lambda: not list(tmp_path.glob("natgw-*")), "the end of the process")


@pytest.mark.parametrize("identity", [Identity.fresh(), None], ids=["another certificate", "no certificate"])
def test_a_client_without_the_announced_certificate_is_refused(plugin: Plugin, identity: Identity | None) -> None:
    with plugin.connect(identity) as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/tfplugin6.Provider/GetProviderSchema")(b"", timeout=SECONDS)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert plugin.call("GetProviderSchema").resource_schemas


def test_a_debugged_process_serves_one_terraform_after_another(tmp_path: Path) -> None:
    variables = environment(tmp_path, None)
    process = subprocess.Popen(
        [sys.executable, PROGRAM, "--debug"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("TF_REATTACH_PROVIDERS='")
        setting = json.loads(line.removeprefix("TF_REATTACH_PROVIDERS='").rstrip("'\n"))
        reattach = setting["registry.terraform.io/local/fake"]
        assert (reattach["Protocol"], reattach["ProtocolVersion"], reattach["Test"]) == ("grpc", 6, True)
        assert reattach["Pid"] == process.pid
        for _ in range(2):
            with grpc.insecure_channel(f"unix:{reattach['Addr']['String']}") as channel:
                assert channel.unary_unary("/tfplugin6.Provider/GetProviderSchema")(b"", timeout=SECONDS)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert not list(tmp_path.glob("natgw-*"))
