"""Wangge: map-based grid management for the offices that look after a city's streets."""

import importlib
from typing import Any

from flask import Flask
from flask_compress import Compress

from webapp.core import errors, health, i18n, icons, jobs_cli, migrating, security, waking
from webapp.core.database import Database, close_session, make_engine
from webapp.core.settings import settings_from

ROOMS = (
    "mapping",
    "people",
    "places",
    "standards",
    "cases",
    "planning",
    "desks",
    "insight",
    "sample",
)


def create_app(**settings: Any) -> Flask:
    """The application; `settings` win over the environment (see `core.settings.Settings`)."""
    app = Flask(__name__)
    chosen = settings_from(**settings)
    app.config["TESTING"] = chosen.testing
    app.config["WANGGE"] = chosen
    app.extensions["database"] = Database(chosen.engine or make_engine(chosen.database_url))
    app.teardown_appcontext(close_session)
    waking.init_app(app)
    i18n.init_app(app)
    icons.init_app(app)
    security.init_app(app, chosen)
    Compress(app)
    for part in (errors, health, migrating, jobs_cli):
        app.register_blueprint(part.blueprint)
    for room in ROOMS:
        importlib.import_module(f"webapp.{room}.room").init_app(app)
    return app
