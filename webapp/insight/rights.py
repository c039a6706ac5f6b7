"""What somebody may count: never more than the cases they may see."""

from dataclasses import replace

from webapp.cases.access import own_departments
from webapp.insight.selection import Rights, Selection
from webapp.people.access import area_scopes
from webapp.people.models import Person


def rights_of(person: Person) -> Rights | None:
    """The areas that somebody looks after, and the departments they are members of.

    None for who looks after the whole office. A case to which a department is only called to help
    is on its desk, and not in its sums.
    """
    scopes = area_scopes(person)
    if any(person.office.area_path.startswith(scope) for scope in scopes):
        return None
    return Rights(tuple(scopes), tuple(sorted(own_departments(person))))


def narrowed(selection: Selection, person: Person) -> Selection:
    """The selection within what this person may see; every view counts only such ones."""
    return replace(selection, rights=rights_of(person))
