"""A mail server and a robot's server of our own, really listening."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy.orm import Session

from tests import scenes
from tests.factories.life import Town, make_town
from webapp.core.settings import Settings, settings_from


@dataclass
class Mailbox:
    """What a mail server has taken; `answer` is what it says to the next messages."""

    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answer: str = "250 OK"
    port: int = 0
    takes_s: float = 0.0  # for each message

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.takes_s)
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.taken.append(message)  # type: ignore[arg-type]  # made by the default policy
            self.recipients.append(envelope.rcpt_tos)
        return self.answer


class MailServer:
    """An SMTP server that can go away and come back at the same port."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.box = Mailbox(port=probe.getsockname()[1])
        self.controller: Controller | None = None
        self.start()

    def start(self) -> None:
        self.controller = Controller(self.box, hostname="127.0.0.1", port=self.box.port)
        self.controller.start()

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@dataclass
class Heard:
    """One request to a robot."""

    query: dict[str, list[str]]
    body: dict[str, Any]
    message_id: str


class RobotServer(ThreadingHTTPServer):
    """Stands where WeCom's or DingTalk's server is; `answer` is what it says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RobotHandler)
        self.heard: list[Heard] = []
        self.answer: tuple[int, bytes] = (200, b'{"errcode": 0, "errmsg": "ok"}')

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/robot/send?access_token=abc"


class RobotHandler(BaseHTTPRequestHandler):
    server: RobotServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        query = parse_qs(urlsplit(self.path).query)
        self.server.heard.append(Heard(query, body, self.headers["X-Message-Id"]))
        status, answer = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Tests are quiet."""


@pytest.fixture
def robot_server() -> Iterator[RobotServer]:
    server = RobotServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(mail_server: MailServer, app: Flask) -> Iterator[Settings]:
    """As an operator sets mail up; the application's context is entered, as in the worker."""
    with app.app_context():
        yield settings_from(
            smtp_url=f"smtp://127.0.0.1:{mail_server.box.port}",
            mail_from="网格 <wangge@example.cn>",
            public_url="https://wangge.example.cn",
            secret_key="only for tests",
        )


scene = scenes.by(office_town=make_town)


@pytest.fixture
def office_town(scene, session: Session, app: Flask) -> Town:
    """A town in a database of its own, since sending commits as it goes."""
    town = scene.on(session)
    town.people["member"].email = "member@example.cn"
    town.people["member"].phone = "13800000001"
    session.commit()
    return town
