"""Limits on how often a visitor may ask, and the counts behind them."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits.storage import storage_from_string

from webapp.core import counting, rates
from webapp.core.counting import ProcessStorage
from webapp.core.settings import settings_from

Clock = Callable[[float], None]


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lets the storage's clock go on by so many seconds."""
    now = [1_000_000.0]
    monkeypatch.setattr(counting.time, "time", lambda: now[0])

    def later(seconds: float) -> None:
        now[0] += seconds

    return later


def client_of(rate: str, **options: object) -> FlaskClient:
    """Of an application with one limited view; it answers 422 to `?wrong`."""
    app = Flask(__name__)
    rates.init_app(app, settings_from(rate_limits=True, secret_key="key"))

    @app.route("/", methods=["GET", "POST"])
    @rates.limit(rate, **options)  # type: ignore[arg-type]
    def view() -> tuple[str, int]:
        return "", 422 if rates.request.args else 200

    return app.test_client()


def statuses(client: FlaskClient, times: int, path: str = "/", method: str = "GET") -> list[int]:
    return [client.open(path, method=method).status_code for _ in range(times)]


def test_one_request_too_many_is_refused_until_the_window_ends(pass_time: Clock) -> None:
    client = client_of("2 per minute")
    assert statuses(client, 3) == [200, 200, 429]
    pass_time(59)
    assert statuses(client, 1) == [429]
    pass_time(2)
    assert statuses(client, 3) == [200, 200, 429]


def test_of_two_rates_each_is_kept(pass_time: Clock) -> None:
    client = client_of("3 per hour; 2 per minute")
    assert statuses(client, 3) == [200, 200, 429]
    pass_time(61)
    assert statuses(client, 2) == [200, 429]


def test_each_key_has_its_own_count() -> None:
    client = client_of("1 per minute", key_func=lambda: rates.request.args.get("who", ""))
    assert statuses(client, 2, "/?who=a") == [422, 429]
    assert statuses(client, 2, "/?who=b") == [422, 429]


def test_who_is_exempt_is_not_counted() -> None:
    assert statuses(client_of("1 per minute", exempt_when=lambda: True), 3) == [200] * 3


def test_only_answers_that_count_use_up_the_limit() -> None:
    client = client_of("2 per minute", deduct_when=lambda answer: answer.status_code == 422)
    assert statuses(client, 3) == [200] * 3
    assert statuses(client, 3, "/?wrong=1") == [422, 422, 429]
    assert statuses(client, 1) == [429]


def test_only_the_methods_named_are_limited() -> None:
    client = client_of("1 per minute", methods=["POST"])
    assert statuses(client, 3) == [200] * 3
    assert statuses(client, 2, method="POST") == [200, 429]


def test_what_has_run_out_is_forgotten(pass_time: Clock) -> None:
    storage = storage_from_string("process://")
    assert isinstance(storage, ProcessStorage)
    for number in range(100):
        storage.incr(f"address {number}", 30)
    pass_time(counting.SWEEP_S + 1)
    storage.incr("another", 30)
    assert storage.reset() == 1


def test_a_window_tells_its_count_and_its_end(pass_time: Clock) -> None:
    storage = ProcessStorage()
    assert storage.check()
    assert (storage.get("a"), storage.get_expiry("a")) == (0, 1_000_000)
    assert [storage.incr("a", 30), storage.incr("a", 30, amount=2)] == [1, 3]
    assert (storage.get("a"), storage.get_expiry("a")) == (3, 1_000_030)
    pass_time(31)
    assert storage.get("a") == 0
    storage.incr("a", 30)
    storage.clear("a")
    assert storage.get("a") == 0
