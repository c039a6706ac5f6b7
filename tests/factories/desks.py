"""What tests of desks ask again and again: what stands in a tab, and who looks."""

from tests.factories.life import Town
from webapp.cases.models import Case
from webapp.desks.frame.desk import Desk
from webapp.desks.frame.rows import read_page
from webapp.desks.map.filters import MapFilters
from webapp.desks.map.queries import View
from webapp.people.models import Person


def looking(town: Town, person: Person) -> View:
    return View(person.office, person, MapFilters(), town.now)


def numbers(town: Town, desk: Desk, tab: str, person: Person) -> list[str]:
    """The cases in a tab, as the desk orders them."""
    page = read_page(town.session, desk, desk.tab(tab), looking(town, person), "")
    return [row.number for row in page.rows]


def in_order(cases: list[Case]) -> list[str]:
    """The numbers of cases in the order of every desk: the next due first."""
    ordered = sorted(cases, key=lambda case: (case.stage_due_at or case.due_at, case.id))
    return [case.number for case in ordered]


def notes_of(town: Town, desk: Desk, tab: str, person: Person) -> dict[str, list[str]]:
    """What the rows of a tab say besides, by the cases' numbers."""
    page = read_page(town.session, desk, desk.tab(tab), looking(town, person), "")
    return {row.number: [str(note.words) for note in row.notes] for row in page.rows}
