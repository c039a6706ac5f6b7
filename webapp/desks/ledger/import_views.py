"""`/ledger/import`: a ledger comes back; what differs is shown first, then done."""

import re
import uuid
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.cases.access import visible_to
from webapp.cases.ledger.correcting import apply
from webapp.cases.ledger.differing import Plan, compare
from webapp.cases.ledger.sheet import read_sheet
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session
from webapp.core.errors import BadInput, NotFound
from webapp.desks.ledger.job import folder
from webapp.desks.ledger.views import BRINGERS, PATH
from webapp.people.access import desk, present_person

blueprint = Blueprint("ledger_import", __name__, url_prefix=f"{PATH}/import")

MOST_ROWS = 10_000  # more are compared by the command, which nobody waits for at a page
SHOWN = 500


@blueprint.get("")
@desk(*BRINGERS)
def index() -> str:
    return render_template("desks/ledger/import.html", problem=None)


@blueprint.post("")
@desk(*BRINGERS)
def check() -> ResponseReturnValue:
    """Keep the file and show what it would change."""
    file = request.files.get("file")
    token = uuid.uuid4().hex
    path = _kept(token)
    try:
        if file is None or not file.filename:
            raise BadInput("file", _("Choose the workbook."), field="file")
        path.parent.mkdir(parents=True, exist_ok=True)
        file.save(path)
        plan = _plan(path)
    except BadInput as problem:
        path.unlink(missing_ok=True)
        return render_template("desks/ledger/import.html", problem=problem.message), 400
    return _preview(plan, token)


@blueprint.post("/apply")
@desk(*BRINGERS)
def do() -> ResponseReturnValue:
    """Do what was shown; if by now it is something else, show that instead."""
    session, token = current_session(), request.form.get("token", "")
    path = _kept(token)
    if not path.exists():
        raise NotFound("file", _("The file was cleared away meanwhile. Bring it again."))
    begin_write(session)
    plan = _plan(path)
    if plan.digest != request.form.get("digest"):
        session.rollback()
        return _preview(plan, token, changed=True)
    count = apply(session, plan, present_person(), now())
    session.commit()
    path.unlink(missing_ok=True)
    words = ngettext("%(num)d case corrected.", "%(num)d cases corrected.", count)
    flash(words, "success")
    return redirect(url_for("ledger.show"), 303)


def _plan(path: Path) -> Plan:
    person, sheet = present_person(), read_sheet(path)
    if len(sheet.rows) > MOST_ROWS:
        raise BadInput(
            "rows",
            _(
                "The sheet has %(rows)s rows; a page compares at most %(most)s. Bring fewer, or use"
                " flask cases ledger-import.",
                rows=len(sheet.rows),
                most=MOST_ROWS,
            ),
            field="file",
        )
    return compare(current_session(), person.office, visible_to(person), sheet, now())


def _preview(plan: Plan, token: str, *, changed: bool = False) -> ResponseReturnValue:
    page = render_template(
        "desks/ledger/preview.html", plan=plan, token=token, changed=changed, shown=SHOWN
    )
    return page, 409 if changed else 200


def _kept(token: str) -> Path:
    """Where a brought file waits for its owner; a token of somebody else leads nowhere."""
    if not re.fullmatch("[0-9a-f]{32}", token):
        raise NotFound("file", _("The file was cleared away meanwhile. Bring it again."))
    return folder() / f"brought-{present_person().id}-{token}.xlsx"
