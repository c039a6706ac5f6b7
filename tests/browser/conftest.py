"""A real browser on a real server: what a person sees, on phone or desk, in either language.

`page` is a desk in Chinese; `new_page("phone", "en")` opens others. Every page is watched: a
request to another origin, an error in the console (a blocked script or style is one) or an
uncaught exception fails the test at its end, unless the test names it in `expected_errors`
(regular expressions, such as r"status of 404").
"""

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.factories import people
from tools.system import find_chromium
from webapp.people.models import Person

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
# Playwright's own list, whose place ours takes, and the two popups of the address bar: each page
# would have a renderer more for them, which takes half the time of opening it.
UNUSED = (
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints",
    "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup", "WebUIOmniboxPopup",
)  # fmt: skip
FLAGS = (
    "--no-sandbox",  # tests run as root in CI
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(UNUSED)}",
)
PATIENCE_MS = 15_000  # a machine that does other things besides is slow, not wrong
OWN_SCHEMES = ("data:", "blob:", "about:")


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the application, served by threads of this process on a free port.

    Each test's browser gets all files anew: they are compressed with less care than in service.
    """
    app.config.update(COMPRESS_BR_LEVEL=1, COMPRESS_ZSTD_LEVEL=1)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = False  # closing waits for requests that still hold a connection
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail("No Chromium here. Run `make test`, or set CHROMIUM_PATH.")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def expected_errors() -> list[str]:
    """Regular expressions of what may go wrong in this test; the test adds to it."""
    return []


@pytest.fixture
def watched() -> list[str]:
    """What the watch has seen so far that no page of ours may do."""
    return []


@pytest.fixture
def new_page(
    browser: Browser, live_server: str, expected_errors: list[str], watched: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser context of its own: `new_page(size, language, **context)`."""
    contexts = []

    def open_page(size: str = "desk", language: str = "zh", **options: object) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=live_server,
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            has_touch=size == "phone",
            is_mobile=size == "phone",
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        watch(page, live_server, watched)
        return page

    yield open_page
    for context in contexts:
        context.close()
    unexpected = [w for w in watched if not any(re.search(e, w) for e in expected_errors)]
    assert not unexpected, "\n".join(["In the browser:", *unexpected])


def watch(page: Page, origin: str, seen: list[str]) -> None:
    """Write into `seen` whatever a page does that no page of ours may do."""

    def on_request(url: str) -> None:
        if not url.startswith((f"{origin}/", *OWN_SCHEMES)):
            seen.append(f"request to another origin: {url}")

    page.context.on("request", lambda request: on_request(request.url))
    page.on("console", lambda m: seen.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: seen.append(f"exception: {error}"))


@pytest.fixture
def sign_in(app: Flask, live_server: str) -> Callable[[Page, Person], None]:
    """Let a page's browser be one in which somebody has signed in.

    The way through the sign-in page is gone in test_whole_life and test_whole_way.
    """

    def put_cookie(page: Page, person: Person) -> None:
        client = app.test_client()
        with client:
            people.sign_in(client, person)
        cookie = client.get_cookie("session")
        assert cookie
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": live_server}])

    return put_cookie


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Page:
    return new_page("phone")
