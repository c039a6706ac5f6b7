"""What can go wrong, by kind, and the one table that turns it into an answer."""

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from gis.errors import GeoDataError
from webapp.core.database import drop_changes
from webapp.core.geowords import words_of


class WanggeError(Exception):
    """An error whose `reason` code can read and whose message a person can."""

    status = 400

    def __init__(self, reason: str, message: str, **detail: object) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.detail = detail


class BadInput(WanggeError):
    """What was given cannot be used: what it was, what is allowed, what to do."""


class NotFound(WanggeError):
    """It is not there, or this person may not know that it is."""

    status = 404


class NotAllowed(WanggeError):
    """This person may know of it, and may not do this."""

    status = 403


class Conflict(WanggeError):
    """No longer possible, since something else happened first."""

    status = 409


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    asked = request.path.startswith("/api/") or request.path.endswith(".json")
    return asked or best == "application/json"


def answer(status: int, reason: str, message: str, **detail: object) -> ResponseReturnValue:
    """The same refusal as a page or as JSON; what the request had begun to change is dropped."""
    drop_changes()
    if wants_json():
        return jsonify(error=reason, message=message, **detail), status
    return render_template("error.html", status=status, reason=reason, message=message), status


def _of_ours(error: WanggeError) -> ResponseReturnValue:
    return answer(error.status, error.reason, error.message, **error.detail)


def _geo(error: GeoDataError) -> ResponseReturnValue:
    return answer(400, str(error.reason), words_of(error))


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    return answer(
        409, "stale", _("Somebody else changed this a moment ago. Look again, then repeat.")
    )


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return answer(
        400, "csrf", _("This form was open for too long. Go back, load the page again and send it.")
    )


def _away(error: OperationalError) -> ResponseReturnValue:
    current_app.logger.error("the database does not answer: %s", error.orig)
    return answer(503, "database", _("The database does not answer. Try again in a minute."))


def _unfit(error: DataError) -> ResponseReturnValue:
    """PostgreSQL's refusal of a value that its column cannot hold, such as a far too large id."""
    current_app.logger.warning("refused by the database: %s", error.orig)
    return answer(400, "value", _("A value in it is too large. See that it is right."))


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error.response, Response):
        return error.response
    words = {
        404: _("There is nothing at this address, or it is not yours to see."),
        405: _("This address does not take that kind of request."),
        413: _("That is larger than the limit. Send fewer or smaller files."),
        429: _("Too many requests from here. Wait a minute and try again."),
        500: _("Something broke on our side. It has been written down; try again."),
    }
    status = error.code or 500
    return answer(status, error.name.lower(), words.get(status, error.description or error.name))


HANDLERS = {
    WanggeError: _of_ours,
    GeoDataError: _geo,
    StaleDataError: _stale,
    CSRFError: _csrf,
    OperationalError: _away,
    DataError: _unfit,
    HTTPException: _http,
}

blueprint = Blueprint("errors", __name__)
for kind, handler in HANDLERS.items():
    blueprint.app_errorhandler(kind)(handler)  # type: ignore[type-var]
