"""Prepare, then serve: the web server and the worker for long jobs, as one service.

The program is imported once, here; both processes are forked from it, which halves the start. When
one of them ends, or TERM, Ctrl-C or a closed terminal comes, both are ended.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from multiprocessing import connection, get_context
from multiprocessing.context import ForkProcess
from typing import Any

from tools import spatialite
from tools.memory import share_one_arena

HOST = "127.0.0.1"
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GRACE_S = 10


def main() -> int:
    share_one_arena()
    spatialite.set_library_path()
    port = os.environ.get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        print(f"PORT={port!r}: give a number from 1 to 65535", file=sys.stderr)
        return 1
    if in_use(int(port)):
        print(f"Port {port} is in use. Choose another: PORT=8001 make run", file=sys.stderr)
        return 1
    from tools import prepare, web

    app = prepare.prepare()
    if app is None:
        return 1
    app.extensions["database"].engine.dispose()  # no connection crosses the forks
    return supervise(
        web=lambda: web.Web(app, f"{HOST}:{port}").run(),
        worker=lambda: prepare.command(app, "jobs", "work"),
    )


def in_use(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def supervise(**parts: Callable[[], None]) -> int:
    """Run each part in a process of its own until one ends or we are told to; the exit status."""
    for ending in ENDINGS:
        if signal.getsignal(ending) != signal.SIG_IGN:  # as nohup asks
            signal.signal(ending, _end)
    fork = get_context("fork")
    processes = [fork.Process(target=_apart, args=(do,), name=name) for name, do in parts.items()]
    try:
        for process in processes:
            process.start()
            print(f"{process.name} started (pid={process.pid})", flush=True)
        ended = connection.wait([process.sentinel for process in processes])
        dead = [process.name for process in processes if process.sentinel in ended]
        print(f"{' and '.join(dead)} ended; stopping", file=sys.stderr, flush=True)
        return 1
    finally:
        _end_all(processes)


def _end(number: int, _frame: Any) -> None:
    raise SystemExit(128 + number)


def _apart(do: Callable[[], None]) -> None:
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_DFL)
    os.setsid()  # Ctrl-C reaches the supervisor alone, who ends all in order
    do()


def _end_all(processes: list[ForkProcess]) -> None:
    for process in processes:
        if process.is_alive():
            process.terminate()
    for process in processes:
        if process.pid:
            process.join(GRACE_S)
            process.kill()
            process.join()


if __name__ == "__main__":
    raise SystemExit(main())
