"""The administrator's pages for classes and calendar, and the commands."""

import io
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.factories.people import make_department, make_office, make_person, sign_in, token
from tests.factories.standards import TABLES, make_standards
from webapp.people.models import CalendarKind, Office, Role
from webapp.standards.models import CalendarDay, Condition, PlanTask
from webapp.standards.rules.calendar import LAST_ANNOUNCED_YEAR

TABLE = (TABLES / "standards.csv").read_bytes()
IN_ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def office(session):
    office = make_office(session, code="640121001", area_path="/640121/001/")
    make_standards(session, office)
    session.commit()
    return office


@pytest.fixture
def admin(session, office, client):
    person = make_person(session, office, Role.ADMINISTRATOR)
    session.commit()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client, person)
    return person


def upload(client, content: bytes, name: str = "table.csv", **fields: str):
    data = {"csrf_token": token(client, "/admin/standards"), "encoding": ""}
    data |= {"file": (io.BytesIO(content), name), **fields}
    return client.post("/admin/standards/preview", data=data)


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the form that applies an upload."""
    form = text[text.index("/admin/standards/apply") :]
    form = form[: form.index("</form>")]
    inputs = [part.split(">")[0] for part in form.split("<input")[1:]]
    pairs = [(i.split('name="')[1].split('"')[0], i.split('value="')[1]) for i in inputs]
    return {name: rest.split('"')[0] for name, rest in pairs}


def look_again(session) -> None:
    """Begin anew, so as to see what the application has committed."""
    session.rollback()
    session.expire_all()


def count(session, model) -> int:
    look_again(session)
    return session.scalar(select(func.count()).select_from(model)) or 0


PAGES = ("/admin/standards", "/admin/calendar")
DOORS = ("/admin/standards/preview", "/admin/standards/apply", "/admin/calendar",
         "/admin/calendar/2026-10-01/remove")  # fmt: skip


class TestWhoMayEnter:
    def test_who_is_not_signed_in_is_asked_to(self, client, office):
        for page in PAGES:
            answer = client.get(page)
            assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in")

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
    def test_only_administrators(self, client, session, office, role):
        person = make_person(session, office, role)
        session.commit()
        sign_in(client, person)
        csrf = {"csrf_token": token(client, "/me")}
        assert [client.get(page).status_code for page in PAGES] == [403, 403]
        assert {client.post(door, data=csrf).status_code for door in DOORS} == {403}

    def test_nothing_is_changed_without_the_token_of_the_page(self, client, admin, session):
        for door in DOORS:
            assert client.post(door, data={"day": "2026-11-23"}).status_code == 400
        assert count(session, CalendarDay) == 0


class TestTheClasses:
    def test_are_listed_with_limit_lead_and_closing_condition(self, client, admin):
        text = client.get("/admin/standards").text
        assert "K01-037.4" in text
        assert "2 work days" in text
        assert "公用事业服务中心" in text
        assert "dispatcher decides" in text  # E99-999

    def test_are_found_by_words_of_several_columns(self, client, admin):
        text = client.get("/admin/standards?q=street+rust").text
        assert "Nothing has these words" in text
        text = client.get("/admin/standards?q=STREET+light+公用事业").text
        assert "K01-037.4" in text
        assert "K03-001.1" not in text

    def test_of_an_office_that_has_none_say_what_to_do_first(self, client, session):
        person = make_person(session, make_office(session), Role.ADMINISTRATOR)
        session.commit()
        sign_in(client, person)
        assert "import-departments" in client.get("/admin/standards", headers=IN_ENGLISH).text


class TestAnUpload:
    def test_shows_what_would_change_and_changes_nothing_yet(self, client, admin, session):
        changed = TABLE.replace("单盏不亮,2,".encode(), "单盏不亮,9,".encode())
        text = upload(client, changed).text
        assert "1 corrected" in text
        assert "<del>2</del>" in text
        assert "<ins>9</ins>" in text
        assert count(session, Condition) == 84
        assert 9 not in set(session.scalars(select(Condition.limit_amount)))

    def test_is_applied_when_the_person_says_so(self, client, admin, session, app):
        changed = TABLE.replace("单盏不亮,2,".encode(), "单盏不亮,9,".encode())
        fields = hidden(upload(client, changed).text)
        answer = client.post("/admin/standards/apply", data=fields, follow_redirects=True)
        assert "table.csv is taken in" in answer.text
        look_again(session)
        row = session.scalar(select(Condition).where(Condition.code == "K01-037.4"))
        assert row.limit_amount == 9
        assert list((app.config["WANGGE"].upload_dir / "standards").iterdir()) == []

    def test_applied_twice_says_that_the_file_is_gone(self, client, admin):
        changed = TABLE.replace("单盏不亮,2,".encode(), "单盏不亮,9,".encode())
        fields = hidden(upload(client, changed).text)
        client.post("/admin/standards/apply", data=fields)
        assert client.post("/admin/standards/apply", data=fields).status_code == 404

    def test_of_the_same_file_changes_nothing(self, client, admin):
        text = upload(client, TABLE).text
        assert "This file changes nothing" in text
        assert "Take it in" not in text

    def test_with_bad_rows_lists_them_all(self, client, admin):
        answer = upload(client, TABLE.replace(b"work_day", b"week"))
        assert answer.status_code == 422
        assert "rows cannot be used, so nothing was taken in" in answer.text
        assert "row 2: limit_unit is “week”" in answer.text

    def test_in_gbk_proposes_the_encoding_and_chooses_it(self, client, admin):
        gbk = TABLE.decode().encode("gb18030")
        answer = upload(client, gbk)
        assert answer.status_code == 422
        assert '<option selected value="gb18030">' in answer.text
        assert "This file changes nothing" in upload(client, gbk, encoding="gb18030").text

    @pytest.mark.parametrize(
        ("content", "name", "fields", "words"),
        [
            (b"", "table.csv", {}, "lacks the columns"),
            (TABLE, "table.pdf", {}, "A CSV or Excel file, please"),
            (TABLE, "../../etc/passwd", {}, "A CSV or Excel file, please"),
            (b"PK\x03\x04", "table.xlsx", {}, "cannot be read as a workbook"),
            (TABLE, "table.csv", {"encoding": "klingon"}, "Not a valid choice"),
            (TABLE, "table.csv", {"valid_from": "soon"}, "Not a valid date"),
        ],
    )
    def test_that_cannot_be_used_says_why(self, client, admin, content, name, fields, words):
        answer = upload(client, content, name, **fields)
        assert answer.status_code == 422
        assert words in answer.text

    def test_without_a_file(self, client, admin):
        data = {"csrf_token": token(client, "/admin/standards")}
        answer = client.post("/admin/standards/preview", data=data)
        assert answer.status_code == 422
        assert "Choose a file." in answer.text

    @pytest.mark.parametrize("kept", ["../../secret_key", "x.csv", "", "0" * 32 + ".csv"])
    def test_is_only_found_by_the_name_we_gave_it(self, client, admin, app, kept):
        app.config["WANGGE"].upload_dir.mkdir(parents=True, exist_ok=True)
        data = {"csrf_token": token(client, "/admin/standards"), "kept": kept, "name": "a.csv"}
        assert client.post("/admin/standards/apply", data=data).status_code == 404

    def test_shows_script_in_a_cell_as_text(self, client, admin):
        script = TABLE.replace("单盏不亮".encode(), b"<script>alert(1)</script>")
        text = upload(client, script, "<img src=x>.csv").text
        assert "<script>alert" not in text
        assert "<img src=x>" not in text
        assert "&lt;script&gt;alert(1)" in text


class TestTheCalendar:
    def set_day(self, client, **fields: str):
        data = {"csrf_token": token(client, "/admin/calendar"), "day": "2026-11-23"}
        return client.post("/admin/calendar", data=data | {"working": "0"} | fields)

    def test_shows_holidays_and_make_up_days(self, client, admin):
        text = client.get("/admin/calendar?year=2026").text
        assert 'data-day="2026-10-01" data-working="0"' in text
        assert 'data-day="2026-10-10" data-working="1"' in text
        assert f"announced to {LAST_ANNOUNCED_YEAR}" in text

    def test_says_when_a_year_is_not_announced(self, client, admin):
        text = client.get(f"/admin/calendar?year={LAST_ANNOUNCED_YEAR + 1}").text
        assert f"The holidays of {LAST_ANNOUNCED_YEAR + 1} are not announced yet" in text
        assert "2026, off, not announced" not in text

    def test_needs_no_announcement_where_weekdays_hold(self, client, admin, session, office):
        session.get(Office, office.id).calendar = CalendarKind.WEEKDAYS
        session.commit()
        text = client.get(f"/admin/calendar?year={LAST_ANNOUNCED_YEAR + 1}").text
        assert "not announced yet" not in text
        assert "Monday to Friday" in text

    def test_takes_the_offices_own_day_and_lets_go_of_it(self, client, admin, session, office):
        before = office.revision
        assert self.set_day(client, note="停电").status_code == 302
        look_again(session)
        row = session.scalar(select(CalendarDay))
        assert (row.day, row.working, row.note) == (date(2026, 11, 23), False, "停电")
        assert session.get(Office, office.id).revision > before
        text = client.get("/admin/calendar?year=2026").text
        assert "2026-11-23, off, own day, 停电" in text
        csrf = {"csrf_token": token(client, "/admin/calendar")}
        assert client.post("/admin/calendar/2026-11-23/remove", data=csrf).status_code == 302
        assert count(session, CalendarDay) == 0

    @pytest.mark.parametrize(
        "fields",
        [{"day": ""}, {"day": "2026-02-30"}, {"working": "perhaps"}, {"note": "x" * 101}],
        ids=["none", "no such day", "neither", "long"],
    )
    def test_refuses_what_is_no_day(self, client, admin, session, fields):
        assert self.set_day(client, **fields).status_code == 422
        assert count(session, CalendarDay) == 0

    @pytest.mark.parametrize("year", ["soon", "0", "99999", "-1", "²"])
    def test_refuses_what_is_no_year(self, client, admin, year):
        answer = client.get(f"/admin/calendar?year={year}")
        assert answer.status_code == 400
        assert "goes from 1900 to 2200" in answer.text

    def test_has_no_page_for_a_day_that_is_none(self, client, admin):
        csrf = {"csrf_token": token(client, "/admin/calendar")}
        assert client.post("/admin/calendar/2026-02-30/remove", data=csrf).status_code == 404


class TestCommands:
    def run(self, app, *arguments: str):
        return app.test_cli_runner().invoke(args=["standards", *arguments])

    @pytest.fixture
    def bare(self, session):
        office = make_office(session, code="640121001", area_path="/640121/001/")
        session.commit()
        return office

    def test_take_in_departments_tasks_and_standards(self, app, session, bare):
        files = {
            "import-departments": "departments",
            "import-tasks": "tasks",
            "import": "standards",
        }
        answers = [self.run(app, c, str(TABLES / f"{file}.csv")) for c, file in files.items()]
        assert [answer.exit_code for answer in answers] == [0, 0, 0]
        assert answers[0].output == "departments: 15 new\n"
        assert answers[1].output == "tasks: 13 new\n"
        assert answers[2].output == "classes: 54 new\nconditions: 84 new\nrules: 53 new\n"
        assert count(session, PlanTask) == 13
        again = self.run(app, "import", str(TABLES / "standards.csv"))
        assert again.output == "classes: 54 same\nconditions: 84 same\nrules: 53 same\n"

    def test_change_nothing_in_a_dry_run(self, app, session, office):
        answer = self.run(app, "import", str(TABLES / "standards.csv"), "--dry-run")
        assert "Nothing was changed" in answer.output

    def test_refuse_in_a_sentence_and_change_nothing(self, app, session, bare):
        answer = self.run(app, "import", str(TABLES / "standards.csv"))
        assert answer.exit_code == 1
        assert "import the departments first" in answer.output
        assert "Traceback" not in answer.output
        assert count(session, Condition) == 0

    def test_ask_for_the_encoding_of_a_gbk_table(self, app, session, bare, tmp_path):
        make_department(session, bare, name="x")
        session.commit()
        table = tmp_path / "gbk.csv"
        table.write_bytes((TABLES / "departments.csv").read_text("utf-8").encode("gb18030"))
        answer = self.run(app, "import-departments", str(table))
        assert "gb18030" in answer.output
        answer = self.run(app, "import-departments", str(table), "--encoding", "gb18030")
        assert answer.output == "departments: 15 new\n"
