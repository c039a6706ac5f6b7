"""Every address x every visitor: who is let in, and what every answer carries."""

import re
from html.parser import HTMLParser

import pytest

from tests.factories.cases import make_case, make_ground
from tests.factories.people import make_office, make_person, sign_in, token
from tests.people.doors import DOORS, EVERYBODY, visits
from webapp import create_app
from webapp.people.models import Role

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
VISITORS = [None, *Role]


@pytest.fixture
def people(session):
    office = make_office(session)
    people = {role: make_person(session, office, role) for role in Role}
    session.commit()
    return people


@pytest.fixture
def visit(app, session, people):
    """Go to an address as somebody: `visit(role, method, path)`."""
    forms = {}  # by role: the token of a page's form, and what the session keeps of it

    def go(role, method, path, **options):
        client = app.test_client()
        if role:
            session.refresh(people[role])  # the epoch may have risen at a door before
            session.rollback()
            sign_in(client, people[role])
        if method in CHANGING and "data" not in options:
            if role not in forms:
                given = token(client, "/me" if role else "/sign-in")
                with client.session_transaction() as cookies:
                    forms[role] = given, cookies["csrf_token"]
            given, kept = forms[role]
            with client.session_transaction() as cookies:
                cookies["csrf_token"] = kept
            options["data"] = {"csrf_token": given}
        return client.open(path, method=method, **options)

    return go


def verdict(answer):
    if answer.status_code in (301, 302, 303) and answer.location.startswith("/sign-in"):
        return "sign in"
    return {401: "sign in", 403: "not yours"}.get(answer.status_code, "in")


def test_every_address_has_its_expectation(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(DOORS)


@pytest.mark.parametrize("role", VISITORS, ids=lambda role: role or "anonymous")
def test_every_door_opens_to_those_it_is_for(app, visit, role):
    wrong = {}
    for method, path, endpoint in visits(app):
        expected = "in" if role in DOORS[endpoint] else "not yours" if role else "sign in"
        found = visit(role, method, path)
        leaves = endpoint == "people.sign_out_everywhere"  # its way out is the sign-in page
        if not leaves and (verdict(found) != expected or found.status_code >= 500):
            wrong[f"{method} {path}"] = f"{found.status_code}, expected: {expected}"
    assert wrong == {}


def test_a_closed_map_is_closed_to_visitors_alone(database, people):
    app = create_app(engine=database, testing=True, secret_key="x", public_map=False)
    open_to_all = {
        "map.areas_json"
    }  # outlines hold nothing of cases, and reports are placed by them
    maps = [
        (m, path)
        for m, path, endpoint in visits(app)
        if endpoint.startswith("map.") and endpoint not in open_to_all
    ]
    assert len(maps) >= 2
    staff, stranger = app.test_client(), app.test_client()
    sign_in(staff, people[Role.LEADER])
    for method, path in maps:
        assert verdict(stranger.open(path, method=method)) == "sign in", path
        assert verdict(staff.open(path, method=method)) == "in", path


def test_nothing_is_changed_without_the_token_of_a_form(app, visit):
    accepted = {}
    for method, path, _endpoint in visits(app):
        if method not in CHANGING:
            continue
        answer = visit(Role.ADMINISTRATOR, method, path, data={}, headers={"Accept": "text/json"})
        if answer.status_code != 400 or "csrf" not in answer.text:
            accepted[f"{method} {path}"] = answer.status_code
    assert accepted == {}


class Offences(HTMLParser):
    """What a strict content policy would block, or what would slip under it."""

    def __init__(self, nonce):
        super().__init__()
        self.nonce, self.found = nonce, []

    def handle_starttag(self, tag, attributes):
        facts = dict(attributes)
        self.found += [f"{tag} {name}" for name in facts if name == "style" or name[:2] == "on"]
        runs = tag in ("script", "style") and facts.get("type") != "application/json"
        if runs and facts.get("nonce") != self.nonce:
            self.found.append(f"{tag} without the nonce")
        if str(facts.get("href") or facts.get("src") or "").startswith(("http:", "//", "java")):
            self.found.append(f"{tag} to another origin")


@pytest.mark.parametrize("role", [None, Role.ADMINISTRATOR], ids=lambda role: role or "anonymous")
def test_every_page_keeps_the_content_policy(app, session, people, visit, role):
    case = make_case(session, make_ground(session).office)
    session.commit()
    known = {"number": case.number, "area_id": case.area_id, "person_id": people[Role.LEADER].id}
    offences, pages = {}, 0
    for method, path, _endpoint in visits(app, **known):
        answer = visit(role, method, path) if method == "GET" else None
        if (
            answer is None
            or answer.mimetype != "text/html"
            or answer.status_code in (301, 302, 303)
        ):
            continue
        pages += 1
        policy = answer.headers["Content-Security-Policy"]
        nonces = re.findall(r"(script|style)-src 'self' 'nonce-([^']+)'", policy)
        reader = Offences(nonces[0][1])
        reader.feed(answer.text)
        if "unsafe" in policy or [kind for kind, _nonce in nonces] != ["script", "style"]:
            reader.found.append(policy)
        if reader.found:
            offences[f"{method} {path}"] = reader.found
    assert offences == {}
    assert pages > 4


def test_a_nonce_is_used_once(client):
    policies = {client.get("/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_every_answer_carries_the_security_headers(app, visit):
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "same-origin",
    }
    for method, path, _endpoint in visits(app):
        headers = visit(None, method, path).headers
        assert {name: headers.get(name) for name in wanted} == wanted, path
        assert "object-src 'none'" in headers["Content-Security-Policy"], path
        assert "geolocation" in headers["Permissions-Policy"], path


def test_doors_for_everybody_are_few_and_known():
    """Whoever opens one more must say so here."""
    opened = {endpoint.partition(".")[0] for endpoint, who in DOORS.items() if who is EVERYBODY}
    known = {"desks", "follow", "health", "i18n", "map", "people", "places_api", "report"}
    assert opened == known | {"standards_api", "static"}
