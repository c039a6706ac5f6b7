"""What this room adds to the application."""

from flask import Flask

from webapp.sample import cli


def init_app(app: Flask) -> None:
    """Register the room's commands."""
    app.cli.add_command(cli.commands)
