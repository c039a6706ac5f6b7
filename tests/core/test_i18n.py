"""The choice of a language leads back to where one was; lists are written as it writes them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.people import token
from webapp.core.i18n import listed


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/report?x=1", "/report?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_a_chosen_language_leads_to_our_own_pages_alone(
    client: FlaskClient, target: str, leads_to: str
) -> None:
    facts = {"next": target, "csrf_token": token(client)}
    assert client.post("/language/en", data=facts).location == leads_to


@pytest.mark.parametrize(
    ("language", "words", "line"),
    [
        ("zh", ["胜利社区", "东街社区", 3], "胜利社区、东街社区、3"),
        ("en", ["lamp", "drain", 3], "lamp, drain, 3"),
        ("zh", ["胜利社区"], "胜利社区"),
        ("zh", [], ""),
    ],
)
def test_a_list_is_written_as_the_language_writes_it(
    app: Flask, language: str, words: list[object], line: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        assert listed(iter(words)) == line
