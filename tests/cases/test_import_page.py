"""An administrator brings a file to the page, and the worker takes it in."""

from io import BytesIO

import pytest
from sqlalchemy import func, select

from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.cases import make_ground
from tests.factories.people import make_person, sign_in
from webapp.cases.models import Case
from webapp.core.jobs import Job
from webapp.core.jobs_cli import work_one
from webapp.people.models import Role


@pytest.fixture
def administrator(app, session):
    app.config["WTF_CSRF_ENABLED"] = False  # the people's room tests it
    person = make_person(session, make_ground(session).office, Role.ADMINISTRATOR)
    session.commit()
    browser = app.test_client()
    sign_in(browser, person)
    return browser


def bring(browser, content: str, name: str = "cases.csv", mapping: str = MAPPING):
    files = {"file": (BytesIO(content.encode()), name),
             "mapping_file": (BytesIO(mapping.encode()), "m.toml")}  # fmt: skip
    return browser.post("/admin/cases/import", data=files)


def test_a_file_goes_in_and_its_result_and_rejects_are_shown(app, session, administrator):
    sent = bring(administrator, HEADER + row("A1") + row("A2", lon=0, lat=0))
    assert sent.status_code == 303
    assert administrator.get(f"{sent.location}.json").json["state"] == "waiting"
    with app.app_context():
        assert work_one()
    session.rollback()
    job = session.scalar(select(Job))
    assert (job.error, job.result["imported"], job.result["rejected"]) == (None, 1, 1)
    assert job.payload["file_name"] in administrator.get(sent.location).text
    rejects = administrator.get(f"/admin/cases/import/runs/{job.result['run']}/rejects.csv")
    assert len(rejects.text.splitlines()) == 2
    assert not list(app.config["WANGGE"].upload_dir.iterdir())  # done with


def test_the_same_file_again_says_so(app, session, administrator):
    for again in (False, True):
        sent = bring(administrator, HEADER + row("A1"))
        with app.app_context():
            assert work_one()
        session.rollback()
        latest = session.scalar(select(Job).order_by(Job.id.desc()))
        assert latest.result["again"] is again
        assert administrator.get(sent.location).status_code == 200
    assert session.scalar(select(func.count(Case.id))) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "cases.exe"},
        {"content": ""},
        {"mapping": "x = ["},
        {"content": "other,columns\n1,2\n"},
    ],
    ids=["kind", "empty", "mapping", "columns"],
)
def test_what_cannot_be_imported_is_refused_at_once(session, administrator, facts):
    answer = bring(administrator, **{"content": HEADER + row("A1")} | facts)
    assert answer.status_code == 400
    session.rollback()
    assert session.scalar(select(func.count(Job.id))) == 0
