"""What this room adds to the application."""

from flask import Flask

from webapp.cases import cli, import_views, report_views, views, words
from webapp.cases import sweep as _sweep  # noqa: F401 - registers its chore
from webapp.cases.following import views as follow_views
from webapp.cases.notices import admin_views as notice_admin_views
from webapp.cases.notices import sending as _sending  # noqa: F401 - registers its chore
from webapp.cases.notices import views as notice_views
from webapp.cases.steps import prints as step_prints
from webapp.cases.steps import views as step_views


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.register_blueprint(report_views.blueprint)
    app.register_blueprint(follow_views.blueprint)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(step_views.blueprint)
    app.register_blueprint(step_prints.blueprint)
    app.register_blueprint(import_views.blueprint)
    app.register_blueprint(notice_admin_views.blueprint)
    notice_views.init_app(app)
    app.cli.add_command(cli.commands)
    app.jinja_env.globals.update(
        datum_labels=words.DATUM_LABELS,
        lamp_of=words.lamp_of,
        time_left_words=words.time_left_words,
    )
