"""What commands change of the set-up is written down, under the account that gave them."""

import getpass
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from tests import scenes
from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.life import Town, make_town
from tests.factories.people import make_person, sign_in
from webapp.core.audit import Audit
from webapp.core.database import begin_write
from webapp.core.settings import ROOT
from webapp.people.models import Role

TABLES = ROOT / "data" / "standards"
ENGLISH = {"Accept-Language": "en"}


scene = scenes.by(town=make_town)


@pytest.fixture
def town(scene, session) -> Town:
    town = scene.on(session)
    town.centre.name = "原服务中心"  # the tables bring one of its usual name
    session.commit()
    return town


@pytest.fixture
def run(app, town, session):
    """Give a command; answers what it has written down."""

    def give(*words: object) -> list[Audit]:
        session.rollback()
        known = set(session.scalars(select(Audit.id)))
        session.rollback()
        done = app.test_cli_runner().invoke(args=[str(word) for word in words])
        assert done.exit_code == 0, done.output
        return [row for row in session.scalars(select(Audit)) if row.id not in known]

    return give


@pytest.fixture
def cases_file(tmp_path) -> tuple[Path, Path]:
    file, mapping = tmp_path / "cases.csv", tmp_path / "mapping.toml"
    file.write_text(HEADER + row("A1") + row("A2"), "utf-8")
    mapping.write_text(MAPPING, "utf-8")
    return file, mapping


def test_each_command_that_changes_the_set_up_leaves_one_line(run, town, cases_file):
    file, mapping = cases_file
    manager = town.people["manager"]
    grid = town.ground.grids[0]
    commands = [
        (("people", "add", "--username", "wang", "--name", "王秀兰", "--role", "leader",
          "--make-password"), "person.add", "王秀兰"),
        (("places", "assign-manager", "--grid", grid.code, "--person", manager.username),
         "grid.manager", grid.area.name),
        (("standards", "import-departments", TABLES / "departments.csv"), "departments.import",
         "departments.csv"),
        (("standards", "import-tasks", TABLES / "tasks.csv"), "tasks.import", "tasks.csv"),
        (("standards", "import", TABLES / "standards.csv"), "standards.apply", "standards.csv"),
        (("cases", "import", file, "--mapping", mapping), "cases.import", "cases.csv"),
        (("cases", "close-department", town.helpers.code), "department.close", town.helpers.name),
    ]  # fmt: skip
    for words, verb, subject in commands:
        (line,) = run(*words)
        assert (line.verb, line.subject, line.person_id) == (verb, subject, None)
        assert line.command_user == getpass.getuser()
        assert line.office_id == town.ground.office.id


def test_what_changes_nothing_writes_nothing(run, cases_file):
    file, mapping = cases_file
    run("standards", "import-departments", TABLES / "departments.csv")
    assert run("standards", "import", TABLES / "standards.csv", "--dry-run") == []
    run("cases", "import", file, "--mapping", mapping)
    assert run("cases", "import", file, "--mapping", mapping) == []
    assert run("people", "list") == run("places", "list") == []


def test_an_office_is_set_up_by_a_command(run):
    (line,) = run("people", "office-add", "--code", "650102", "--name", "另一街道", "--area-path",
                  "/650102/", "--prefix", "W")  # fmt: skip
    assert (line.verb, line.subject, line.new) == ("office.add", "另一街道", {"code": "650102"})


def test_no_password_of_a_command_is_written_down(app, town, session):
    words = ["people", "add", "--username", "wang", "--name", "王", "--role", "leader",
             "--make-password"]  # fmt: skip
    output = app.test_cli_runner().invoke(args=words).output
    password = output.strip().split()[-1]
    line = session.scalars(select(Audit)).one()
    assert password not in f"{line.subject} {line.old} {line.new} {line.command_user}"


def test_the_log_shows_who_was_at_the_command_line(run, client, town, session):
    run("people", "add", "--username", "wang", "--name", "王秀兰", "--role", "leader",
        "--make-password")  # fmt: skip
    admin = make_person(session, town.ground.office, role=Role.ADMINISTRATOR)
    session.commit()
    sign_in(client, admin)
    page = client.get("/admin/log?kind=set_up", headers=ENGLISH).text
    assert f"command line ({getpass.getuser()})" in page
    assert "王秀兰" in page


@pytest.mark.parametrize("what", ["UPDATE audit SET subject = 'x'", "DELETE FROM audit"])
def test_nobody_changes_what_is_written_down(run, session, what):
    run("people", "office-add", "--code", "650102", "--name", "另一街道", "--area-path",
        "/650102/", "--prefix", "W")  # fmt: skip
    session.rollback()
    begin_write(session)
    with pytest.raises(DatabaseError, match="audit is only ever added to"):
        session.connection().exec_driver_sql(what)
