"""Where steps are sent to, and what a browser would send from a page."""

import re

JSON = {"Accept": "application/json"}


def path(case, action):
    return f"/cases/{case.number}/steps/{action}"


def fresh(session, case):
    session.rollback()
    session.refresh(case)
    return case


def form_on(page, action):
    """What a browser would send from that form of the page: its hidden fields."""
    body = page.split(f'data-step-form="{action}"', 1)[1].split("</form>", 1)[0]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body)
    return {name: value for name, value in hidden if name in ("version", "form")}
