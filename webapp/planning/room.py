"""What this room adds to the application."""

from flask import Flask

from webapp.planning import views


def init_app(app: Flask) -> None:
    """Register the room's pages."""
    app.register_blueprint(views.blueprint)
