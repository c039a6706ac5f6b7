"""What this room adds to the application."""

from flask import Flask

from webapp.people import access, views


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    access.init_app(app)
    app.register_blueprint(views.blueprint)
