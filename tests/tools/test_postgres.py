"""The throw-away PostgreSQL lives as long as its user, and leaves nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tools import postgres
from tools.system import Missing

ROOT = Path(__file__).resolve().parents[2]
USER = """
import time
from tools import postgres
with postgres.lifetime() as folder:
    print(folder, postgres.server(folder), flush=True)
    time.sleep(60)
"""


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def comes_true(fact: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.05)
    return fact()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_with_its_user_however_that_ends(how):
    user = subprocess.Popen(
        [sys.executable, "-c", USER],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.DEVNULL,
    )
    with user:
        folder, url = user.stdout.readline().split()
        cluster = Path(url.partition("host=")[2])
        pid = int((cluster / "data" / "postmaster.pid").read_text().split()[0])
        assert runs(pid)
        user.send_signal(how)
    assert comes_true(lambda: not runs(pid))
    assert comes_true(lambda: not cluster.exists() and not Path(folder).exists())


HELPER = """
import contextlib, itertools, pathlib, sys, time
until = time.monotonic() + 1
for number in itertools.takewhile(lambda _: time.monotonic() < until, itertools.count()):
    with contextlib.suppress(OSError):
        (pathlib.Path(sys.argv[1]) / f"left-{number}").write_text("still here")
"""


def test_what_helpers_of_the_user_write_after_its_end_is_removed_too():
    starts = USER.replace("    time.sleep", f"    start({HELPER!r}, folder)\n    time.sleep")
    begin = """
import subprocess, sys
def start(code, folder):
    subprocess.Popen([sys.executable, "-c", code, str(folder)])
"""
    user = subprocess.Popen(
        [sys.executable, "-c", begin + starts], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with user:
        folder = Path(user.stdout.readline().split()[0])
        assert comes_true((folder / "left-0").exists)
        user.kill()
    assert comes_true(lambda: not folder.exists())
    time.sleep(1)  # the helper has ended by now
    assert not folder.exists()


def test_two_who_ask_get_one_server_with_postgis_and_no_network():
    with postgres.lifetime() as folder:
        url = postgres.server(folder)
        assert postgres.server(folder) == url
        engine = create_engine(url)
        with engine.connect() as connection:
            connection.execute(text("CREATE EXTENSION postgis"))
            assert connection.scalar(text("SHOW listen_addresses")) == ""
        engine.dispose()
        cluster = Path(url.partition("host=")[2])
    assert comes_true(lambda: not cluster.exists() and not folder.exists())


def test_where_there_is_no_postgis_the_words_say_what_to_do(monkeypatch):
    monkeypatch.setenv("POSTGRES_BIN", "/nowhere")
    with postgres.lifetime() as folder, pytest.raises(Missing, match="make test"):
        postgres.server(folder)
