"""How often a visitor may ask for the same thing: limits on views, counted by `limits`."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, after_this_request, current_app, request
from limits import parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from webapp.core import counting  # noqa: F401 - makes process:// known
from webapp.core.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
_EXTENSION = "rate limits"


def visitor_address() -> str:
    return request.remote_addr or "127.0.0.1"


def limit(
    rates: str,
    *,
    key_func: Callable[[], str] = visitor_address,
    exempt_when: Callable[[], bool] | None = None,
    deduct_when: Callable[[Response], bool] | None = None,
    methods: Collection[str] = (),
) -> Callable[[View], View]:
    """Answer 429 to whoever asks for the view more often than `rates`, such as "30 per minute".

    Requests with one `key_func` are counted together, by default those of one address. With
    `deduct_when` only those count whose answer it says yes to, with `methods` only those.
    """
    items = sorted(parse_many(rates))

    def guard(view: View) -> View:
        name = f"{view.__module__}.{view.__qualname__}"

        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            counter: FixedWindowRateLimiter | None = current_app.extensions[_EXTENSION]
            outside = methods and request.method not in methods
            if counter is None or outside or (exempt_when and exempt_when()):
                return view(*args, **kwargs)
            key = key_func()
            if deduct_when:
                fits = all(counter.test(item, name, key) for item in items)
                _count_later(deduct_when, lambda: [counter.hit(item, name, key) for item in items])
            else:
                fits = all(counter.hit(item, name, key) for item in items)
            if not fits:
                raise TooManyRequests
            return view(*args, **kwargs)

        return limited  # type: ignore[return-value]

    return guard


def _count_later(wanted: Callable[[Response], bool], count: Callable[[], object]) -> None:
    @after_this_request
    def look(response: Response) -> Response:
        if wanted(response):
            count()
        return response


def init_app(app: Flask, settings: Settings) -> None:
    """Count where the settings say, or not at all."""
    storage: Any = storage_from_string(settings.rate_limit_storage)
    app.extensions[_EXTENSION] = FixedWindowRateLimiter(storage) if settings.rate_limits else None
