"""An administrator brings a file to the page, and the worker takes it in."""

from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import func, select, update

from tests.factories.case_files import HEADER, MAPPING, row
from tests.factories.cases import make_ground
from tests.factories.people import make_person, sign_in
from webapp.cases.models import Case
from webapp.core.jobs import Job
from webapp.core.jobs_cli import work_one
from webapp.people.models import Role

ENGLISH = {"Accept-Language": "en"}
ASCII = f'encoding = "ascii"\n{MAPPING}'


@pytest.fixture
def administrator(app, session):
    app.config["WTF_CSRF_ENABLED"] = False  # the people's room tests it
    person = make_person(session, make_ground(session).office, Role.ADMINISTRATOR)
    session.commit()
    browser = app.test_client()
    sign_in(browser, person)
    return browser


def bring(browser, content, name="cases.csv", mapping=MAPPING, chosen="", headers=None):
    files = {"file": (BytesIO(content.encode()), name),
             "mapping": chosen,
             "mapping_file": (BytesIO(mapping.encode()), "m.toml")}  # fmt: skip
    return browser.post("/admin/cases/import", data=files, headers=headers)


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
    ("facts", "field", "words"),
    [
        ({"name": "cases.exe"}, "file", "cases.exe is of no known kind"),
        ({"content": ""}, "file", "cases.csv is empty"),
        ({"content": "other,columns\n1,2\n"}, "file", "cases.csv has no column"),
        ({"content": "[1, 2]", "name": "案件.geojson"}, "file", "案件.geojson"),
        ({"mapping": "x = ["}, "mapping", "not a TOML file"),
        (
            {"content": "\u8def", "mapping": f'encoding = "ascii"\n{MAPPING}'},
            "mapping",
            "not in ascii",
        ),
    ],
    ids=["kind", "empty", "columns", "geojson", "mapping", "encoding"],
)
def test_what_cannot_be_imported_is_said_beside_its_field(
    app, session, administrator, facts, field, words
):
    given = {"content": HEADER + row("A1")} | facts
    told = bring(administrator, **given, headers=ENGLISH | {"Accept": "application/json"})
    assert (told.status_code, list(told.json["errors"])) == (422, [field])
    assert words in told.json["errors"][field][0]
    page = bring(administrator, **given, chosen="la311", headers=ENGLISH)
    assert page.status_code == 422
    beside = page.text.split(f'id="{field}-error"')[1].partition("</div>")[0]
    assert words in unescape(beside)
    assert "hidden" not in beside
    assert '<option value="la311" selected>' in page.text
    session.rollback()
    assert session.scalar(select(func.count(Job.id))) == 0
    folder = app.config["WANGGE"].upload_dir
    assert not folder.exists() or not list(folder.iterdir())


def test_killed_after_the_last_commit_the_job_still_ends_well(
    app, session, administrator, monkeypatch
):
    def killed(*_files):
        raise KeyboardInterrupt

    bring(administrator, HEADER + row("A1"))
    with app.app_context():
        with monkeypatch.context() as patch:
            patch.setattr("webapp.cases.importing.job._throw_away", killed)
            with pytest.raises(KeyboardInterrupt):
                work_one()
        session.execute(update(Job).values(leased_until=None))  # its lease runs out
        session.commit()
        assert work_one()
    session.rollback()
    job = session.scalar(select(Job))
    assert (job.error, job.result["imported"]) == (None, 1)
    assert not list(app.config["WANGGE"].upload_dir.iterdir())
