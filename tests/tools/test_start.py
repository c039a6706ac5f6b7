"""`make run` on an empty database: prepared, served, and ended as one."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds, on a slow machine with other work


PARTS = """
import time
from tools.start import supervise
raise SystemExit(supervise(web=lambda: time.sleep(600), worker=lambda: time.sleep(600)))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Started:
    """A program of ours that was started, and what it has said so far."""

    def __init__(self, log: Path, *arguments: str, **settings: str) -> None:
        self.log = log
        command = [sys.executable, *arguments]
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | settings, stdout=file, stderr=file
            )

    def until(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            if found := re.search(pattern, self.log.read_text()):
                return found
            if ended:
                break
            time.sleep(0.05)
        pytest.fail(f"no {pattern!r} in the output:\n{self.log.read_text()}")

    def pids(self) -> list[int]:
        return [int(self.until(rf"{n} started \(pid=(\d+)\)")[1]) for n in ("web", "worker")]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start something; whatever still runs at the end of the test is ended."""
    started: list[Started] = []

    def begin(*arguments: str, **settings: str) -> Started:
        log = tmp_path / f"log-{len(started)}"
        started.append(Started(log, *arguments, **settings))
        return started[-1]

    yield begin
    for one in started:
        one.end()


def test_an_empty_database_is_prepared_and_served_and_started_again(database_kind, tmp_path, start):
    with databases.blank(database_kind) as url:
        port = str(free_port())
        settings = {"DATABASE_URL": url, "PORT": port, "INSTANCE_PATH": str(tmp_path / "instance")}

        first = start("-m", "tools.start", **settings)
        first.until(f"Wangge is ready: http://127.0.0.1:{port}")
        health = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE)
        assert (health.status_code, health.json()["status"]) == (200, "ok")
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE).status_code == 200
        words = first.log.read_text()
        assert "Loaded the sample sub-district" in words
        assert "dispatcher" in words
        assert first.end() == 128 + signal.SIGTERM

        again = start("-m", "tools.start", **settings)
        again.until("Wangge is ready")
        assert "Loaded" not in again.log.read_text()
        again.end()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_both_processes_end_with_the_service(start, how):
    service = start("-c", PARTS)
    pids = service.pids()
    assert all(runs(pid) for pid in pids)
    assert service.end(how) == 128 + how
    assert not any(runs(pid) for pid in pids)


@pytest.mark.parametrize(("dies", "name"), [(0, "web"), (1, "worker")])
def test_the_service_ends_with_an_error_when_one_of_its_processes_dies(start, dies, name):
    service = start("-c", PARTS)
    pids = service.pids()
    os.kill(pids[dies], signal.SIGKILL)
    assert service.process.wait(PATIENCE) == 1
    assert not any(runs(pid) for pid in pids)
    service.until(f"{name} ended; stopping")


def refused(folder: Path, **settings: str) -> str:
    """What a start with these settings says before it ends with an error."""
    environment = os.environ | {"INSTANCE_PATH": str(folder / "instance")} | settings
    command = [sys.executable, "-m", "tools.start"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr


def test_a_port_in_use_is_said_before_anything_is_done(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"Port {port} is in use" in refused(tmp_path, PORT=port)
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("PORT", "http", "PORT='http': give a number"),
        ("DATABASE_URL", "mysql://nowhere/wangge", "mysql"),
        ("DATABASE_URL", "postgresql+psycopg://x@/y?host=/nowhere", "cannot be opened"),
        ("PUBLIC_MAP", "perhaps", "PUBLIC_MAP='perhaps'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_in_a_line(tmp_path, setting, value, said):
    words = refused(tmp_path, **{"PORT": str(free_port()), setting: value})
    assert said in words
    assert "Traceback" not in words


def test_help_says_each_thing_that_can_be_made():
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {line.split()[1] for line in done.stdout.splitlines()} == set(targets)
