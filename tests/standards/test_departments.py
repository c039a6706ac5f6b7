"""Taking in departments."""

import pytest
from sqlalchemy import select

from tests.factories.people import make_office
from tests.factories.standards import TABLES
from webapp.core.errors import BadInput
from webapp.people.models import Department, DepartmentKind
from webapp.standards.service import import_departments


@pytest.fixture
def office(session):
    return make_office(session, code="640121001", area_path="/640121/001/")


def test_departments_of_communities_know_their_area(session, office):
    import_departments(session, office, TABLES / "departments.csv")
    community = session.scalar(select(Department).where(Department.name == "胜利社区"))
    assert community.kind is DepartmentKind.COMMUNITY
    assert community.area_path == "/640121/001/003/"


def test_departments_are_renamed_by_code(session, office, tmp_path):
    import_departments(session, office, TABLES / "departments.csv")
    file = tmp_path / "renamed.csv"
    file.write_text("code,name,kind\n640121001-D01,党群工作办公室,office\n", "utf-8")
    assert import_departments(session, office, file) == {"changed": 1}


def test_departments_with_a_wrong_kind_or_twice_are_all_named_at_once(session, office, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text("code,name,kind\nA,甲,school\nB,,office\nC,丙,office\nC,丁,office\n", "utf-8")
    with pytest.raises(BadInput, match="row 2: kind is “school”.*row 3.*row 5") as caught:
        import_departments(session, office, file)
    assert {problem["row"] for problem in caught.value.detail["problems"]} == {2, 3, 5}
    assert session.scalars(select(Department)).all() == []
