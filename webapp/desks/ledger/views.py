"""`/ledger`: the table of cases, and the files it is taken away in."""

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from webapp.cases.ledger.columns import COLUMNS, SORTABLE, Column
from webapp.cases.ledger.files import FORMATS
from webapp.cases.ledger.reading import Reading, lines
from webapp.cases.ledger.workbook import Wish
from webapp.cases.listing import filter_choices, one_of
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.desks.frame.saved import saved_views
from webapp.desks.ledger.asking import Asked, Order, read_address
from webapp.desks.ledger.job import (
    AT_ONCE,
    folder,
    order_file,
    own_file,
    own_files,
    path_of,
)
from webapp.desks.ledger.paging import COUNTED, count_up_to, read_page
from webapp.desks.ledger.writing import SIGNS, file_name, wish_of, write_file
from webapp.desks.map.queries import View
from webapp.people.access import desk, present_person
from webapp.people.looking import looked_at
from webapp.people.models import Role

blueprint = Blueprint("ledger", __name__)

PATH = "/ledger"
BRINGERS = (Role.DISPATCHER, Role.ADMINISTRATOR)


def the_view(asked: Asked) -> View:
    person = present_person()
    return View(person.office, person, asked.filters, now(), looked_at(person))


@blueprint.get(PATH)
@desk()
def show() -> str:
    session, asked = current_session(), read_address(request.args)
    view = the_view(asked)
    page = read_page(session, view, asked)
    reading = Reading(session, view.office, view.now)
    found = lines(session, reading, asked.columns, page.ids, page.first_serial)
    return render_template(
        "desks/ledger/ledger.html",
        asked=asked,
        page=page,
        rows=[line for chunk in found for line in chunk],
        heads=[Head.of(column) for column in asked.columns],
        case_address=case_addresses(),
        count=count_up_to(session, view),
        most=COUNTED,
        address=lambda **changes: address(asked, **changes),
        turned=lambda column: Order(column, asked.order == Order(column, False)).text,
        choices=filter_choices(session, view.office),
        views=saved_views(session, present_person(), PATH),
        columns=COLUMNS,
        sortable=SORTABLE,
        formats=FORMATS,
        bringers=BRINGERS,
        reading=reading,
    )


class Head(NamedTuple):
    """What is the same in all cells of a column, made once a page."""

    key: str
    kind: str
    opening: Markup

    @classmethod
    def of(cls, column: Column) -> "Head":
        title = " card-title" if column.key == "number" else ""
        css = f"ledger-{column.kind.value} ledger-at-{column.key}{title}"
        opening = Markup('<td class="{}" data-label="{}">').format(css, column.name)
        return cls(column.key, column.kind.value, opening)


def case_addresses() -> Callable[[str], str]:
    """The address of a case by its number; the route is asked once, not for each line."""
    before, _mark, after = url_for("cases.case", number="NUMBER").partition("NUMBER")
    return lambda number: f"{before}{quote(number, safe='')}{after}"


def address(asked: Asked, **changes: str | None) -> str:
    """This ledger's address with what is named changed; without a page it is the first."""
    query = {name: value for name, value in (asked.query | changes).items() if value}
    return f"{PATH}?{urlencode(query)}" if query else PATH


@blueprint.post(f"{PATH}/files")
@desk()
def write() -> ResponseReturnValue:
    """A small ledger at once, a large one by the worker."""
    session = current_session()
    asked = read_address(MultiDict(parse_qsl(request.form.get("query", ""))))
    kind = one_of("format", request.form.get("format", "xlsx"), FORMATS)
    photos = kind == "xlsx" and request.form.get("photos") == "1"
    view = the_view(asked)
    if count_up_to(session, view, AT_ONCE) > AT_ONCE:
        begin_write(session)
        job = order_file(session, view, asked, kind, photos=photos, now=view.now)
        session.commit()
        return redirect(url_for("ledger.watch", job_id=job.id), 303)
    return _at_once(view, wish_of(session, view, asked, photos=photos), kind)


def _at_once(view: View, wish: Wish, kind: str) -> Response:
    """The file itself, which is gone from our disk when it has been sent."""
    path = folder() / f"{uuid.uuid4().hex}.{kind}"
    write_file(current_session(), view, wish, path, kind)
    file = path.open("rb")
    path.unlink()
    return send_file(file, SIGNS[kind], as_attachment=True, download_name=file_name(view, kind))


@blueprint.get(f"{PATH}/files")
@desk()
def files() -> str:
    return render_template(
        "desks/ledger/files.html", jobs=own_files(current_session(), present_person())
    )


@blueprint.get(f"{PATH}/files/<int:job_id>")
@desk()
def watch(job_id: int) -> str:
    job = own_file(current_session(), present_person(), job_id)
    return render_template("desks/ledger/file.html", job=job)


@blueprint.get(f"{PATH}/files/<int:job_id>.json")
@desk()
def progress(job_id: int) -> Response:
    job = own_file(current_session(), present_person(), job_id)
    response = jsonify(state=job.state, done=job.done, total=job.total)
    response.cache_control.no_store = True
    return response


@blueprint.get(f"{PATH}/files/<int:job_id>/download")
@desk()
def download(job_id: int) -> Response:
    job = own_file(current_session(), present_person(), job_id)
    facts: dict[str, Any] = {"as_attachment": True, "download_name": job.result.get("name")}
    return send_file(path_of(job), SIGNS[job.payload["kind"]], **facts)
