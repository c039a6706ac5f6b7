"""Taking in standards, departments and tasks."""

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select

from tests.factories.people import make_department, make_office, make_person
from tests.factories.standards import TABLES, make_standards
from webapp.core.errors import BadInput
from webapp.people.models import Department, Person, Role
from webapp.standards.models import CaseClass, Condition, LimitUnit, PlanTask, RoutingRule
from webapp.standards.service import (
    BY_HAND,
    Parties,
    import_departments,
    import_standards,
    import_tasks,
    office_standards,
    parties_of,
    put_rule,
    rules_in_force,
)

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HEADING = (TABLES / "standards.csv").read_text("utf-8").splitlines()[0]
LAMP = "component,公用设施,路灯,street light"
PARTIES = "公用事业服务中心,各社区,4,city table,2021-01-01"
LAMP_OFF = f"K01-037,K01-037.4,{LAMP},单盏不亮,2,work_day,更换或修复,{PARTIES}"
LAMP_DOWN = f"K01-037,K01-037.1,{LAMP},倒地,1,work_day,更换,{PARTIES}"


@pytest.fixture
def office(session):
    office = make_office(session, code="640121001", area_path="/640121/001/")
    make_department(session, office, name="公用事业服务中心")
    return office


def table(folder: Path, *lines: str, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text("\n".join([HEADING, *lines]), encoding=encoding)
    return path


def conditions(session, code: str) -> list[Condition]:
    of_code = select(Condition).where(Condition.code == code).order_by(Condition.valid_from)
    return list(session.scalars(of_code))


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


class TestTheTablesOfTheSubDistrict:
    def test_are_taken_in_whole(self, session):
        office = make_office(session, code="640121001", area_path="/640121/001/")
        standards = make_standards(session, office)
        assert len(standards.classes) == 54
        assert len(standards.history) == 84
        assert count(session, Department) == 15
        assert count(session, PlanTask) == 13

    def test_route_a_lamp_to_its_department_community_and_leader(self, session):
        office = make_office(session, code="640121001", area_path="/640121/001/")
        standards = make_standards(session, office)
        lamp = standards.condition_on("K01-037.4", date(2026, 11, 24))
        decision = standards.router.route("/640121/001/003/012/", lamp.path)
        assert standards.departments[decision.lead] == "公用事业服务中心"
        informed = [standards.departments[department] for department in decision.informed]
        assert informed == ["民生服务中心", "胜利社区"]
        assert [standards.people[leader] for leader in decision.leaders] == ["金涛", "杨旭", "周飞"]

    def test_leave_other_to_the_dispatcher(self, session):
        office = make_office(session, code="640121001", area_path="/640121/001/")
        standards = make_standards(session, office)
        other = standards.condition_on("E99-999.1", date(2026, 11, 24))
        assert standards.router.route("/640121/001/003/", other.path).winner is None

    def test_change_nothing_the_second_time(self, session):
        office = make_office(session, code="640121001", area_path="/640121/001/")
        make_standards(session, office)
        before, rules = office.revision, count(session, RoutingRule)
        report = import_standards(session, office, TABLES / "standards.csv", NOW)
        assert report.changes_nothing
        assert report.conditions == {"same": 84}
        assert import_departments(session, office, TABLES / "departments.csv") == {"same": 15}
        import_tasks(session, office, TABLES / "tasks.csv", NOW)
        assert count(session, RoutingRule) == rules
        assert count(session, Person) == 4
        assert office.revision == before


class TestALaterDay:
    """A row with another valid_from follows on the former one."""

    def test_ends_the_former_row_and_keeps_it(self, session, office, tmp_path):
        import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
        later = LAMP_OFF.replace(",2,work_day", ",4,work_hour").replace("2021-", "2027-")
        report = import_standards(session, office, table(tmp_path, later), NOW)
        assert report.conditions == {"replaces": 1}
        former, latter = conditions(session, "K01-037.4")
        assert (former.limit_amount, former.limit_unit) == (2, LimitUnit.WORK_DAY)
        assert (former.valid_from, former.valid_to) == (date(2021, 1, 1), date(2027, 1, 1))
        assert (latter.limit_amount, latter.limit_unit) == (4, LimitUnit.WORK_HOUR)
        assert latter.valid_to is None

    def test_holds_from_that_day_and_not_before(self, session, office, tmp_path):
        later = LAMP_OFF.replace(",2,", ",5,").replace("2021-", "2027-")
        import_standards(session, office, table(tmp_path, LAMP_OFF, later), NOW)
        standards = office_standards(session, office)
        amounts = [
            standards.condition_on("K01-037.4", day).limit_amount
            for day in (date(2019, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
        ]
        assert amounts == [2, 2, 5]

    def test_may_come_before_one_that_is_there(self, session, office, tmp_path):
        import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
        earlier = LAMP_OFF.replace(",2,", ",5,").replace("2021-", "2015-")
        import_standards(session, office, table(tmp_path, earlier), NOW)
        first, second = conditions(session, "K01-037.4")
        assert (first.valid_to, second.valid_to) == (date(2021, 1, 1), None)


def test_the_same_day_again_corrects_the_row_in_place(session, office, tmp_path):
    import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
    report = import_standards(session, office, table(tmp_path, LAMP_OFF.replace(",2,", ",3,")), NOW)
    assert report.conditions == {"changed": 1}
    assert report.changes[0].before == {"limit_amount": "2"}
    assert report.changes[0].after == {"limit_amount": "3"}
    assert [row.limit_amount for row in conditions(session, "K01-037.4")] == [3]


def test_rows_that_the_file_lacks_stay(session, office, tmp_path):
    import_standards(session, office, table(tmp_path, LAMP_OFF, LAMP_DOWN), NOW)
    import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
    assert count(session, Condition) == 2


def test_a_dry_run_reports_the_same_and_changes_nothing(session, office, tmp_path):
    file = table(tmp_path, LAMP_OFF, LAMP_DOWN)
    dry = import_standards(session, office, file, NOW, dry_run=True)
    assert (count(session, CaseClass), count(session, RoutingRule)) == (0, 0)
    wet = import_standards(session, office, file, NOW)
    assert (dry.classes, dry.conditions, dry.rules) == (wet.classes, wet.conditions, wet.rules)
    assert dry.changes == wet.changes
    assert wet.classes == {"new": 1}
    assert wet.conditions == {"new": 2}
    assert wet.rules == {"new": 1}


class TestRules:
    """What a file says about departments becomes rules for the whole office."""

    def test_one_rule_a_class_and_one_more_where_a_condition_differs(
        self, session, office, tmp_path
    ):
        make_department(session, office, name="综合执法办公室")
        other = LAMP_DOWN.replace("公用事业服务中心", "综合执法办公室")
        third = LAMP_OFF.replace("K01-037.4", "K01-037.5")
        import_standards(session, office, table(tmp_path, LAMP_OFF, other, third), NOW)
        paths = sorted(rule.class_path for rule in rules_in_force(session, office))
        whole = "/component/K01/K01-037/"
        assert paths == [whole, f"{whole}K01-037.1/"]

    def test_a_changed_department_retires_the_rule_and_adds_another(
        self, session, office, tmp_path
    ):
        make_department(session, office, name="综合执法办公室")
        import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
        (former,) = rules_in_force(session, office)
        moved = LAMP_OFF.replace("公用事业服务中心", "综合执法办公室")
        report = import_standards(session, office, table(tmp_path, moved), NOW)
        session.flush()
        assert report.rules == {"changed": 1}
        assert former.retired_at == NOW
        (rule,) = rules_in_force(session, office)
        assert rule.id != former.id

    def test_a_rule_made_by_hand_is_left_alone(self, session, office, tmp_path):
        law = make_department(session, office, name="综合执法办公室")
        import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
        scope = (office.area_path, "/component/K01/K01-037/")
        put_rule(session, office, *scope, Parties(lead=law.id), made_by=None, now=NOW)
        report = import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
        session.flush()
        assert report.rules == {"by_hand": 1}
        (rule,) = rules_in_force(session, office)
        assert (rule.source, parties_of(rule)) == (BY_HAND, Parties(lead=law.id))

    def test_a_lead_that_the_file_no_longer_names_is_taken_back(self, session, office, tmp_path):
        import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
        without = LAMP_OFF.replace("公用事业服务中心,各社区", ",")
        report = import_standards(session, office, table(tmp_path, without), NOW)
        assert report.rules == {"retired": 1}
        assert not rules_in_force(session, office)

    def test_tasks_that_come_after_the_standards_bring_their_leaders(self, session):
        office = make_office(session, code="640121001", area_path="/640121/001/")
        import_departments(session, office, TABLES / "departments.csv")
        import_standards(session, office, TABLES / "standards.csv", NOW)
        import_tasks(session, office, TABLES / "tasks.csv", NOW)
        session.flush()
        standards = office_standards(session, office)
        lamp = standards.condition_on("K01-037.4", date(2026, 11, 24))
        decision = standards.router.route("/640121/001/", lamp.path)
        assert standards.people[decision.leader] == "金涛"


class TestLeaders:
    def test_are_people_who_cannot_sign_in(self, session, office):
        import_tasks(session, office, TABLES / "tasks.csv", NOW)
        people = session.scalars(select(Person).where(Person.office_id == office.id)).all()
        assert sorted(person.name for person in people) == ["刘欢欢", "周飞", "杨旭", "金涛"]
        assert {person.password_hash for person in people} == {None}
        duties = {(duty.role, duty.area_path) for person in people for duty in person.duties}
        assert duties == {(Role.LEADER, office.area_path)}

    def test_who_is_known_already_is_not_made_twice(self, session, office):
        known = make_person(session, office, Role.LEADER, name="周飞")
        import_tasks(session, office, TABLES / "tasks.csv", NOW)
        found = session.scalars(select(Person).where(Person.name == "周飞")).all()
        assert found == [known]


class TestMergedCells:
    def workbook(self, folder: Path, rows: list[list[object]]) -> Path:
        book = openpyxl.Workbook()
        book.active.append(["一、部件和事件处置标准"])
        book.active.append(HEADING.split(","))
        for row in rows:
            book.active.append(row)
        book.active.merge_cells("A3:A4")
        path = folder / "standards.xlsx"
        book.save(path)
        return path

    def test_inherit_the_class_from_above_and_a_new_class_inherits_no_department(
        self, session, office, tmp_path
    ):
        day = datetime(2021, 1, 1)  # noqa: DTZ001 - as Excel has it
        lamp = ["K01-037", "K01-037.1", "component", "公用设施", "路灯", "street light"]
        parties = ["公用事业服务中心", "各社区", 4, "city table", day]
        rows = [
            [*lamp, "倒地", 1, "work_day", "更换", *parties],
            [None, "K01-037.4", None, None, None, None, "不亮", 2.0, "work_day", "修复"],
            ["K01-099", "K01-099.1", None, None, "其他灯", "other", "不亮", 2, "work_day", "修复"],
        ]
        report = import_standards(session, office, self.workbook(tmp_path, rows), NOW)
        assert report.classes == {"new": 2}
        (second,) = conditions(session, "K01-037.4")
        assert second.case_class.code == "K01-037"
        assert (second.limit_amount, second.valid_from) == (2, date(2021, 1, 1))
        (other,) = conditions(session, "K01-099.1")
        assert other.case_class.group_name == "公用设施"
        rules = rules_in_force(session, office)
        assert [rule.class_path for rule in rules] == ["/component/K01/K01-037/"]

    def test_rows_are_numbered_as_the_sheet_shows_them(self, session, office, tmp_path):
        rows = [["K01-037", "K01-037.1", "thing"]]
        with pytest.raises(BadInput, match="row 3:"):
            import_standards(session, office, self.workbook(tmp_path, rows), NOW)


class TestBadInput:
    """Everything that is wrong is said at once, by row, and nothing is taken in."""

    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            (",2,work_day", ",0,work_day", "limit is “0”; allowed are whole numbers from 1"),
            (",2,work_day", ",two,work_day", "limit is “two”"),
            (",2,work_day", ",99999,work_day", "limit is “99999”"),
            ("work_day", "fortnight", "limit_unit is “fortnight”; allowed are urgent_hour"),
            ("component", "animal", "kind is “animal”; allowed are component"),
            ("单盏不亮", "", "condition_zh is empty"),
            ("单盏不亮", "不" * 501, "longer than 500"),
            ("公用事业服务中心", "天文台", "no department “天文台”; import the departments"),
            ("2021-01-01", "last year", "valid_from is “last year”"),
            ("K01-037,K01-037.4", "K01/037,K01-037.4", "“/”"),
            (",4,city", ",four,city", "plan_task is “four”"),
        ],
    )
    def test_in_a_cell(self, session, office, tmp_path, before, after, words):
        file = table(tmp_path, LAMP_DOWN, LAMP_OFF.replace(before, after))
        with pytest.raises(BadInput) as caught:
            import_standards(session, office, file, NOW)
        assert words in caught.value.message
        assert [problem["row"] for problem in caught.value.detail["problems"]] == [3]
        assert count(session, Condition) == 0

    def test_a_day_that_neither_row_nor_option_gives(self, session, office, tmp_path):
        file = table(tmp_path, LAMP_OFF.replace("2021-01-01", ""))
        with pytest.raises(BadInput, match="valid_from is “”.*give one for all rows"):
            import_standards(session, office, file, NOW)
        import_standards(session, office, file, NOW, date(2022, 5, 1))
        assert conditions(session, "K01-037.4")[0].valid_from == date(2022, 5, 1)

    def test_in_several_rows_at_once(self, session, office, tmp_path):
        wrong = LAMP_OFF.replace("work_day", "week")
        file = table(tmp_path, wrong, LAMP_DOWN, wrong.replace("037.4", "037.5"))
        with pytest.raises(BadInput, match="2 rows cannot be used.*row 2.*row 4"):
            import_standards(session, office, file, NOW)

    def test_a_row_that_is_there_twice(self, session, office, tmp_path):
        with pytest.raises(
            BadInput, match="row 3: condition K01-037.4 from 2021-01-01 is in row 2"
        ):
            import_standards(session, office, table(tmp_path, LAMP_OFF, LAMP_OFF), NOW)

    def test_a_class_with_two_names(self, session, office, tmp_path):
        other = LAMP_DOWN.replace("路灯", "灯")
        with pytest.raises(BadInput, match="row 3: class K01-037 is described otherwise in row 2"):
            import_standards(session, office, table(tmp_path, LAMP_OFF, other), NOW)

    def test_a_condition_that_changes_its_class(self, session, office, tmp_path):
        import_standards(session, office, table(tmp_path, LAMP_OFF), NOW)
        moved = LAMP_OFF.replace("K01-037,", "K01-038,").replace("2021", "2027")
        with pytest.raises(BadInput, match="K01-037.4 belongs to class K01-037"):
            import_standards(session, office, table(tmp_path, moved), NOW)

    def test_gbk_is_refused_with_a_proposal_and_read_when_told(self, session, office, tmp_path):
        file = table(tmp_path, LAMP_OFF, encoding="gb18030")
        with pytest.raises(BadInput, match="not in UTF-8.*gb18030.*公用设施") as caught:
            import_standards(session, office, file, NOW)
        assert caught.value.detail["proposal"] == "gb18030"
        import_standards(session, office, file, NOW, encoding="gb18030")
        assert conditions(session, "K01-037.4")[0].name_zh == "单盏不亮"

    def test_a_byte_order_mark_is_no_part_of_the_first_heading(self, session, office, tmp_path):
        file = table(tmp_path, LAMP_OFF, encoding="utf-8-sig")
        assert import_standards(session, office, file, NOW).conditions == {"new": 1}

    def test_an_encoding_that_is_none(self, session, office, tmp_path):
        with pytest.raises(BadInput, match="encoding klingon"):
            import_standards(session, office, table(tmp_path, LAMP_OFF), NOW, encoding="klingon")

    def test_columns_that_are_missing(self, session, office, tmp_path):
        file = tmp_path / "other.csv"
        file.write_text("name,age\nMa,7\n", "utf-8")
        with pytest.raises(BadInput, match="lacks the columns class_code.*first row is: name, age"):
            import_standards(session, office, file, NOW)

    @pytest.mark.parametrize("name", ["empty.csv", "empty.xlsx"])
    def test_an_empty_file(self, session, office, tmp_path, name):
        (tmp_path / name).touch()
        with pytest.raises(BadInput):
            import_standards(session, office, tmp_path / name, NOW)

    def test_headings_alone(self, session, office, tmp_path):
        with pytest.raises(BadInput, match="no rows below"):
            import_standards(session, office, table(tmp_path), NOW)

    def test_a_picture_named_xlsx(self, session, office, tmp_path):
        file = tmp_path / "picture.xlsx"
        file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
        with pytest.raises(BadInput, match="cannot be read as a workbook"):
            import_standards(session, office, file, NOW)

    def test_bytes_that_are_no_text(self, session, office, tmp_path):
        file = tmp_path / "noise.csv"
        file.write_bytes(bytes(range(128, 256)) * 5)
        with pytest.raises(BadInput, match="UTF-8"):
            import_standards(session, office, file, NOW)

    def test_a_workbook_that_unpacks_to_gigabytes(self, session, office, tmp_path):
        file = tmp_path / "bomb.xlsx"
        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
        ):
            for _ in range(201):
                part.write(bytes(2**20))
        with pytest.raises(BadInput, match="unpacks to 201 MB; allowed are 200 MB"):
            import_standards(session, office, file, NOW)

    def test_tasks_without_number_or_day(self, session, office, tmp_path):
        file = tmp_path / "tasks.csv"
        heading = (TABLES / "tasks.csv").read_text("utf-8").splitlines()[0]
        file.write_text(f"{heading}\nx,a,b,c,周飞,甲,2021-12-31\n2,a,b,c,周飞,甲,soon\n", "utf-8")
        with pytest.raises(BadInput, match="row 2.*row 3"):
            import_tasks(session, office, file, NOW)
        assert count(session, PlanTask) == 0
