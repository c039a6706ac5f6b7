"""What this room adds to the application."""

from flask import Flask

from webapp.sample import cli
from webapp.sample.people import PASSWORD


def init_app(app: Flask) -> None:
    """Register the room's commands; the sign-in page says what opens the demo accounts."""
    app.extensions["demo_password"] = PASSWORD
    app.cli.add_command(cli.commands)
