"""Wangge under gunicorn, and beside it the barest application that writes a row.

`python -m bench._serving wangge|bare PORT` is what `serving` starts; both serve by `tools.web`,
with the settings of `make run`, by one worker unless told otherwise, on the database that
DATABASE_URL names.
"""

import contextlib
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import Engine, text

from bench.start import free_port
from tools import spatialite
from tools.memory import share_one_arena

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60


def bare_application() -> Flask:
    """One view that inserts one row and commits."""
    from webapp.core.database import Database, make_engine

    app = Flask(__name__)
    database = app.extensions["database"] = Database(make_engine(os.environ["DATABASE_URL"]))

    @app.post("/")
    def insert_row() -> str:
        with database.engine.connect().execution_options(writes=True) as connection:
            connection.execute(text("INSERT INTO bare (words) VALUES (:words)"), {"words": "lamp"})
            connection.commit()
        return "done"

    return app


def make_bare_table(engine: Engine) -> None:
    number = "INTEGER" if engine.dialect.name == "sqlite" else "SERIAL"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE bare (id {number} PRIMARY KEY, words TEXT)"))


@dataclass
class Service:
    """A service that runs: its port and the processes of its workers."""

    port: int
    workers: list[int]

    @property
    def worker(self) -> int:
        return self.workers[0]

    def visitor(self, address: str) -> "Visitor":
        return Visitor(http.client.HTTPConnection("127.0.0.1", self.port), address)


@dataclass
class Visitor:
    """A visitor with cookies and a kept connection, who comes through the proxy."""

    connection: http.client.HTTPConnection
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        headers |= {"X-Forwarded-For": self.address}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, content, response.headers

    def get(self, path: str) -> str:
        status, content, _headers = self.ask("GET", path)
        assert status == 200, f"{path}: {status}"
        return content.decode()

    def csrf_token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path))
        assert found, f"{path} has no CSRF token"
        return found[1]

    def sign_in(self, username: str, password: str) -> None:
        form = {"username": username, "password": password}
        form["csrf_token"] = self.csrf_token("/sign-in")
        status, _content, headers = self.ask("POST", "/sign-in", urlencode(form))
        assert (status, headers["Location"]) == (302, "/"), f"signing in: {status}"


@contextlib.contextmanager
def serving(kind: str, engine: Engine, workers: int = 1) -> Iterator[Service]:
    """`wangge` or `bare` on this database; ended afterwards."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "INSTANCE_PATH": folder,
            "WEB_CONCURRENCY": str(workers),
            "BEHIND_PROXY": "1",
        }
        command = [sys.executable, "-m", "bench._serving", kind, port]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            yield Service(int(port), wait_for_workers(process, int(port), workers))
        finally:
            process.terminate()
            process.wait()


def wait_for_workers(process: "subprocess.Popen[bytes]", port: int, workers: int) -> list[int]:
    """The process ids of the workers, once all are there and one answers."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            if len(found := children.split()) == workers:
                return [int(child) for child in found]
        time.sleep(0.05)
    raise SystemExit("the service did not come to answer")


def main(kind: str, port: str) -> None:
    share_one_arena()
    spatialite.set_library_path()
    if kind == "bare":
        app = bare_application()
    else:
        from webapp import create_app

        app = create_app()
    from tools.web import Web

    Web(app, f"127.0.0.1:{port}").run()


if __name__ == "__main__":
    main(*sys.argv[1:])
