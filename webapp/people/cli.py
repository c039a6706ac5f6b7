"""`flask people`: offices and accounts from the command line."""

import click

from webapp.core.audit import CommandLine, note_change
from webapp.core.clock import now
from webapp.core.commands import Commands
from webapp.core.database import begin_write, current_session
from webapp.people import passwords, queries, service
from webapp.people.models import CHINESE_OFFICE_HOURS, CalendarKind, Duty, Role

CALENDARS = [kind.value for kind in CalendarKind]
ROLES = [role.value for role in Role]

commands = Commands("people", help="Offices, people and their roles.")


@commands.command("office-add")
@click.option("--code", required=True, help="The office's own code.")
@click.option("--name", required=True)
@click.option("--area-path", required=True, help="The root of its area, like /640121/001/.")
@click.option("--prefix", required=True, help="What its case numbers begin with.")
@click.option("--time-zone", default="Asia/Shanghai", show_default=True)
@click.option("--calendar", type=click.Choice(CALENDARS), default="china", show_default=True)
@click.option("--hours", multiple=True, help="Work hours, like 08:00-12:00; give it once a span.")
def add_office(
    code: str, name: str, area_path: str, prefix: str, time_zone: str, calendar: str,
    hours: tuple[str, ...],
) -> None:  # fmt: skip
    """Set up an office."""
    session = current_session()
    begin_write(session)
    office = service.create_office(
        session,
        code=code,
        name=name,
        area_path=area_path,
        number_prefix=prefix,
        time_zone=time_zone,
        calendar=CalendarKind(calendar),
        work_hours=[span.split("-") for span in hours] or CHINESE_OFFICE_HOURS,
    )
    session.flush()
    note_change(session, "office.add", office, CommandLine(office.id), now(), new={"code": code})
    session.commit()
    click.echo(f"Office {code} {name} is there.")


@commands.command("add")
@click.option("--username", required=True)
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--area", help="Path of the area looked after; the office's own unless given.")
@click.option("--department", help="Code of the department, for department members.")
@click.option("--office", help="Code of the office, where there are several.")
@click.option("--make-password", is_flag=True, help="Make one and print it once.")
def add_person(
    username: str, name: str, role: str, area: str | None, department: str | None,
    office: str | None, make_password: bool,
) -> None:  # fmt: skip
    """Add a person who can sign in; asks for the password unless told to make one."""
    session = current_session()
    chosen = service.only_office(session, office)
    body = service.find_department(session, chosen, department) if department else None
    password = passwords.make_password() if make_password else ask_password(username, name)
    begin_write(session)
    person = service.add_person(
        session,
        chosen,
        now(),
        username=username,
        name=name,
        role=Role(role),
        area_path=area,
        department=body,
        password=password,
        must_change_password=make_password,
    )
    facts = {"username": person.username, **service.duty_facts(person.duties[0])}
    note_change(session, "person.add", person, CommandLine(chosen.id), now(), new=facts)
    session.commit()
    click.echo(f"{name} may sign in as {service.plain_username(username)}.")
    if make_password:
        click.echo(f"Password, shown this once, to be changed at the first sign-in: {password}")


def ask_password(*words: str) -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    passwords.check_strength(password, *words)
    return password


@commands.command("list")
@click.option("--office", help="Code of the office, where there are several.")
def list_people(office: str | None) -> None:
    """Say who there is."""
    session = current_session()
    for person in queries.people_of(session, service.only_office(session, office)):
        duties = "; ".join(map(duty_words, person.duties))
        closed = "" if person.active else " (closed)"
        click.echo(f"{person.username or '-'}\t{person.name}{closed}\t{duties}")


def duty_words(duty: Duty) -> str:
    department = f" {duty.department.code}" if duty.department else ""
    return f"{duty.role} {duty.area_path}{department}"
