"""The watch over pages must see what it is there for; here it is shown real offenders."""

import pytest
from flask import Flask, render_template_string

PAGES = {
    "other-origin": "<img src='http://127.0.0.2:9/picture.png' alt=''>",
    "inline-script": "<script>document.title = 'ran'</script>",
    "inline-style": "<p style='color: red'>red</p>",
    "exception": "<script nonce='{{ csp_nonce() }}'>throw new Error('on purpose')</script>",
    "harmless": "<link rel='stylesheet' href='/static/vendor/leaflet/dist/leaflet.css'>",
}


@pytest.fixture
def app(own_app: Flask) -> Flask:
    """The application with pages that offend."""
    head = "<!doctype html><title>still</title><link rel='icon' href='data:,'>"
    for name, body in PAGES.items():
        view = lambda body=body: render_template_string(head + body)  # noqa: E731
        own_app.add_url_rule(f"/{name}", f"offender-{name}", view)
    return own_app


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("other-origin", "request to another origin: http://127.0.0.2:9/picture.png"),
        ("inline-script", "Content Security Policy"),
        ("inline-style", "Content Security Policy"),
        ("exception", "on purpose"),
    ],
)
def test_an_offending_page_is_seen(page, expected_errors, watched, name, seen):
    expected_errors.append(".")
    page.goto(f"/{name}")
    page.wait_for_timeout(100)
    assert any(seen in words for words in watched), watched
    assert page.title() == "still"


def test_a_page_of_our_own_origin_is_no_offence(page, watched):
    answer = page.goto("/harmless")
    assert answer.status == 200
    assert watched == []


def test_a_phone_and_a_desk_have_their_size_and_language(new_page):
    phone, desk = new_page("phone", "en"), new_page("desk", "zh")
    for page in (phone, desk):
        page.goto("/harmless")
    assert phone.evaluate("[screen.width, navigator.language]") == [390, "en-US"]
    assert desk.evaluate("[innerWidth, navigator.language]") == [1440, "zh-CN"]
