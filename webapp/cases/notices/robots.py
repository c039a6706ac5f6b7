"""Robots in group chats, as WeCom and DingTalk take them: JSON to an address with a secret in it.

The address and the secret come from the environment, under the robot's name: never from the
database, which more people can read.
"""

import base64
import hashlib
import hmac
import os
import re
from datetime import datetime
from typing import Any

import requests

from webapp.cases.notices.models import Delivery, Robot
from webapp.cases.notices.outcomes import Away, Refused
from webapp.cases.notices.vocabulary import RobotKind

TIMEOUT_S = 10
MOST_BYTES = {RobotKind.WECOM: 2_048, RobotKind.DINGTALK: 20_000}


def variable(robot: Robot, what: str) -> str:
    """The name of the environment variable: `ROBOT_<NAME>_URL`."""
    return f"ROBOT_{re.sub(r'[^0-9A-Z]+', '_', robot.name.upper())}_{what}"


def is_set_up(robot: Robot) -> bool:
    return bool(os.environ.get(variable(robot, "URL")))


def send(robot: Robot, delivery: Delivery, now: datetime) -> None:
    """Have the robot say it.

    Raises
    ------
    Away
        The robot's server cannot be reached.
    Refused
        It answered that it does not take the message, or the robot is not set up.
    """
    url = os.environ.get(variable(robot, "URL"))
    if not url:
        raise Refused(f"{variable(robot, 'URL')} is not set")
    parameters: dict[str, str] = {}
    if robot.kind is RobotKind.DINGTALK and (secret := os.environ.get(variable(robot, "SECRET"))):
        parameters = signature(secret, now)
    try:
        answer = requests.post(
            url, params=parameters, json=message(robot.kind, delivery), timeout=TIMEOUT_S,
            headers={"X-Message-Id": delivery.message_id},
        )  # fmt: skip
    except requests.RequestException as error:
        raise Away(type(error).__name__) from error  # its words hold the address, and so the key
    if answer.status_code >= 500:
        raise Away(f"HTTP {answer.status_code}")
    _check(answer)


def _check(answer: requests.Response) -> None:
    if answer.status_code >= 400:
        raise Refused(f"HTTP {answer.status_code}")
    try:
        said = answer.json()
    except requests.JSONDecodeError as error:
        raise Refused("the answer is no JSON") from error
    if said.get("errcode") != 0:
        raise Refused(f"{said.get('errcode')} {said.get('errmsg', '')}"[:200])


def signature(secret: str, now: datetime) -> dict[str, str]:
    """What DingTalk wants beside the message: the time in milliseconds, signed with the secret."""
    timestamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": timestamp, "sign": base64.b64encode(digest).decode()}


def message(kind: RobotKind, delivery: Delivery) -> dict[str, Any]:
    """The message as plain text: only such can call people by their phones."""
    phones = delivery.address.split()
    text = f"{delivery.subject}\n{delivery.body}"
    if kind is RobotKind.WECOM:
        content = _cut(text, MOST_BYTES[kind])
        return {"msgtype": "text", "text": {"content": content, "mentioned_mobile_list": phones}}
    called = "".join(f" @{phone}" for phone in phones)
    content = _cut(text, MOST_BYTES[kind] - len(called)) + called
    return {"msgtype": "text", "text": {"content": content}, "at": {"atMobiles": phones}}


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore")
