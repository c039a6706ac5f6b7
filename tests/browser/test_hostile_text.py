"""Texts that try to be code, in every field that a person or a file fills: they stay texts."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from tests.factories.cases import Ground, make_ground
from tests.factories.people import PASSWORD, make_person
from tests.factories.town import put_case
from webapp.cases.models import Case, Reporter
from webapp.core.clock import now
from webapp.people.models import Person, Role
from webapp.standards.service import set_day

SET = "window.__hacked=1"
TEXTS = {
    "script": f"</script><script>{SET}</script>",
    "image": f"<img src=x onerror={SET}>",
    "attribute": f"\"' autofocus onfocus={SET} x='",
    "template": f"`${{{SET}}}` {{{{{SET}}}}} ${{{SET}}} {{% raw %}}",
    "comment": f"<!--<svg onload={SET}>-->]]>\\u003cscript>\\x3c/",
    "direction": "\u202e\u2066gnitseuqer\u2069 &lt;b&gt; &amp; %(name)s %s {0}",
}
READY = "#map-page:not([data-loading])"


@pytest.fixture(params=TEXTS)
def evil(request: pytest.FixtureRequest) -> str:
    return TEXTS[request.param]


@pytest.fixture
def ground(session: Session, evil: str) -> Ground:
    """An office in which every name is hostile."""
    ground = make_ground(session)
    office = ground.office
    office.name = evil
    for grid in ground.grids:
        grid.name = evil
        grid.area.name = evil
        grid.area.parent.name = evil
    set_day(session, office, now().date(), False, evil)
    session.flush()
    return ground


@pytest.fixture
def case(session: Session, ground: Ground, evil: str) -> Case:
    """A case of that office; its class, department and reporter are hostile too."""
    manager = make_person(session, ground.office, Role.GRID_MANAGER, name=evil, phone=evil[:20])
    ground.grids[0].area.manager = manager
    case = put_case(session, ground, 0, description=evil, address=evil, due_in=-1)
    case.reporter = Reporter(name=evil[:60], contact=evil)
    condition = case.condition
    condition.name_zh = condition.name_en = condition.closing_condition = evil
    for named in ("name_zh", "name_en", "group_name"):
        setattr(condition.case_class, named, evil)
    case.lead_department.name = evil
    put_case(session, ground, None, description=evil, address=evil)
    ground.office.revision += 1
    session.commit()
    return case


@pytest.fixture
def sign_in(page: Page, session: Session, ground: Ground, evil: str) -> Callable[[Role], Person]:
    def enter(role: Role) -> Person:
        person = make_person(session, ground.office, role, name=evil)
        session.commit()
        page.goto("/sign-in?next=/me")
        page.fill("[name=username]", person.username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/me")
        return person

    return enter


@pytest.fixture(autouse=True)
def unharmed(page: Page) -> Iterator[None]:
    """No dialog opens and nothing of the texts becomes an element, on whatever page it ends."""
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    yield
    assert not opened


def shows(page: Page, evil: str) -> None:
    """The text is on the page, as text, and has run nowhere."""
    page.wait_for_load_state("networkidle")
    seen = page.evaluate("() => document.body.textContent")
    values = page.evaluate("() => [...document.querySelectorAll('input')].map((i) => i.value)")
    assert evil in seen or evil in values, page.url
    harmless(page)


def harmless(page: Page) -> None:
    assert page.evaluate("() => window.__hacked") is None, page.url
    assert page.locator("img[src=x], svg[onload], [onerror], [onfocus]").count() == 0, page.url


def test_on_the_pages_of_cases(page: Page, sign_in, case: Case, evil: str) -> None:
    sign_in(Role.DISPATCHER)
    shows(page, evil)
    for address in ("/cases", f"/cases/{case.number}", "/desk/dispatch?tab=unplaced"):
        page.goto(address)
        shows(page, evil)
    page.goto("/cases?" + "&".join(f"{name}={quote(evil, safe='')}" for name in ("q", "group")))
    harmless(page)


def test_on_the_map_its_cards_and_its_search(page: Page, sign_in, case: Case, evil: str) -> None:
    sign_in(Role.DISPATCHER)
    page.goto("/map")
    page.wait_for_selector(READY)
    shows(page, evil)
    page.fill("#map-search", case.number)
    page.locator("#map-find-0").click()
    page.locator("#map-card").get_by_text(case.number).wait_for()
    assert evil.strip() in page.locator("#map-card").text_content()
    harmless(page)
    page.fill("#map-search", evil[:40])
    page.wait_for_load_state("networkidle")
    harmless(page)


def test_on_the_public_pages(page: Page, case: Case, evil: str) -> None:
    page.goto("/map")
    page.wait_for_selector(READY)
    shows(page, evil)
    page.goto("/report")
    shows(page, evil)
    page.goto(f"/sign-in?next=/{quote(evil, safe='')}")
    harmless(page)


def test_on_the_administrators_pages(
    page: Page, sign_in, case: Case, ground: Ground, evil: str
) -> None:
    person = sign_in(Role.ADMINISTRATOR)
    for address in (
        "/admin/places",
        "/admin/standards",
        "/admin/calendar",
        "/admin/routing",
        "/admin/people",
        f"/admin/people/{person.id}",
    ):
        page.goto(address)
        shows(page, evil)
