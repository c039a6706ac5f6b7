"""`make run` on an empty database: prepared, served, and ended as one."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds, on a slow machine with other work


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """A started `tools.start`, its output so far and its address."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "log"
        settings = {"DATABASE_URL": database_url, "PORT": str(self.port)}
        self.environment = os.environ | settings | {"INSTANCE_PATH": str(folder / "instance")}
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tools.start"]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )

    def until(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.log.read_text()):
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        pytest.fail(f"no {pattern!r} in the output:\n{self.log.read_text()}")

    def pid(self, name: str) -> int:
        return int(self.until(rf"{name} started \(pid=(\d+)\)")[1])

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE)


@pytest.fixture
def service(database_kind: str, tmp_path: Path) -> Iterator[Service]:
    with databases.blank(database_kind, tmp_path) as url:
        service = Service(url, tmp_path)
        yield service
        if service.process.poll() is None:
            service.end()


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_empty_database_is_prepared_and_served_and_both_processes_end(service):
    service.until(f"Wangge is ready: http://127.0.0.1:{service.port}")
    answer = service.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert service.get("/").status_code == 200
    web, worker = service.pid("web"), service.pid("worker")
    assert runs(web)
    assert runs(worker)
    assert service.end() == 128 + signal.SIGTERM
    assert not runs(web)
    assert not runs(worker)


def test_the_service_ends_when_one_of_its_processes_dies(service):
    service.until("Wangge is ready")
    web = service.pid("web")
    os.kill(service.pid("worker"), signal.SIGKILL)
    assert service.process.wait(PATIENCE) != 0
    assert not runs(web)


def test_the_service_ends_when_its_terminal_is_closed(service):
    service.until("Wangge is ready")
    web, worker = service.pid("web"), service.pid("worker")
    service.end(signal.SIGHUP)
    assert not runs(web)
    assert not runs(worker)


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
