"""Texts that try to be code, in every field that a person or a file fills: they stay texts.

All of them stand in each field, one after the other, and each tells on itself when it runs.
"""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from tests.factories.cases import Ground, make_ground
from tests.factories.people import make_person
from tests.factories.town import put_case
from webapp.cases.models import Case, Reporter
from webapp.core.clock import now
from webapp.people.models import Person, Role
from webapp.standards.service import set_day


def runs(name: str) -> str:
    return f"window.__ran_{name}=1"


TEMPLATE = runs("template")
TEXTS = {
    "script": f"</script><script>{runs('script')}</script>",
    "image": f"<img src=x onerror={runs('image')}>",
    "attribute": f"\"' autofocus onfocus={runs('attribute')} x='",
    "template": f"`${{{TEMPLATE}}}` {{{{{TEMPLATE}}}}} ${{{TEMPLATE}}} {{% raw %}}",
    "comment": f"<!--<svg onload={runs('comment')}>-->]]>\\u003cscript>\\x3c/",
    "direction": "\u202e\u2066gnitseuqer\u2069 &lt;b&gt; &amp; %(name)s %s {0}",
}
EVIL = " ".join(TEXTS.values())
READY = "#map-page:not([data-loading])"


@pytest.fixture
def ground(session: Session) -> Ground:
    """An office in which every name is hostile."""
    ground = make_ground(session)
    office = ground.office
    office.name = EVIL
    for grid in ground.grids:
        grid.name = EVIL
        grid.area.name = EVIL
        grid.area.parent.name = EVIL
    set_day(session, office, now().date(), False, EVIL)
    session.flush()
    return ground


@pytest.fixture
def case(session: Session, ground: Ground) -> Case:
    """A case of that office; its class, department and reporter are hostile too."""
    manager = make_person(session, ground.office, Role.GRID_MANAGER, name=EVIL, phone=EVIL)
    ground.grids[0].area.manager = manager
    case = put_case(session, ground, 0, description=EVIL, address=EVIL, due_in=-1)
    case.reporter = Reporter(name=EVIL, contact=EVIL)
    condition = case.condition
    condition.name_zh = condition.name_en = condition.closing_condition = EVIL
    for named in ("name_zh", "name_en", "group_name"):
        setattr(condition.case_class, named, EVIL)
    case.lead_department.name = EVIL
    put_case(session, ground, None, description=EVIL, address=EVIL)
    ground.office.revision += 1
    session.commit()
    return case


@pytest.fixture
def enter(page: Page, session: Session, ground: Ground, sign_in) -> Callable[[Role], Person]:
    def come_in(role: Role) -> Person:
        person = make_person(session, ground.office, role, name=EVIL)
        session.commit()
        sign_in(page, person)
        page.goto("/me")
        return person

    return come_in


@pytest.fixture(autouse=True)
def unharmed(page: Page) -> Iterator[None]:
    """No dialog opens and nothing of the texts becomes an element, on whatever page it ends."""
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    yield
    assert not opened


def shows(page: Page) -> None:
    """Each text is on the page, as text, and has run nowhere."""
    page.wait_for_load_state("networkidle")
    seen = page.evaluate(
        """() => [document.body.textContent,
          ...[...document.querySelectorAll("input")].map((input) => input.value)]"""
    )
    missing = [name for name, text in TEXTS.items() if not any(text in one for one in seen)]
    assert not missing, page.url
    harmless(page)


def harmless(page: Page) -> None:
    ran = page.evaluate("() => Object.keys(window).filter((name) => name.startsWith('__ran_'))")
    assert ran == [], page.url
    assert page.locator("img[src=x], svg[onload], [onerror], [onfocus]").count() == 0, page.url


def test_on_the_pages_of_cases(page: Page, enter, case: Case) -> None:
    enter(Role.DISPATCHER)
    shows(page)
    for address in ("/cases", f"/cases/{case.number}", "/desk/dispatch?tab=unplaced"):
        page.goto(address)
        shows(page)
    for text in (EVIL, *TEXTS.values()):
        page.goto("/cases?" + "&".join(f"{name}={quote(text, safe='')}" for name in ("q", "group")))
        harmless(page)


def test_on_the_map_its_cards_and_its_search(page: Page, enter, case: Case) -> None:
    enter(Role.DISPATCHER)
    page.goto("/map")
    page.wait_for_selector(READY)
    shows(page)
    page.fill("#map-search", case.number)
    page.locator("#map-find-0").click()
    page.locator("#map-card").get_by_text(case.number).wait_for()
    assert EVIL in page.locator("#map-card").text_content()
    harmless(page)
    for text in TEXTS.values():
        page.fill("#map-search", text[:40])
        page.wait_for_load_state("networkidle")
        harmless(page)


def test_on_the_public_pages(page: Page, case: Case) -> None:
    page.goto("/map")
    page.wait_for_selector(READY)
    shows(page)
    page.goto("/report")
    shows(page)
    for text in (EVIL, *TEXTS.values()):
        page.goto(f"/sign-in?next=/{quote(text, safe='')}")
        harmless(page)


def test_on_the_administrators_pages(page: Page, enter, case: Case) -> None:
    person = enter(Role.ADMINISTRATOR)
    for address in (
        "/admin/places",
        "/admin/standards",
        "/admin/calendar",
        "/admin/routing",
        "/admin/people",
        f"/admin/people/{person.id}",
    ):
        page.goto(address)
        shows(page)
