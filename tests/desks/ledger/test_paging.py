"""Page after page is the whole ledger in its order, ties and cases without a value included."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import MultiDict

from tests.factories.cases import NOW, make_case, make_ground
from tests.factories.people import make_person
from webapp.cases.ledger.columns import SHOWN, SORTABLE
from webapp.cases.listing import ALL
from webapp.cases.models import Case, CaseKey
from webapp.cases.vocabulary import State
from webapp.core.errors import BadInput
from webapp.desks.ledger.asking import read_address
from webapp.desks.ledger.paging import all_ids, count_up_to, read_page
from webapp.desks.map.filters import MapFilters
from webapp.desks.map.queries import View
from webapp.people.models import Role

ROWS = 4
ORDERS = [f"{sign}{column.key}" for column in SORTABLE for sign in ("", "-")]
TIMES = {"reported": "reported_at", "dispatched": "dispatched_at", "due": "due_at",
         "answered": "answered_at", "closed": "closed_at"}  # fmt: skip


@pytest.fixture
def town(session):
    """Nineteen cases; many share their times, and about half lack those that can be lacking."""
    ground = make_ground(session)
    cases = []
    for number in range(19):
        at = NOW + timedelta(hours=number % 5)
        lacking = number % 2 == 0
        closed = None if number % 3 else at + timedelta(days=3)
        cases.append(
            make_case(
                session, ground.office, now=at, due_at=at + timedelta(days=number % 4),
                dispatched_at=None if lacking else at, answered_at=None if lacking else at,
                closed_at=closed, state=State.CLOSED if closed else State.REPORTED,
            )
        )  # fmt: skip
    person = make_person(session, ground.office, Role.DISPATCHER)
    view = View(ground.office, person, MapFilters(state=ALL), NOW + timedelta(days=9))
    return SimpleNamespace(cases=cases, view=view, office=ground.office)


def asked(**address):
    return read_address(MultiDict(address))


def in_order(cases, order):
    """The brute force: those with a value by value and id, then those without by id."""
    name, falling = order.lstrip("-"), order.startswith("-")

    def value(case):
        return case.number if name == "number" else getattr(case, TIMES[name])

    having = [case for case in cases if value(case) is not None]
    lacking = [case for case in cases if value(case) is None]
    having.sort(key=lambda case: (value(case), case.id), reverse=falling)
    lacking.sort(key=lambda case: case.id, reverse=falling)
    return [case.id for case in (*having, *lacking)]


def walk(session, view, order):
    """All pages from the first to the last."""
    pages, after = [], ""
    while after is not None:
        page = read_page(session, view, asked(sort=order, after=after), ROWS)
        pages.append(page)
        after = page.after.text if page.after else None
    return pages


def test_pages_forward_are_the_whole_in_each_order(session, town):
    for order in ORDERS:
        pages = walk(session, town.view, order)
        ids = [case_id for page in pages for case_id in page.ids]
        assert ids == in_order(town.cases, order), order
        assert [page.first_serial for page in pages] == [1, 5, 9, 13, 17]
        assert pages[0].before is None


def test_pages_back_are_those_that_led_there_in_each_order(session, town):
    for order in ORDERS:
        *pages, back = walk(session, town.view, order)
        for page in reversed(pages):
            back = read_page(session, town.view, asked(sort=order, before=back.before.text), ROWS)
            assert (back.ids, back.first_serial) == (page.ids, page.first_serial), order
            assert back.after == page.after
        assert back.before is None


def test_a_file_has_the_same_orders(session, town):
    for order in ORDERS:
        assert all_ids(session, town.view, asked(sort=order).order) == in_order(town.cases, order)


def test_rows_that_come_meanwhile_move_nothing(session, town):
    first = read_page(session, town.view, asked(), ROWS)
    make_case(session, town.office, now=NOW + timedelta(hours=7))
    second = read_page(session, town.view, asked(after=first.after.text), ROWS)
    assert [*first.ids, *second.ids] == in_order(town.cases, "-reported")[:8]


def test_the_whole_is_counted_only_while_that_is_cheap(session, town):
    assert count_up_to(session, town.view) == 19
    assert count_up_to(session, town.view, most=10) == 11


def test_each_page_is_two_statements_at_most(session, town, database, statements):
    statements.clear()
    read_page(session, town.view, asked(sort="-closed"), ROWS)
    assert sum(s.startswith("SELECT") for s in statements) <= 2


def test_an_address_is_read_whole(session, town):
    all_of_it = asked(sort="closed", columns="remark,number", state="open", lamp="red")
    assert all_of_it.query == {
        "sort": "closed", "columns": "number,remark", "state": "open", "lamp": "red",
    }  # fmt: skip
    plain = asked()
    assert (plain.query, plain.columns, plain.order.text) == ({}, SHOWN, "-reported")
    assert plain.filters.state == ALL
    several = read_address(MultiDict([("lamp", "red"), ("lamp", "amber"), ("columns", "lon")]))
    assert [c.key for c in several.columns] == ["number", "lon"]
    assert len(several.filters.lamps) == 2


NO_ADDRESSES = (
    {"sort": "remark"},
    {"sort": "--due"},
    {"columns": "colour"},
    {"after": "yesterday~1~2"},
    {"after": "2026-11-24T10:30:00+00:00~x~2"},
    {"before": "~"},
    {"lamp": "pink"},
    {"since": "24.11."},
)


def test_what_is_no_address_of_the_ledger_is_refused(app):
    with app.app_context():
        for address in NO_ADDRESSES:
            with pytest.raises(BadInput):
                asked(**address)


def test_every_order_has_an_index():
    """By the office, then the key; the number has its own."""
    indexed = {tuple(c.name for c in index.columns)[:2] for index in Case.__table__.indexes}
    for column in SORTABLE:
        if column.order is CaseKey.number:
            assert CaseKey.__table__.c.number.unique
        else:
            assert ("office_id", column.order.key) in indexed, column.key
