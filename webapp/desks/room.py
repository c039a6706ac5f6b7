"""What this room adds to the application."""

from flask import Flask

from webapp.desks import home, navigation


def init_app(app: Flask) -> None:
    """Register the room's pages and commands."""
    navigation.init_app(app)
    app.register_blueprint(home.blueprint)
