"""What this room adds to the application."""

from flask import Flask

from webapp.insight import cli
from webapp.insight.counts import keeping as _keeping  # noqa: F401 - registers its chore
from webapp.insight.follows import sweep as _sweep  # noqa: F401 - registers its chore
from webapp.insight.follows import views as follow_views
from webapp.insight.hotspots import neighbours as _neighbours  # noqa: F401 - registers its job
from webapp.insight.hotspots import views as hotspot_views


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.cli.add_command(cli.commands)
    app.register_blueprint(hotspot_views.blueprint)
    follow_views.init_app(app)
