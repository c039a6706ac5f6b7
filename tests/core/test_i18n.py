"""The choice of a language leads back to where one was, and never out of our pages."""

import pytest
from flask.testing import FlaskClient

from tests.factories.people import token


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
