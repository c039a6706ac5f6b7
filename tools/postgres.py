"""A throw-away PostgreSQL with PostGIS: its own cluster and Unix socket, gone when its user is.

`python -m tools.postgres COMMAND …` runs a command with TEST_POSTGIS_URL naming such a server. A
keeper process, apart from its user, holds the server and removes all of it as soon as the user has
ended, however that came: it waits for a lock on a file that the user's process holds while alive.
"""

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.system import Missing, find_postgres, memory_folder

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
LINGER_SECONDS = 20
FOR_TESTS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
    "max_wal_size=128MB", "jit=off",
)  # fmt: skip
FOR_BENCH = ("shared_buffers=1GB", "maintenance_work_mem=256MB", "max_wal_size=4GB")


@contextlib.contextmanager
def lifetime(in_memory: bool = False) -> Iterator[Path]:
    """A new folder that is "in use" as long as this process lives; servers are tied to it.

    `in_memory`: it and they may lie in the machine's memory, where that has room.
    """
    folder = Path(tempfile.mkdtemp(prefix="wangge-", dir=memory_folder() if in_memory else None))
    folder.chmod(0o711)  # the server's own user passes through it
    alive = (folder / "alive").open("w")
    fcntl.flock(alive, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # the keeper removes what its server still holds
        alive.close()


def server(folder: Path, durable: bool = False) -> str:
    """The URL of the folder's server, started by whoever asks first.

    Raises `Missing` where there is no PostGIS or it does not start.
    """
    with (folder / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = folder / "server.url"
        if not answer.exists():
            _start_keeper(folder, durable)
            deadline = time.monotonic() + START_SECONDS
            while not answer.exists() and time.monotonic() < deadline:
                time.sleep(0.02)
        url = answer.read_text() if answer.exists() else ""
        if not url.startswith("postgresql"):
            words = (folder / "server.log").read_text()[-2000:].strip()
            raise Missing(f"No PostgreSQL with PostGIS could be started: {words}")
        return url


def _start_keeper(folder: Path, durable: bool) -> None:
    command = [sys.executable, "-m", "tools.postgres", "--keep", str(folder), str(int(durable))]
    with (folder / "server.log").open("w") as log:
        subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


# --- the keeper -------------------------------------------------------------------------------


def keep(folder: Path, durable: bool) -> None:
    """Start the server, say where it is, wait until the folder's user has ended, remove all."""
    cluster = Path(tempfile.mkdtemp(prefix="wangge-pg-", dir=folder.parent))
    try:
        with _serving(cluster, FOR_BENCH if durable else FOR_TESTS):
            url = f"postgresql+psycopg://postgres@/postgres?host={cluster}"
            _publish(folder / "server.url", url)
            with (folder / "alive").open() as alive:
                fcntl.flock(alive, fcntl.LOCK_SH)
        _remove(folder)
    except (Missing, subprocess.CalledProcessError) as error:
        print(error, flush=True)  # into server.log
        _publish(folder / "server.url", "failed")
    except FileNotFoundError:
        if folder.exists():  # else its user has ended already
            raise
    finally:
        shutil.rmtree(cluster, ignore_errors=True)


def _remove(folder: Path) -> None:
    """Processes that the user has started may write into it for a while yet."""
    deadline = time.monotonic() + LINGER_SECONDS
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)


def _publish(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(text)
    part.rename(path)


@contextlib.contextmanager
def _serving(cluster: Path, settings: tuple[str, ...]) -> Iterator[None]:
    home = find_postgres()
    if home is None:
        raise Missing("none is installed here; `make test` installs it, TEST_POSTGIS_URL names one")
    user = _server_user()
    if user:
        shutil.chown(cluster, user, user)
    data = cluster / "data"
    run: dict[str, Any] = {"user": user, "cwd": cluster, "extra_groups": [] if user else None}
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
    subprocess.run([home / "initdb", "-D", data, *options], check=True, **run)
    words = [f"unix_socket_directories={cluster}", "listen_addresses=", "max_connections=60"]
    given = [word for setting in (*words, *settings) for word in ("-c", setting)]
    with subprocess.Popen([home / "postgres", "-D", data, *given], **run) as process:
        try:
            _wait_ready(home, cluster, process)
            yield
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; then it runs as its own user, or as nobody."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _wait_ready(home: Path, cluster: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    asked = [str(home / "pg_isready"), "-q", "-h", str(cluster), "-U", "postgres"]
    while subprocess.run(asked).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise Missing("it ended, or was not ready in time")
        time.sleep(0.05)


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--keep"]:
        if os.fork() == 0:  # apart from its user, whose Ctrl-C must not reach the server
            os.setsid()
            keep(Path(arguments[1]), durable=arguments[2] == "1")
        return 0
    with lifetime() as folder:
        url = os.environ.get("TEST_POSTGIS_URL") or server(folder, durable=True)
        return subprocess.run(arguments, env=os.environ | {"TEST_POSTGIS_URL": url}).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
