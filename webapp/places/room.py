"""What this room adds to the application."""

from flask import Flask

from webapp.places import api, cli, views


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    app.register_blueprint(api.blueprint)
    app.register_blueprint(views.blueprint)
    app.cli.add_command(cli.commands)
