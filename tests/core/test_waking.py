"""The worker is called once something is committed; a call that is lost costs only time."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakeredis import TcpFakeServer
from flask import Flask

from webapp.core import jobs
from webapp.core.jobs import add_job
from webapp.core.settings import Settings
from webapp.core.waking import Waking

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A server that speaks Redis over TCP."""
    server = TcpFakeServer(("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["sqlite", "redis"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    settings = {"secret_key": "x", "wake_file": tmp_path / "wake.sqlite"}
    if request.param == "redis":
        settings["redis_url"] = request.getfixturevalue("redis_url")
    return Settings(**settings)


def test_a_call_is_heard_by_another_process_at_once(queue: Settings) -> None:
    web, worker = Waking(queue), Waking(queue)
    assert not worker.wait(0)
    threading.Timer(0.2, web.call).start()
    begin = time.monotonic()
    assert worker.wait(20)
    assert time.monotonic() - begin < 10


def test_many_calls_are_one_look(queue: Settings) -> None:
    web, worker = Waking(queue), Waking(queue)
    for _ in range(5):
        web.call()
    assert worker.wait(1)
    assert not worker.wait(0)


@pytest.mark.parametrize(
    "away", [{"redis_url": "redis://127.0.0.1:1/0"}, {"wake_file": Path("/dev/full/wake.sqlite")}]
)
def test_a_queue_that_is_away_is_said_and_breaks_nothing(
    away: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    waking = Waking(Settings(secret_key="x", **away))  # type: ignore[arg-type]
    waking.call()
    assert not waking.wait(0)
    assert "the worker could not be called" in caplog.text
    assert "calls cannot be heard" in caplog.text


def test_only_what_was_committed_calls(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "KINDS", {"dance": None})
    waking: Waking = app.extensions["waking"]
    with app.extensions["database"].session() as session:
        add_job(session, "dance", {}, NOW)
        session.flush()
        assert not waking.wait(0)
        session.rollback()
        session.commit()
        assert not waking.wait(0)
        add_job(session, "dance", {}, NOW)
        session.commit()
        assert waking.wait(0)
        session.commit()
        assert not waking.wait(0)
