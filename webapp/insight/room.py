"""What this room adds to the application."""

from flask import Flask

from webapp.insight import cli
from webapp.insight.counts import keeping as _keeping  # noqa: F401 - registers its chore


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.register_blueprint(cli.blueprint)
