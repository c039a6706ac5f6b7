"""`/admin/cases/import`: bring a file of cases and watch it go in."""

import csv
import io
from collections.abc import Iterator

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from webapp.cases.importing import reject_rows
from webapp.cases.importing.job import (
    KIND,
    keep_upload,
    order_import,
    stored_mapping,
    stored_mappings,
)
from webapp.cases.importing.reading import SUFFIXES
from webapp.cases.models import ImportRun
from webapp.core.audit import note_change
from webapp.core.clock import now
from webapp.core.database import begin_write, current_session, drop_changes
from webapp.core.errors import BadInput, NotFound, answer, wants_json
from webapp.core.jobs import Job
from webapp.people.access import desk, present_person
from webapp.people.models import Role

blueprint = Blueprint("case_import", __name__, url_prefix="/admin/cases/import")

SHOWN_JOBS = 20
REFUSED = 422  # a form that came back
OF_THE_MAPPING = {"mapping", "conditions", "encoding"}


@blueprint.get("")
@desk(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    return _form({})


@blueprint.post("")
@desk(Role.ADMINISTRATOR)
def start() -> ResponseReturnValue:
    session, person = current_session(), present_person()
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadInput("file", _("Choose the file with the cases."))
    brought = request.files.get("mapping_file")
    mapping = brought.read() if brought and brought.filename else b""
    mapping = mapping or stored_mapping(request.form.get("mapping", ""))
    path = keep_upload(current_app.config["WANGGE"].upload_dir, file.filename, file.stream)
    begin_write(session)
    job = order_import(session, person.office, person, path, file.filename, mapping, now())
    note_change(session, "cases.import", file.filename, person, now())
    session.commit()
    target = url_for("case_import.watch", job_id=job.id)
    return jsonify(location=target) if wants_json() else redirect(target, 303)


@blueprint.errorhandler(BadInput)
def _beside_the_field(error: BadInput) -> ResponseReturnValue:
    """What is wrong with file or mapping comes back on the form that brought them."""
    if request.endpoint != "case_import.start":
        return answer(error.status, error.reason, error.message)
    drop_changes()
    field = "mapping" if error.reason in OF_THE_MAPPING else "file"
    errors = {field: [error.message]}
    return (jsonify(errors=errors) if wants_json() else _form(errors)), REFUSED


def _form(errors: dict[str, list[str]]) -> str:
    of_office = select(Job).where(Job.kind == KIND, Job.office_id == present_person().office_id)
    jobs = current_session().scalars(of_office.order_by(Job.id.desc()).limit(SHOWN_JOBS)).all()
    facts = {"jobs": jobs, "mappings": stored_mappings(), "suffixes": SUFFIXES}
    return render_template("cases/import.html", errors=errors, **facts)


@blueprint.get("/<int:job_id>")
@desk(Role.ADMINISTRATOR)
def watch(job_id: int) -> ResponseReturnValue:
    return render_template("cases/import_job.html", job=_job(job_id))


@blueprint.get("/<int:job_id>.json")
@desk(Role.ADMINISTRATOR)
def progress(job_id: int) -> ResponseReturnValue:
    job = _job(job_id)
    response = jsonify(state=job.state, done=job.done, total=job.total)
    response.cache_control.no_store = True
    return response


@blueprint.get("/runs/<int:run_id>/rejects.csv")
@desk(Role.ADMINISTRATOR)
def rejects(run_id: int) -> Response:
    run = current_session().get(ImportRun, run_id)
    if run is None or run.office_id != present_person().office_id:
        raise NotFound("import_run", _("There is no such import, or it is not yours to see."))
    response = Response(stream_with_context(_as_csv(run)), mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename=rejects-{run.id}.csv"
    return response


def _as_csv(run: ImportRun) -> Iterator[str]:
    yield "\ufeff"  # so that Excel reads it as UTF-8
    for row in reject_rows(current_session(), run):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def _job(job_id: int) -> Job:
    job = current_session().get(Job, job_id)
    if job is None or job.kind != KIND or job.office_id != present_person().office_id:
        raise NotFound("job", _("There is no such import, or it is not yours to see."))
    return job
