"""What a desk is: its tabs, whose cases they show, and the conditions that make them."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from webapp.cases.access import visible_to
from webapp.cases.models import Case
from webapp.cases.vocabulary import State
from webapp.desks.map.queries import View, conditions
from webapp.people.access import area_scopes
from webapp.people.models import Person

Where = Callable[[View], ColumnElement[bool]]


def everything(_view: View) -> ColumnElement[bool]:
    return true()


def what_one_may_see(view: View) -> ColumnElement[bool]:
    assert view.person is not None  # noqa: S101 - desks are for who has signed in
    return visible_to(view.person)


def by_areas(person: Person) -> Hashable:
    """People who look after the same areas see the same numbers."""
    return tuple(area_scopes(person))


def by_person(person: Person) -> Hashable:
    """Everybody sees their own numbers."""
    return person.id


@dataclass(frozen=True)
class Note:
    """A few words more on a row, as a tag; `kind` as the macro `tag` has it."""

    words: str
    kind: str = "quiet"


@dataclass(frozen=True)
class Tab:
    """One list of a desk: the cases in some states for which `where` holds."""

    name: str
    label: Any
    states: tuple[State, ...]
    where: Where = everything
    hint: Any = ""  # what comes here, said when nothing is there


@dataclass(frozen=True)
class Desk:
    """A page of tabs; see `desks.frame`."""

    path: str
    title: Any
    tabs: tuple[Tab, ...]
    scope: Where = what_one_may_see
    shared: Callable[[Person], Hashable] = by_areas
    template: str = "desks/desk.html"
    context: Callable[[View, Tab], dict[str, Any]] | None = None
    picks: bool = False  # whether many can be chosen for one step
    notes: Callable[[Session, View, Sequence[Any]], Mapping[int, Sequence[Note]]] | None = None
    waiting: tuple[str, ...] = ()  # the tabs whose numbers the rail adds up; none: the first
    nearest: bool = False  # whether a list may begin with what is nearest to `near=lon,lat`

    def tab(self, name: str) -> Tab:
        """The tab of this name; an unknown one is the first."""
        return next((tab for tab in self.tabs if tab.name == name), self.tabs[0])

    def number(self, counts: dict[str, int]) -> int:
        """What waits here, for the rail."""
        return sum(counts[name] for name in self.waiting or (self.tabs[0].name,))

    def conditions(self, session: Session, view: View) -> Iterator[ColumnElement[bool]]:
        """Of the office, not ended, through the filters, and of this desk."""
        yield from conditions(session, replace(view, person=None))
        yield self.scope(view)


def in_tab(tab: Tab, view: View) -> ColumnElement[bool]:
    if len(tab.states) == 1:
        return (Case.state == tab.states[0]) & tab.where(view)
    return Case.state.in_(tab.states) & tab.where(view)
