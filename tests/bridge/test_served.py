"""The provider as a process: a peer that is not ours connects, calls, stops and leaves."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import grpc
import msgpack
import pytest
from google.protobuf.message_factory import GetMessageClass
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge import oracles
from bridge.fake_provider import THING_SCHEMA
from bridge.plugin_client import PROGRAM, SECONDS, Identity, Plugin, environment, started, until
from natgw_provider.bridge import server
from natgw_provider.bridge.protocol import tfplugin6_pb2
from natgw_provider.bridge.tls import make_certificate

HEALTH_PLUGIN = b"\x0a\x06plugin"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def plugin(world: Path) -> Iterator[Plugin]:
    with started(world) as running:
        yield running


def dynamic(value: Any) -> Any:
    return oracle.DynamicValue(msgpack=msgpack.packb(value))


def refused_start(certificate: bytes | None, world: Path, *command: str, **variables: str) -> str:
    """Start a provider that cannot serve, and return the one line that it says why with."""
    ended = subprocess.run(
        command or (sys.executable, str(PROGRAM)),
        env=environment(world, certificate, **variables),
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

    def test_nothing_but_the_handshake_is_ever_written_to_stdout(self, plugin: Plugin, world: Path) -> None:
        assert plugin.apply("a", "print").result().diagnostics == []
        plugin.shut_down()
        plugin.wait()
        assert plugin.process.stdout is not None
        assert plugin.process.stdout.read() == b""
        assert "this must not reach Terraform" in (world / "stderr").read_text()
        assert "nor this" in (world / "stderr").read_text()

    @pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux shows it")
    def test_terraforms_stdin_is_not_the_providers(self, world: Path) -> None:
        """It can be the rest of a job's script, which a library or a child process would read as an answer."""
        script = world / "script"
        script.write_text("echo the rest of the job\n")
        command = ("sh", "-c", f"exec {sys.executable} {PROGRAM} < {script}")
        with started(world, command=command) as plugin:
            assert str(Path(f"/proc/{plugin.process.pid}/fd/0").readlink()) != str(script)

    def test_without_a_client_certificate_there_is_no_tls(self, world: Path) -> None:
        with started(world, tls=False) as plugin:
            assert plugin.handshake.endswith("|grpc|\n")
            assert plugin.call("GetProviderSchema").provider.block.attributes

    def test_a_temporary_folder_with_a_long_name_is_no_problem(self, world: Path) -> None:
        long = world / ("x" * 120)
        long.mkdir()
        with started(world, TMPDIR=str(long)) as plugin:
            assert len(plugin.socket.encode()) < 104
            assert plugin.call("GetProviderSchema").provider.block.attributes
            plugin.shut_down()
            plugin.wait()
            assert not Path(plugin.socket).parent.exists()

    def test_a_temporary_folder_that_does_not_exist_is_one_clear_line(self, world: Path) -> None:
        why = refused_start(Identity.fresh().certificate, world, TMPDIR="/dev/null/nowhere")
        assert why.startswith("natgw cannot make a folder for its socket")
        assert "Set TMPDIR" in why

    @pytest.mark.parametrize("name", [b"a|b", b"a\nb", b"a\tb", b"a\xffb"], ids=["bar", "newline", "tab", "no UTF-8"])
    def test_a_temporary_folder_that_the_handshake_cannot_carry_is_not_used(self, world: Path, name: bytes) -> None:
        odd = world / os.fsdecode(name)
        odd.mkdir()
        with started(world, TMPDIR=str(odd)) as plugin:
            assert plugin.socket.startswith("/tmp/natgw-")  # noqa: S108 - where it falls back to
            assert plugin.call("GetProviderSchema").provider.block.attributes

    def test_a_long_temporary_folder_without_a_way_out_says_shorter(
        self, monkeypatch: pytest.MonkeyPatch, world: Path
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(world / ("x" * 120)))
        monkeypatch.setattr(server, "_DEFAULT_TMPDIR", "/dev/null")
        said = (
            "natgw cannot make a folder for its socket: .*TMPDIR is not used: its path is too long for a socket. "
            "Set it to a shorter path"
        )
        with pytest.raises(server._UnusableError, match=said), server.private_directory():
            pass

    def test_full_disks_are_one_clear_line_and_leave_nothing_behind(self, world: Path) -> None:
        """No file can grow: neither the cache nor the temporary folder takes a certificate."""
        limited = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
        program = (
            f"{limited}import sys; sys.argv = [{str(PROGRAM)!r}]; runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        for _ in range(2):
            why = refused_start(
                Identity.fresh().certificate, world, sys.executable, "-c", program, PYTHONDONTWRITEBYTECODE="1"
            )
            assert why.startswith(f"natgw cannot write its TLS certificate to {world}/natgw-")
            assert "Set TMPDIR to a folder that natgw may write to and that has space." in why
        assert [path for path in world.rglob("*") if path.is_file()] == []

    def test_openssl_that_asks_for_a_missing_fips_module_is_named_as_the_cause(self, world: Path) -> None:
        settings = world / "openssl.cnf"
        settings.write_text(
            "openssl_conf = init\n[init]\nproviders = providers\nalg_section = algorithms\n[providers]\nbase = base\n"
            "[base]\nactivate = 1\n[algorithms]\ndefault_properties = fips=yes\n"
        )
        why = refused_start(Identity.fresh().certificate, world, OPENSSL_CONF=str(settings))
        assert why.startswith("natgw cannot use OpenSSL: ")
        assert "FIPS" in why
        assert "OPENSSL_CONF" in why
        assert "PLUGIN_CLIENT_CERT" not in why

    def test_a_folder_that_cannot_hold_a_socket_is_one_clear_line(self, world: Path) -> None:
        with pytest.raises(server._UnusableError, match=r"cannot make a socket in .* Set TMPDIR to a folder"):
            server._listen(str(world / "removed by someone"))

    def test_a_client_that_connects_before_the_loop_runs_is_served_once_it_does(self, world: Path) -> None:
        """The handshake comes first, the imports after it: a slow disk must not lose Terraform's connection."""
        slow = world / "slow" / "h2" / "__init__.py"
        slow.parent.mkdir(parents=True)
        slow.write_text(
            "import pathlib, sys, time\n"
            f"while not pathlib.Path({str(world / 'go on')!r}).exists(): time.sleep(0.005)\n"
            "sys.path.remove(str(pathlib.Path(__file__).parents[1])); del sys.modules['h2']; import h2\n"
        )
        with started(world, PYTHONPATH=str(slow.parents[1])) as plugin:
            schema = plugin.start("GetProviderSchema")
            with socket.socket(socket.AF_UNIX) as early:
                early.connect(plugin.socket)
                (world / "go on").touch()
                assert schema.result().resource_schemas

    @pytest.mark.parametrize("cookie", [None, "", "wrong"])
    def test_started_by_hand_it_explains_itself(self, world: Path, cookie: str | None) -> None:
        variables = environment(world, None)
        variables.pop("TF_PLUGIN_MAGIC_COOKIE")
        if cookie is not None:
            variables["TF_PLUGIN_MAGIC_COOKIE"] = cookie
        ended = subprocess.run([sys.executable, PROGRAM], env=variables, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "Terraform starts it by itself" in ended.stderr
        assert "natgw install" in ended.stderr
        assert "Traceback" not in ended.stderr

    @pytest.mark.parametrize(
        "certificate", [b"garbage", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"]
    )
    def test_a_client_certificate_that_cannot_be_read_is_one_clear_line(self, world: Path, certificate: bytes) -> None:
        why = refused_start(certificate, world)
        assert why.startswith("PLUGIN_CLIENT_CERT does not hold a usable certificate")


class TestCalls:
    def test_go_plugins_own_services_answer(self, plugin: Plugin) -> None:
        plugin.call("GetMetadata")
        health = plugin.channel.unary_unary("/grpc.health.v1.Health/Check")(HEALTH_PLUGIN, timeout=SECONDS)
        assert health == b"\x08\x01"
        output = plugin.channel.unary_stream("/plugin.GRPCStdio/StreamStdio")(b"")
        broker = plugin.channel.stream_stream("/plugin.GRPCBroker/StartStream")(iter(()))
        plugin.call("GetMetadata")
        assert output.is_active()
        assert broker.is_active()
        plugin.shut_down()
        until(lambda: not output.is_active() and not broker.is_active())

    @pytest.mark.parametrize("method", ["CallFunction", "OpenEphemeralResource", "FromTheFuture"])
    def test_an_rpc_that_is_not_served_is_unimplemented(self, plugin: Plugin, method: str) -> None:
        with pytest.raises(grpc.RpcError) as caught:
            plugin.channel.unary_unary(f"/tfplugin6.Provider/{method}")(b"", timeout=SECONDS)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED

    def test_an_exception_is_a_diagnostic_and_a_traceback_in_the_log_alone(self, plugin: Plugin, world: Path) -> None:
        (diagnostic,) = plugin.apply("a", "raise").result().diagnostics
        assert diagnostic.summary == "natgw bug: RuntimeError in ApplyResourceChange of fake_thing"
        assert "Traceback" not in diagnostic.detail
        (line,) = [json.loads(line) for line in (world / "stderr").read_text().splitlines()]
        assert line["@level"] == "error"
        assert "Traceback (most recent call last)" in line["traceback"]

    def test_a_handler_that_exits_does_not_end_the_process(self, plugin: Plugin) -> None:
        assert plugin.apply("a", "exit").result().diagnostics[0].summary.startswith("natgw bug: SystemExit")
        assert plugin.apply("b", "").result().diagnostics == []

    def test_a_provider_that_cannot_be_made_is_a_diagnostic(self, world: Path) -> None:
        with started(world, FAKE_WORLD_MISSING="1") as plugin:
            (diagnostic,) = plugin.call("GetProviderSchema").diagnostics
        assert diagnostic.summary == "natgw bug: LookupError in GetProviderSchema"

    def test_a_broken_installation_is_an_error_and_no_endless_wait(self, world: Path) -> None:
        broken = world / "broken" / "msgpack.py"
        broken.parent.mkdir()
        broken.write_text("raise ImportError('msgpack is damaged')\n")
        with started(world, PYTHONPATH=str(broken.parent)) as plugin, pytest.raises(grpc.RpcError) as caught:
            plugin.call("GetProviderSchema")
        assert caught.value.code() is grpc.StatusCode.INTERNAL
        assert caught.value.details() == "natgw cannot answer, ImportError: msgpack is damaged"

    def test_a_message_of_twenty_megabytes_passes_both_ways(self, plugin: Plugin) -> None:
        state = dict.fromkeys(THING_SCHEMA.value_type.attributes) | {"name": "n" * (20 << 20), "size": 1}
        response = plugin.call(
            "PlanResourceChange",
            type_name="fake_thing",
            prior_state=dynamic(state | {"id": "i"}),
            proposed_new_state=dynamic(state | {"id": "i", "size": 2}),
            config=dynamic(state),
        )
        assert len(msgpack.unpackb(response.planned_state.msgpack)["name"]) == 20 << 20

    def test_as_many_applies_run_at_a_time_as_terraform_wants(self, plugin: Plugin, world: Path) -> None:
        applies = [plugin.apply(f"t{number}", "wait") for number in range(150)]
        until(lambda: started_things(world) == 150)
        assert plugin.call("StopProvider").Error == ""
        for apply in applies:
            assert apply.result().diagnostics[0].summary == "stopped half-way"


class TestStop:
    def test_a_stop_is_answered_at_once_and_the_apply_returns_its_true_state(self, plugin: Plugin, world: Path) -> None:
        apply = plugin.apply("a", "wait")
        until(lambda: started_things(world) == 1)
        begun = time.monotonic()
        assert plugin.call("StopProvider").Error == ""
        assert time.monotonic() - begun < 2
        response = apply.result()
        assert response.diagnostics[0].summary == "stopped half-way"
        assert msgpack.unpackb(response.new_state.msgpack)["id"] == "id-a"

    def test_a_stop_never_cuts_an_apply_that_goes_on(self, plugin: Plugin, world: Path) -> None:
        apply = plugin.apply("a", "stubborn")
        until(lambda: started_things(world) == 1)
        plugin.call("StopProvider")
        (world / "release").touch()
        assert msgpack.unpackb(apply.result().new_state.msgpack)["id"] == "id-a"

    def test_sigterm_is_a_stop_and_no_end(self, plugin: Plugin, world: Path) -> None:
        apply = plugin.apply("a", "wait")
        until(lambda: started_things(world) == 1)
        plugin.process.send_signal(signal.SIGTERM)
        assert apply.result().diagnostics[0].summary == "stopped half-way"
        assert plugin.call("GetProviderSchema").resource_schemas

    def test_sigint_is_ignored_because_a_terminal_sends_it_to_everybody(self, plugin: Plugin, world: Path) -> None:
        apply = plugin.apply("a", "stubborn")
        until(lambda: started_things(world) == 1)
        plugin.process.send_signal(signal.SIGINT)
        assert plugin.call("GetProviderSchema").resource_schemas
        (world / "release").touch()
        assert apply.result().diagnostics == []

    @pytest.mark.parametrize("seconds", [SECONDS, 2.0])
    def test_a_client_that_cancels_does_not_cut_the_apply(self, plugin: Plugin, world: Path, seconds: float) -> None:
        apply = plugin.apply("a", "stubborn", seconds=seconds)
        until(lambda: started_things(world) == 1)
        if seconds == SECONDS:
            apply.cancel()
        else:
            until(apply.done)
            assert apply.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert plugin.call("GetProviderSchema").resource_schemas
        (world / "release").touch()
        until((world / "id-a.thing").exists)
        plugin.shut_down()
        assert plugin.wait() == 0


class TestEnd:
    def test_shutdown_ends_an_idle_process_at_once_and_leaves_nothing_behind(self, plugin: Plugin, world: Path) -> None:
        plugin.call("GetProviderSchema")
        begun = time.monotonic()
        plugin.shut_down()
        assert plugin.wait() == 0
        assert time.monotonic() - begun < 2
        assert not list(world.glob("natgw-*"))
        assert (world / "stderr").read_text() == ""

    def test_shutdown_during_an_apply_stops_it_and_ends_with_it(self, plugin: Plugin, world: Path) -> None:
        apply = plugin.apply("a", "wait")
        until(lambda: started_things(world) == 1)
        begun = time.monotonic()
        plugin.shut_down()
        assert apply.result().diagnostics[0].summary == "stopped half-way"
        assert plugin.wait() == 0
        assert time.monotonic() - begun < 2

    def test_a_client_that_vanishes_ends_the_process_and_stops_the_apply(self, world: Path) -> None:
        # The client runs in a process of its own, which dies the way Terraform dies of SIGKILL.
        program = (
            "import os, signal, sys, pathlib\n"
            "from bridge.plugin_client import started, until\n"
            f"world = pathlib.Path({str(world)!r})\n"
            "with started(world) as plugin:\n"
            "    apply = plugin.apply('a', 'wait')\n"
            "    until(lambda: (world / 'a.started').exists())\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        paths = os.pathsep.join(sys.path)
        died = subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": paths}, check=False)
        assert died.returncode == -signal.SIGKILL
        until((world / "a.stopped").exists)
        until(lambda: not list(world.glob("natgw-*")))


class TestSecurity:
    def refused(self, plugin: Plugin, identity: Identity | None) -> bool:
        with plugin.connect(identity) as channel, pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/tfplugin6.Provider/GetMetadata")(b"", timeout=SECONDS)
        return caught.value.code() is grpc.StatusCode.UNAVAILABLE

    def test_another_certificate_and_no_certificate_are_refused(self, world: Path) -> None:
        mine = Identity.fresh()
        with started(world, mine) as plugin:
            assert self.refused(plugin, Identity.fresh())
            assert self.refused(plugin, None)
            assert plugin.call("GetProviderSchema").resource_schemas
        assert "PRIVATE KEY" not in (world / "stderr").read_text()
        assert "Traceback" not in (world / "stderr").read_text()

    def test_a_certificate_that_the_right_one_has_signed_is_refused(self, world: Path) -> None:
        mine = Identity.fresh()
        with started(world, mine) as plugin:
            assert self.refused(plugin, signed_by(mine))
            assert plugin.call("GetProviderSchema").resource_schemas

    def test_garbage_on_the_socket_harms_no_other_client(self, plugin: Plugin, world: Path) -> None:
        for garbage in (
            b"",
            b"\x00" * 10_000,
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x00\x05hello",
            os.urandom(5000),
        ):
            with socket.socket(socket.AF_UNIX) as raw:
                raw.connect(plugin.socket)
                raw.sendall(garbage)
                raw.shutdown(socket.SHUT_WR)
                raw.settimeout(SECONDS)
                while raw.recv(4096):
                    pass
        assert plugin.call("GetProviderSchema").resource_schemas
        assert "Traceback" not in (world / "stderr").read_text()


def test_garbage_as_a_request_of_any_rpc_is_answered_and_ends_nothing(plugin: Plugin, world: Path) -> None:
    random = Random(6)  # noqa: S311 - it only has to vary
    published = oracles.NEWER.services_by_name["Provider"].methods_by_name
    for method in tfplugin6_pb2.DESCRIPTOR.services_by_name["Provider"].methods:
        call = plugin.channel.unary_unary(f"/tfplugin6.Provider/{method.name}")
        response = GetMessageClass(published[method.name].output_type)
        for length in range(12):
            response.FromString(call(random.randbytes(length * length), timeout=SECONDS))
    assert plugin.call("GetProviderSchema").resource_schemas
    for line in (world / "stderr").read_text().splitlines():
        assert json.loads(line)["@level"] == "error"


def test_a_debugged_process_serves_one_terraform_after_another(world: Path) -> None:
    variables = environment(world, None)
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
                assert channel.unary_unary("/tfplugin6.Provider/GetMetadata")(b"", timeout=SECONDS)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert not list(world.glob("natgw-*"))


def signed_by(authority: Identity) -> Identity:
    """Return a fresh identity whose certificate `authority` has signed."""
    from cryptography import x509  # noqa: PLC0415 - for this one test
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - the same
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - the same

    key = serialization.load_pem_private_key(authority.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    fresh = make_certificate(time.time(), 3600)
    own = x509.load_pem_x509_certificate(fresh[fresh.index(b"-----BEGIN CERTIFICATE-----") :])
    builder = x509.CertificateBuilder(
        issuer_name=issuer.subject,
        subject_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "intruder")]),
        public_key=own.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=own.not_valid_before_utc,
        not_valid_after=own.not_valid_after_utc,
        extensions=list(own.extensions),
    )
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return Identity(fresh[: fresh.index(b"-----BEGIN CERTIFICATE-----")], certificate + authority.certificate)
