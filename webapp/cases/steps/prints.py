"""What is printed of a case: the work order with map and QR code, and its history on one page."""

import segno
from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp.cases.models import Case
from webapp.cases.steps.page import presence_words, read_page
from webapp.cases.steps.showing import found_case, photo_address
from webapp.cases.steps.sketch import sketch
from webapp.core.clock import now
from webapp.core.database import current_session
from webapp.core.i18n import zone
from webapp.people.access import desk, present_person

blueprint = Blueprint("case_prints", __name__)

MANY, VERY_MANY = 16, 30  # events from which the history is set smaller


@blueprint.get("/cases/<number>/order")
@desk()
def order(number: str) -> ResponseReturnValue:
    """A work order, for those who go out without a screen."""
    case, session = found_case(number), current_session()
    return render_template(
        "cases/order.html",
        page=read_page(session, present_person(), case, now()),
        sketch=sketch(session, case, now().astimezone(zone()).date()),
        qr=_qr(case),
        photo_address=photo_address,
    )


@blueprint.get("/cases/<number>/print")
@desk()
def history(number: str) -> ResponseReturnValue:
    """All that happened to a case, on one page of paper."""
    case = found_case(number)
    page = read_page(current_session(), present_person(), case, now())
    count = len(page.told)
    return render_template(
        "cases/history.html",
        page=page,
        qr=_qr(case),
        size="smallest" if count > VERY_MANY else "smaller" if count > MANY else "usual",
        presence_words=presence_words,
        photo_address=photo_address,
    )


def _qr(case: Case) -> Markup:
    """The case's address as a QR code; attributes alone, since styles in a page are blocked."""
    base = current_app.config["WANGGE"].public_url
    path = url_for("cases.case", number=case.number)
    address = f"{base}{path}" if base else url_for("cases.case", number=case.number, _external=True)
    drawn = segno.make(address, error="m").svg_inline(svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704 - made here of an address of ours
