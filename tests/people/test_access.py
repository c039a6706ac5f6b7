"""What a person may see, by the path of the area."""

import pytest

from tests.factories.people import make_office, make_person
from webapp.people.access import area_scopes, has_role, may_see
from webapp.people.models import Duty, Role


@pytest.fixture
def manager(session):
    office = make_office(session, area_path="/1/")
    return make_person(session, office, Role.GRID_MANAGER, area_path="/1/2/")


@pytest.mark.parametrize(
    ("path", "seen"),
    [("/1/2/", True), ("/1/2/3/", True), ("/1/", False), ("/1/20/", False), ("/1/3/", False)],
)
def test_an_area_is_seen_when_it_lies_in_the_persons_own(manager, path, seen):
    assert may_see(manager, path) is seen


def test_several_duties_add_up(manager):
    manager.duties.append(Duty(role=Role.INSPECTOR, area_path="/1/20/"))
    assert area_scopes(manager) == ["/1/2/", "/1/20/"]
    assert may_see(manager, "/1/20/7/")
    assert has_role(manager, Role.INSPECTOR)
    assert not has_role(manager, Role.LEADER)
