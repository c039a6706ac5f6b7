"""Packages of the operating system: used where they are there, installed or asked for where not."""

import shutil
import stat
from pathlib import Path

import pytest

from tools import system
from tools.system import Missing, find_chromium, find_postgres, memory_folder, require

BY_HAND = "sudo apt-get update && sudo apt-get install -y thing-lib"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine that has only the programs that a test gives it; `log` says what was run."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("env", "sh", "touch", "cat"):
        (programs / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return Machine(programs, tmp_path / "log")


class Machine:
    def __init__(self, programs: Path, log: Path) -> None:
        self.programs, self.log, self.installed = programs, log, log.with_name("installed")

    def has(self, name: str, does: str = "") -> None:
        program = self.programs / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.log}\n{does}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def ran(self) -> str:
        return self.log.read_text() if self.log.exists() else ""


def want(machine: Machine, debian: str = "thing-lib") -> None:
    require("Thing", machine.installed.exists, debian=debian, brew="thing")


def test_what_is_there_is_not_installed_again(machine):
    machine.has("apt-get")
    machine.installed.touch()
    want(machine)
    assert machine.ran() == ""


def test_debian_gets_its_package_after_the_lists(machine, capfd):
    machine.has("apt-get", f'case "$*" in *install*) touch {machine.installed};; esac')
    want(machine)
    update, install = machine.ran().splitlines()
    assert update.endswith(" update")
    assert install.endswith("install -y --no-install-recommends thing-lib")
    assert "Installing Thing: thing-lib" in capfd.readouterr().out


def test_the_newest_of_numbered_packages_is_taken(machine):
    machine.has("apt-get", f'case "$*" in *install*) touch {machine.installed};; esac')
    machine.has("apt-cache", "echo db-9-gis; echo db-15-gis; echo db-17; echo db-old-gis")
    want(machine, debian="db-*-gis")
    assert machine.ran().splitlines()[-1].endswith(" db-15-gis")


def test_homebrew_is_used_where_there_is_no_apt(machine):
    machine.has("brew", f"touch {machine.installed}")
    want(machine)
    assert machine.ran() == "brew install thing\n"


def test_a_failed_install_says_the_one_thing_to_do(machine):
    machine.has("apt-get", 'case "$*" in *install*) exit 100;; esac')
    with pytest.raises(Missing) as caught:
        want(machine)
    assert BY_HAND in str(caught.value)


def test_sudo_is_used_where_not_root(machine, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    machine.has("apt-get")
    machine.has("sudo", f'case "$*" in *install*) touch {machine.installed};; esac')
    want(machine)
    assert all(line.startswith("sudo ") for line in machine.ran().splitlines())


def test_neither_root_nor_sudo_says_the_one_thing_to_do(machine, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    machine.has("apt-get")
    with pytest.raises(Missing, match="As root, run: apt-get update && apt-get install -y thing"):
        want(machine)
    assert machine.ran() == ""


def test_another_system_is_told_what_is_needed(machine):
    with pytest.raises(Missing, match="Wangge needs Thing"):
        want(machine)


def test_installed_but_of_no_use_is_not_called_ready(machine):
    machine.has("apt-get")
    with pytest.raises(Missing, match="cannot be used"):
        want(machine)


def test_a_named_chromium_or_postgres_that_is_not_there_is_not_replaced(monkeypatch):
    monkeypatch.setenv("CHROMIUM_PATH", "/nowhere/chromium")
    monkeypatch.setenv("POSTGRES_BIN", "/nowhere")
    assert find_chromium() is None
    assert find_postgres() is None


def test_memory_is_used_for_files_only_where_it_has_room(tmp_path, monkeypatch):
    monkeypatch.setattr(system, "MEMORY", str(tmp_path))
    free = shutil.disk_usage(tmp_path).free
    monkeypatch.setattr(system, "ROOM_BYTES", free // 2)
    assert memory_folder() == str(tmp_path)
    monkeypatch.setattr(system, "ROOM_BYTES", free * 2)
    assert memory_folder() is None
    monkeypatch.setattr(system, "ROOM_BYTES", 0)
    monkeypatch.setattr(system, "MEMORY", str(tmp_path / "none"))
    assert memory_folder() is None
