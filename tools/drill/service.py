"""The service as `make run` has it, whose processes come back whenever one is killed."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from ctypes import c_int
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from flask import Flask

from tools import prepare, web

PATIENCE_S = 60
context = get_context("fork")


@dataclass
class Service:
    """What runs: the web server, and the worker with whoever starts it again."""

    port: int
    web: ForkProcess
    keeper: ForkProcess
    worker: Any  # the worker's process id, shared

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill_worker(self) -> bool:
        """Kill -9 the worker; its keeper starts the next."""
        return _kill(self.worker.value)

    def kill_web_worker(self, chance: random.Random) -> bool:
        """Kill -9 one of the web server's workers; gunicorn starts the next."""
        workers = _children(self.web.pid or 0)
        return bool(workers) and _kill(chance.choice(workers))


@contextlib.contextmanager
def running(app: Flask, port: int) -> Iterator[Service]:
    """Start all by fork; call it before any thread runs."""
    app.extensions["database"].engine.dispose()  # no connection crosses the forks
    worker = context.Value(c_int, 0)
    site = context.Process(target=_serve, args=(app, port), name="web")
    keeper = context.Process(target=_keep, args=(app, worker), name="keeper")
    for process in (site, keeper):
        process.start()
    try:
        yield Service(port, site, keeper, worker)
    finally:
        for process in (keeper, site):
            process.terminate()
            process.join(PATIENCE_S)
            process.kill()
        _kill(worker.value)


def _serve(app: Flask, port: int) -> None:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    web.Web(app, f"127.0.0.1:{port}").run()


def _keep(app: Flask, worker: Any) -> None:
    """Fork a worker, wait for its end, fork the next."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        pid = os.fork()
        if pid == 0:
            prepare.command(app, "jobs", "work", "--pause", "0.2")
            os._exit(0)
        worker.value = pid
        os.waitpid(pid, 0)


def _children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _kill(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False  # it is being started again just now
    return True


def wait_for(done: Any, what: str) -> None:
    end = time.monotonic() + 4 * PATIENCE_S
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: still not after {4 * PATIENCE_S} s")
        time.sleep(0.3)
