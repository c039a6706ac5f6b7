"""The administrator's pages of boundaries: what is in force, and the way of a new file in."""

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from gis.errors import GeoDataError
from webapp.core import clock
from webapp.core.database import current_session
from webapp.core.errors import NotFound, WanggeError
from webapp.core.jobs import Job, JobState
from webapp.people.access import desk, present_person
from webapp.people.models import Role
from webapp.places import pagefacts, queries, uploads, working
from webapp.places.answers import answers_from, form_data
from webapp.places.forms import AnswersForm, UploadForm
from webapp.places.locating import office_today
from webapp.places.wording import label_of

blueprint = Blueprint("places_admin", __name__, url_prefix="/admin/places")
REFUSED = 422


@blueprint.get("")
@desk(Role.ADMINISTRATOR)
def places() -> ResponseReturnValue:
    session, office = current_session(), present_person().office
    today = office_today(office, clock.now())
    versions = queries.versions_of(session, office)
    facts = pagefacts.overview(session, office, today)
    return render_template(
        "places/places.html", versions=versions, today=today, kind_label=label_of, **facts
    )


@blueprint.get("/current.json")
@desk(Role.ADMINISTRATOR)
def current_shapes() -> ResponseReturnValue:
    office = present_person().office
    today = office_today(office, clock.now())
    return jsonify(pagefacts.current_shapes(current_session(), office, today))


@blueprint.route("/import", methods=["GET", "POST"])
@desk(Role.ADMINISTRATOR)
def upload_file() -> ResponseReturnValue:
    form = UploadForm()
    if form.validate_on_submit():
        try:
            upload = _receive(form.file.data)
        except WanggeError as error:
            form.file.errors = [error.message]
        else:
            return redirect(url_for(".answer_questions", token=upload.token))
    limit = current_app.config["WANGGE"].max_upload_bytes // 2**20
    status = REFUSED if form.errors else 200
    return render_template("places/upload.html", form=form, limit=limit), status


@blueprint.route("/import/<token>", methods=["GET", "POST"])
@desk(Role.ADMINISTRATOR)
def answer_questions(token: str) -> ResponseReturnValue:
    upload = _upload(token)
    asked = request.args.get("member"), request.args.get("layer")
    try:
        found = pagefacts.inspect(current_session(), present_person().office, upload, *asked)
    except GeoDataError as error:
        return render_template(
            "places/unreadable.html", upload=upload, error=error, message=upload.refusal(error)
        ), REFUSED
    today = office_today(present_person().office, clock.now())
    form = AnswersForm.of_file(found, today, form_data(upload.read("answers")))
    if form.validate_on_submit():
        upload.keep("answers", answers_from(form.data, asked[0], asked[1] or found.layer or None))
        return _start_check(upload)
    status = REFUSED if form.errors else 200
    proposals = pagefacts.proposals_by_choice(found)
    return render_template(
        "places/answers.html", upload=upload, found=found, form=form, proposals=proposals, zip=zip
    ), status


@blueprint.get("/import/<token>/findings")
@desk(Role.ADMINISTRATOR)
def findings(token: str) -> ResponseReturnValue:
    upload = _upload(token)
    summary = upload.read("check")
    if summary is None:
        return redirect(url_for(".answer_questions", token=token, **_asked(upload)))
    facts = pagefacts.findings_page(upload, summary)
    return render_template("places/findings.html", upload=upload, check=summary, **facts)


@blueprint.get("/import/<token>/findings.json")
@desk(Role.ADMINISTRATOR)
def findings_shapes(token: str) -> ResponseReturnValue:
    return jsonify(pagefacts.findings_shapes(_upload(token)))


@blueprint.post("/import/<token>/apply")
@desk(Role.ADMINISTRATOR)
def apply(token: str) -> ResponseReturnValue:
    upload, session = _upload(token), current_session()
    accepted = "accept" in request.form
    try:
        job = working.start(session, upload, present_person(), working.APPLY, accepted=accepted)
    except WanggeError as error:
        session.rollback()
        flash(error.message, "danger")
        return redirect(url_for(".findings", token=token))
    return _to_job(job) if job else _applied()


@blueprint.post("/import/<token>/drop")
@desk(Role.ADMINISTRATOR)
def drop(token: str) -> ResponseReturnValue:
    _upload(token).drop()
    flash(_("The file was dropped. Nothing was changed."), "info")
    return redirect(url_for(".places"))


@blueprint.get("/import/jobs/<int:job_id>")
@desk(Role.ADMINISTRATOR)
def wait(job_id: int) -> ResponseReturnValue:
    job = current_session().get(Job, job_id)
    if job is None or job.office_id != present_person().office_id or job.kind not in working.WORKS:
        raise NotFound("job_unknown", _("There is no such work."))
    if job.state in (JobState.WAITING, JobState.RUNNING):
        progress = working.progress_of(job, present_person())
        applying = job.kind == working.APPLY
        return render_template("places/waiting.html", job=job, progress=progress, applying=applying)
    return _after(job)


# --- on the way ---------------------------------------------------------------------------------


def _receive(file: FileStorage) -> uploads.Upload:
    settings = current_app.config["WANGGE"]
    return uploads.receive(settings, present_person(), file.filename or "", file.stream)


def _upload(token: str) -> uploads.Upload:
    return uploads.find_upload(current_app.config["WANGGE"], present_person(), token)


def _start_check(upload: uploads.Upload) -> ResponseReturnValue:
    upload.forget("check", "findings")
    try:
        job = working.start(current_session(), upload, present_person(), working.CHECK)
    except (WanggeError, GeoDataError) as error:
        return _back_to_answers(upload, upload.refusal(error))
    return _to_job(job) if job else redirect(url_for(".findings", token=upload.token))


def _after(job: Job) -> ResponseReturnValue:
    """Where a finished job leads: on, or back to what its refusal is about."""
    if job.state is JobState.DONE and "done" in job.result:
        if job.kind == working.APPLY:
            return _applied()
        return redirect(url_for(".findings", token=job.payload["token"]))
    message = job.result.get("refused") or _("The worker failed: %(why)s", why=job.error)
    upload = _upload(job.payload["token"])
    if job.kind == working.CHECK:
        return _back_to_answers(upload, message)
    flash(message, "danger")
    return redirect(url_for(".findings", token=upload.token))


def _back_to_answers(upload: uploads.Upload, message: str) -> ResponseReturnValue:
    flash(message, "danger")
    return redirect(url_for(".answer_questions", token=upload.token, **_asked(upload)))


def _asked(upload: uploads.Upload) -> dict[str, Any]:
    """Which member and layer of the file the answers are about."""
    answers = upload.read("answers") or {}
    given = {"member": answers.get("member"), "layer": answers.get("file_layer")}
    return {name: value for name, value in given.items() if value}


def _to_job(job: Job) -> ResponseReturnValue:
    return redirect(url_for(".wait", job_id=job.id))


def _applied() -> ResponseReturnValue:
    flash(_("The boundaries are in force, or will be on their first day."), "success")
    return redirect(url_for(".places"))
