"""Every address of the program and whom it lets in; a new one must be entered here."""

from datetime import date

from flask import Flask
from werkzeug.routing import Rule

from webapp.people.models import Role

EVERYBODY = frozenset({None, *Role})  # None: a visitor without an account
STAFF = frozenset(Role)
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
DISPATCH = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})
DISPATCHER = frozenset({Role.DISPATCHER})
LEADER = frozenset({Role.LEADER})
MANAGER = frozenset({Role.GRID_MANAGER})
MEMBER = frozenset({Role.DEPARTMENT_MEMBER})
ON_THE_SPOT = frozenset({Role.GRID_MANAGER, Role.INSPECTOR})
LOOKERS = frozenset({Role.LEADER, Role.INSPECTOR, Role.DISPATCHER, Role.DEPARTMENT_MEMBER})

DOORS = {
    "audit_log.log": ADMINISTRATOR,
    "case_import.index": ADMINISTRATOR,
    "case_import.progress": ADMINISTRATOR,
    "case_import.rejects": ADMINISTRATOR,
    "case_import.start": ADMINISTRATOR,
    "case_import.watch": ADMINISTRATOR,
    "case_prints.history": STAFF,
    "case_prints.order": STAFF,
    "case_steps.panel": STAFF,
    "case_steps.take": STAFF,
    "cases.case": STAFF,
    "cases.index": STAFF,
    "cases.photo": STAFF,
    "cases.place": DISPATCH,
    "crews.add": MEMBER | ADMINISTRATOR,
    "crews.change": MEMBER | ADMINISTRATOR,
    "crews.crews": MEMBER,
    "crews.set_active": MEMBER | ADMINISTRATOR,
    "department_desk.news": MEMBER,
    "department_desk.page": MEMBER,
    "department_desk.row": MEMBER,
    "departments.add": ADMINISTRATOR,
    "departments.close": ADMINISTRATOR,
    "departments.department": ADMINISTRATOR,
    "departments.departments": ADMINISTRATOR,
    "departments.open_again": ADMINISTRATOR,
    "departments.rename": ADMINISTRATOR,
    "desks.follow": EVERYBODY,
    "desks.home": EVERYBODY,
    "dispatch_desk.beside": DISPATCH,
    "dispatch_desk.news": DISPATCH,
    "dispatch_desk.page": DISPATCH,
    "dispatch_desk.row": DISPATCH,
    "dispatch_desk.show_preview": DISPATCHER,
    "dispatch_desk.take_many": DISPATCHER,
    "dispatch_desk.undo": DISPATCHER,
    "dispatch_desk.unplaced": DISPATCH,
    "grid_desk.news": ON_THE_SPOT,
    "grid_desk.page": ON_THE_SPOT,
    "grid_desk.row": ON_THE_SPOT,
    "grid_desk.week": ON_THE_SPOT,
    "follow.photo": EVERYBODY,
    "follow.say": EVERYBODY,
    "follow.show": EVERYBODY,
    "follows.begin": LOOKERS,
    "follows.end": LOOKERS,
    "health.healthz": EVERYBODY,
    "hotspots.cases": LOOKERS,
    "hotspots.data": LOOKERS,
    "hotspots.density": LOOKERS,
    "hotspots.file": LOOKERS,
    "hotspots.paper": LOOKERS,
    "hotspots.found": LOOKERS,
    "hotspots.repeat_places": LOOKERS,
    "hotspots.search": LOOKERS,
    "hotspots.show": LOOKERS,
    "i18n.set_language": EVERYBODY,
    "leader_desk.news": LEADER,
    "leader_desk.page": LEADER,
    "leader_desk.row": LEADER,
    "ledger.download": STAFF,
    "ledger.files": STAFF,
    "ledger.progress": STAFF,
    "ledger.show": STAFF,
    "ledger.watch": STAFF,
    "ledger.write": STAFF,
    "ledger_import.check": DISPATCH,
    "ledger_import.do": DISPATCH,
    "ledger_import.index": DISPATCH,
    "looking.choose": STAFF,
    "map.areas_json": EVERYBODY,
    "map.case_json": EVERYBODY,
    "map.cases_json": EVERYBODY,
    "map.grid_json": EVERYBODY,
    "map.search_json": EVERYBODY,
    "map.show": EVERYBODY,
    "mended.mended": MANAGER,
    "mended.send": MANAGER,
    "office_settings.change": ADMINISTRATOR,
    "office_settings.settings": ADMINISTRATOR,
    "notices.choices": STAFF,
    "notices.count": STAFF,
    "notices.inbox": STAFF,
    "notices.mark_read": STAFF,
    "notices.read": STAFF,
    "notices_admin.again": ADMINISTRATOR,
    "notices_admin.change_robot": ADMINISTRATOR,
    "notices_admin.outgoing": ADMINISTRATOR,
    "notices_admin.robot_list": ADMINISTRATOR,
    "notices_admin.wording": ADMINISTRATOR,
    "notices_admin.wordings": ADMINISTRATOR,
    "people.change_password": STAFF,
    "people.choose_own_language": STAFF,
    "people.me": STAFF,
    "people.sign_in": EVERYBODY,
    "people.sign_out": EVERYBODY,
    "people.sign_out_everywhere": STAFF,
    "people.try_sign_in": EVERYBODY,
    "people_admin.add": ADMINISTRATOR,
    "people_admin.add_duty": ADMINISTRATOR,
    "people_admin.change_details": ADMINISTRATOR,
    "people_admin.close": ADMINISTRATOR,
    "people_admin.open_again": ADMINISTRATOR,
    "people_admin.people": ADMINISTRATOR,
    "people_admin.person": ADMINISTRATOR,
    "people_admin.remove_duty": ADMINISTRATOR,
    "people_admin.set_head": ADMINISTRATOR,
    "people_admin.reset_password": ADMINISTRATOR,
    "places_admin.answer_questions": ADMINISTRATOR,
    "places_admin.apply": ADMINISTRATOR,
    "places_admin.current_shapes": ADMINISTRATOR,
    "places_admin.drop": ADMINISTRATOR,
    "places_admin.findings": ADMINISTRATOR,
    "places_admin.findings_shapes": ADMINISTRATOR,
    "places_admin.places": ADMINISTRATOR,
    "places_admin.upload_file": ADMINISTRATOR,
    "places_admin.wait": ADMINISTRATOR,
    "places_api.locate": EVERYBODY,
    "planning.routing": ADMINISTRATOR,
    "planning.rule": ADMINISTRATOR,
    "planning.save": ADMINISTRATOR,
    "planning.trial": ADMINISTRATOR,
    "report.report": EVERYBODY,
    "report.send_report": EVERYBODY,
    "saved_views.remove": STAFF,
    "saved_views.save": STAFF,
    "waiting.numbers": STAFF,
    "standards.apply_standards": ADMINISTRATOR,
    "standards.calendar": ADMINISTRATOR,
    "standards.preview_standards": ADMINISTRATOR,
    "standards.remove_day": ADMINISTRATOR,
    "standards.set_day": ADMINISTRATOR,
    "standards.standards": ADMINISTRATOR,
    "standards_api.route": EVERYBODY,
    "static": EVERYBODY,
}

# What stands in the addresses when the doors are tried; numbers are 0, which nothing has.
ARGUMENTS = {
    "code": "en", "day": date(2026, 1, 1), "filename": "css/app.css", "size": "small",
    "said": "rate", "what": "test", "turn": "close", "layer": "clusters",
}  # fmt: skip


def visits(app: Flask, **known: object) -> list[tuple[str, str, str]]:
    """Each address of DOORS with each method it takes, as (method, path, endpoint).

    `known` are things that are there, by the name they have in the addresses.
    """
    adapter = app.url_map.bind("")

    def path(rule: Rule, method: str) -> str:
        values = {name: (ARGUMENTS | known).get(name, 0) for name in rule.arguments}
        return adapter.build(rule.endpoint, values, method)

    return [
        (method, path(rule, method), rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        if rule.endpoint in DOORS
    ]
