"""What this room adds to the application."""

from datetime import timedelta

from flask import Flask

from webapp.people import access, admin_views, cli, looking, views


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.permanent_session_lifetime = timedelta(days=14)  # "stay signed in"; else the browser's
    access.init_app(app)
    looking.init_app(app)
    app.register_blueprint(views.blueprint)
    app.register_blueprint(admin_views.blueprint)
    app.cli.add_command(cli.commands)
