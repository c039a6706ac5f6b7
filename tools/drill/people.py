"""Those who work while the killing goes on, and remember what they were told is done."""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

AGAIN_S = 0.05
WAYS = ("ask_verification", "verify", "open", "dispatch", "take")
TO_THE_END = ("answer", "ask_check", "pass_check")
WHO = {
    "ask_verification": "dispatcher", "verify": "manager", "open": "dispatcher",
    "dispatch": "dispatcher", "take": "member", "answer": "member", "ask_check": "dispatcher",
    "pass_check": "manager",
}  # fmt: skip


@dataclass
class Told:
    """What was acknowledged, and what was in the way."""

    reports: set[str] = field(default_factory=set)  # ids of forms
    steps: set[int] = field(default_factory=set)  # ids of events
    imports: list[list[str]] = field(default_factory=list)  # external ids, file by file
    parked: list[str] = field(default_factory=list)  # numbers of cases left to be handled
    broken: int = 0  # requests without an answer, or with one of 5xx
    refused: list[str] = field(default_factory=list)


class Stop:
    """Says when to stop, to many threads."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def __bool__(self) -> bool:
        return self.event.is_set()


class Worker(threading.Thread):
    """Somebody at a browser. What broke is sent again, as a browser's form is."""

    def __init__(self, address: str, cookies: dict[str, str], told: Told, stop: Stop) -> None:
        super().__init__(daemon=True)
        self.address, self.cookies, self.told, self.stop = address, cookies, told, stop
        self.http = requests.Session()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stop:
                self.work()
        except BaseException as error:  # noqa: BLE001 - the drill says it
            self.error = error

    def work(self) -> None:
        raise NotImplementedError

    def send(self, path: str, who: str | None, **what: Any) -> requests.Response:
        """Send until there is an answer."""
        headers = {"Accept": "application/json"}
        if who:
            headers["Cookie"] = f"session={self.cookies[who]}"
        while True:
            try:
                answer = self.http.post(self.address + path, headers=headers, timeout=60, **what)
                if answer.status_code < 500:
                    return answer
            except requests.RequestException:
                self.http = requests.Session()
            self.told.broken += 1
            time.sleep(AGAIN_S)


class CaseWorker(Worker):
    """Reports a case and takes it a part of its way, or all of it."""

    def __init__(self, *args: Any, department: int, number_of: Any, seed: int) -> None:
        super().__init__(*args)
        self.department, self.number_of = department, number_of
        self.chance = random.Random(seed)  # noqa: S311 - a drill that can be repeated

    def work(self) -> None:
        form = str(uuid.uuid4())
        report = {
            "submission_uuid": form, "lat": 38.2805, "lon": 106.2505, "placed_by": "device",
            "datum": "wgs84", "condition": "K01-037.4", "contact": "li@example.cn",
        }  # fmt: skip
        answer = self.send("/report", None, data=report)
        if answer.status_code != 200:
            self.told.refused.append(f"report: {answer.status_code} {answer.text[:200]}")
            return
        self.told.reports.add(form)
        number = self.number_of(form)
        ways = WAYS + (TO_THE_END if self.chance.random() < 0.4 else ())
        for action in ways:
            if self.stop or not self.step(number, action):
                return
        if ways == WAYS:
            self.told.parked.append(number)

    def step(self, number: str, action: str) -> bool:
        facts = {
            "note": "演练", "found": "yes", "department_id": self.department,
            "form": str(uuid.uuid4()),
        }  # fmt: skip
        answer = self.send(f"/cases/{number}/steps/{action}", WHO[action], json=facts)
        if answer.status_code != 200:
            self.told.refused.append(f"{action}: {answer.status_code} {answer.text[:200]}")
            return False
        self.told.steps.add(int(answer.json()["event"]))
        return True


class Importer(Worker):
    """Brings a file of old cases, waits a little, brings the next."""

    def __init__(self, *args: Any, file: Any) -> None:
        super().__init__(*args)
        self.file = file

    def work(self) -> None:
        ids, content, mapping = self.file(f"D{len(self.told.imports)}")
        files = {"file": ("old.csv", content), "mapping_file": ("m.toml", mapping)}
        answer = self.send("/admin/cases/import", "admin", files=files, data={"mapping": ""})
        if answer.status_code != 200:
            self.told.refused.append(f"import: {answer.status_code} {answer.text[:200]}")
            return
        self.told.imports.append(ids)
        self.stop.event.wait(4)
