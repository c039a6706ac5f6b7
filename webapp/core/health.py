"""`GET /healthz`: is the database there, and does it know its geometry?"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from webapp.core.database import current_session, is_spatialite

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    session = current_session()
    version = "spatialite_version()" if is_spatialite(session.bind) else "postgis_lib_version()"
    try:
        spatial = session.scalar(text(f"SELECT {version}"))
        revision = session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError as error:
        return jsonify(status="database away", database=type(error.orig).__name__), 503
    dialect = session.get_bind().dialect.name
    return jsonify(status="ok", database=dialect, spatial=spatial, revision=revision)
