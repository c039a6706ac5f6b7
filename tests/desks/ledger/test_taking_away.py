"""Files of the ledger: small ones at once, large ones by the worker, for who asked alone."""

import csv
import io
import os
import re
from datetime import timedelta

import openpyxl
import pytest

from tests.factories.people import make_person, sign_in, token
from webapp.cases.ledger import reading
from webapp.cases.ledger.columns import COLUMNS, chosen
from webapp.core import clock
from webapp.core.jobs import CHORES, Job, JobState
from webapp.core.jobs_cli import work_one
from webapp.desks.ledger import job as ledger_job
from webapp.people.models import Role


@pytest.fixture
def save(client, dispatcher):
    def post(query="", **form):
        facts = {"csrf_token": token(client, "/ledger"), "query": query} | form
        return read(client.post("/ledger/files", data=facts))

    return post


def read(answer):
    """An answer that is read to its end, so that its file is closed."""
    answer.get_data()
    answer.close()
    return answer


@pytest.fixture
def large(monkeypatch):
    """Whatever has more than three cases is large, and read by twos."""
    monkeypatch.setattr("webapp.desks.ledger.views.AT_ONCE", 3)
    monkeypatch.setattr(ledger_job, "TOLD_EVERY", 4)
    monkeypatch.setattr(reading, "CHUNK", 2)


def rows_of(content: bytes) -> list[str]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [row[1] for row in sheet.iter_rows(min_row=5, values_only=True)]


def test_a_small_ledger_comes_at_once_and_leaves_nothing(save, ledger, app):
    answer = save("state=closed")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert rows_of(answer.data) == [ledger.cases["closed"].number]
    with app.app_context():
        assert list(ledger_job.folder().iterdir()) == []


def test_the_file_has_the_columns_and_the_order_of_the_page(save, ledger):
    answer = save("columns=number,remark&sort=due", format="csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == [column.name_en for column in chosen(["number", "remark"])]
    cases = sorted(ledger.cases.values(), key=lambda case: (case.due_at, case.id))
    assert [row[0] for row in rows[1:]] == [case.number for case in cases]


def test_every_format_comes(save, ledger):
    for kind, begin in (("xlsx", b"PK"), ("geojson", b'{"type"'), ("gpkg", b"SQLite format 3")):
        answer = save(format=kind)
        assert answer.status_code == 200
        assert answer.data.startswith(begin), kind
    assert save(format="dbf").status_code == 400


def test_the_title_line_says_which_cases_these_are(save):
    content = save("state=open&since=2026-11-01&lamp=red,amber").data
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    for words in ("2026-11-01", "open cases", "overdue", "due soon"):
        assert words in sheet["A2"].value


def test_a_large_ledger_is_written_by_the_worker(save, large, ledger, app, client, session):
    answer = save("sort=reported")
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert "Being written" in client.get(address).text
    with app.app_context():
        assert work_one()
    job = session.get_one(Job, int(address.rsplit("/", 1)[1]))
    assert (job.state, job.done, job.total) == (JobState.DONE, len(ledger.cases), len(ledger.cases))
    page = client.get(address).text
    link = re.search(r'href="([^"]+/download)"', page)[1]
    content = read(client.get(link))
    cases = sorted(ledger.cases.values(), key=lambda case: (case.reported_at, case.id))
    assert rows_of(content.data) == [case.number for case in cases]
    assert "ledger-" in content.headers["Content-Disposition"], "named in the asker's language"
    assert job.result["name"] in client.get("/ledger/files").text
    assert client.get(f"{address}.json").json["state"] == "done"


def test_the_worker_sees_what_the_asker_sees(save, large, ledger, app, client, session):
    town = ledger.town
    person = make_person(session, town.ground.office, Role.DEPARTMENT_MEMBER,
                         department=town.centre,
                         area_path=town.ground.grids[-1].area.parent.path)  # fmt: skip
    session.commit()
    sign_in(client, person)
    address = save().headers["Location"]
    with app.app_context():
        assert work_one()
    own = {c.number for c in ledger.cases.values() if c.lead_department_id == town.centre.id}
    assert set(rows_of(read(client.get(f"{address}/download")).data)) == own


def test_nobody_else_fetches_it(save, large, app, client, session, ledger):
    address = save().headers["Location"]
    with app.app_context():
        assert work_one()
    other = make_person(session, ledger.town.ground.office, Role.ADMINISTRATOR)
    session.commit()
    sign_in(client, other)
    for path in (address, f"{address}.json", f"{address}/download"):
        assert client.get(path).status_code == 404
    assert address not in client.get("/ledger/files").text


def test_a_failure_is_told_in_words(save, large, app, client, ledger, session):
    address = save("since=2026-11-01", photos="1").headers["Location"]
    job = session.get_one(Job, int(address.rsplit("/", 1)[1]))
    job.payload = {**job.payload, "query": {"since": "2031-01-01"}}
    session.commit()
    with app.app_context():
        assert work_one()
    page = client.get(address).text
    assert "There are no cases to write." in page
    assert client.get(f"{address}/download").status_code == 404


def test_old_files_are_cleared_away(save, large, app, client, session):
    address = save().headers["Location"]
    with app.app_context():
        assert work_one()
        (path,) = ledger_job.folder().iterdir()
        (tend,) = [c for c in CHORES if c.work is ledger_job.clear_ledger_files]
        tend.work(session, clock.now())
        assert path.exists()
        old = (clock.now() - ledger_job.KEPT - timedelta(hours=1)).timestamp()
        os.utime(path, (old, old))
        tend.work(session, clock.now())
        assert not path.exists()
    gone = client.get(f"{address}/download")
    assert gone.status_code == 404
    assert "kept for 7 days" in gone.text


def test_photos_of_too_many_are_refused_in_words(save, ledger, monkeypatch):
    monkeypatch.setattr("webapp.cases.ledger.pictures.MOST_CASES", 2)
    answer = save(photos="1")
    assert answer.status_code == 400
    assert "at most 2 cases" in answer.text


def test_all_columns_can_be_taken(save):
    keys = ",".join(column.key for column in COLUMNS)
    content = save(f"columns={keys}").data
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.max_column == 34
