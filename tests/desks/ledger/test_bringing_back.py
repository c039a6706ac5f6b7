"""`/ledger/import`: shown first, done as shown, by those who may."""

import io
import re

import openpyxl
import pytest

from tests.factories.ledger import look_again
from tests.factories.people import make_person, sign_in, token
from webapp.cases.ledger.columns import COLUMNS
from webapp.cases.vocabulary import Action
from webapp.people.models import Role

PLACES = {column.key: place for place, column in enumerate(COLUMNS, 1)}


@pytest.fixture
def workbook(client, dispatcher, ledger):
    """The ledger as the page saves it, with all columns, in the order of the reports."""
    query = f"sort=reported&columns={','.join(PLACES)}"
    form = {"csrf_token": token(client, "/ledger"), "query": query}
    answer = client.post("/ledger/files", data=form)
    content = answer.data
    answer.close()
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture
def put(workbook, ledger):
    def change(name, key, value):
        sheet = workbook.worksheets[0]
        number = ledger.cases[name].number
        (row,) = [r for r in range(5, sheet.max_row + 1) if sheet.cell(r, 2).value == number]
        sheet.cell(row, PLACES[key]).value = value

    return change


@pytest.fixture
def bring(client, workbook):
    def send(content=None):
        if content is None:
            out = io.BytesIO()
            workbook.save(out)
            content = out.getvalue()
        form = {"csrf_token": token(client, "/ledger"), "file": (io.BytesIO(content), "台账.xlsx")}
        return client.post("/ledger/import", data=form)

    return send


def agreed(client, page):
    """Press the button of a preview."""
    names = ("token", "digest", "csrf_token")
    form = {n: re.search(rf'name="{n}" value="([^"]+)"', page.text)[1] for n in names}
    return client.post("/ledger/import/apply", data=form)


def test_what_was_saved_here_differs_in_nothing(bring):
    page = bring()
    assert page.status_code == 200
    assert "Nothing differs" in page.text
    assert "Correct" not in page.text


def test_two_cells_are_shown_first_and_then_corrected(client, bring, put, ledger, session):
    put("opened", "remark", "<b>回访</b>")
    put("formula", "address", "利民街 5 号")
    page = bring()
    assert "2 cells differ" in page.text
    for words in ("&lt;b&gt;回访", "利民街 5 号", "+86"):
        assert words in page.text
    look_again(session)
    assert ledger.cases["opened"].remark == "", "nothing yet"

    done = agreed(client, page)
    assert done.status_code == 303
    look_again(session)
    assert ledger.cases["opened"].remark == "<b>回访</b>"
    assert ledger.cases["formula"].address == "利民街 5 号"
    assert "2 cases corrected" in client.get(done.headers["Location"]).text
    assert agreed(client, page).status_code == 404, "the file is gone"


def test_a_sheet_with_other_times_or_departments_cannot_be_done(client, bring, put):
    put("opened", "remark", "甲")
    put("closed", "lead", "别的部门")
    page = bring()
    assert "1 place stands in the way" in page.text
    assert "别的部门" in page.text
    assert 'name="digest"' not in page.text


def test_a_case_that_changes_meanwhile_is_shown_anew(client, bring, put, ledger, session):
    put("formula", "remark", "甲")
    page = bring()
    ledger.town.step(ledger.cases["formula"], Action.ASK_VERIFICATION, "dispatcher")
    session.commit()
    second = agreed(client, page)
    assert second.status_code == 409
    assert "Meanwhile a case has changed" in second.text
    look_again(session)
    assert ledger.cases["formula"].remark == "@all"
    assert agreed(client, second).status_code == 303
    look_again(session)
    assert ledger.cases["formula"].remark == "甲"


def test_what_is_no_ledger_is_told_beside_the_form(client, bring):
    page = bring(b"no workbook")
    assert page.status_code == 400
    assert "cannot be read" in page.text
    assert 'type="file"' in page.text
    form = {"csrf_token": token(client, "/ledger")}
    assert "Choose the workbook" in client.post("/ledger/import", data=form).text


def test_a_sheet_of_too_many_rows_is_for_the_command(bring, monkeypatch):
    monkeypatch.setattr("webapp.desks.ledger.import_views.MOST_ROWS", 3)
    assert "ledger-import" in bring().text


def test_what_somebody_else_brought_is_out_of_reach(client, bring, put, session, ledger):
    put("opened", "remark", "甲")
    page = bring()
    other = make_person(session, ledger.town.ground.office, Role.DISPATCHER)
    session.commit()
    sign_in(client, other)
    assert agreed(client, page).status_code == 404


@pytest.mark.parametrize(
    "role", [r for r in Role if r not in (Role.DISPATCHER, Role.ADMINISTRATOR)]
)
def test_only_dispatchers_and_administrators_bring_ledgers(client, session, ledger, role):
    person = make_person(session, ledger.town.ground.office, role)
    session.commit()
    sign_in(client, person)
    assert client.get("/ledger/import").status_code == 403
    assert "/ledger/import" not in client.get("/ledger").text
