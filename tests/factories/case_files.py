"""Files of cases for tests: rows of CSV and the mapping that says what they mean."""

from tests.factories.cases import INSIDE, LAMP_OUT, LITTER, OTHER

HEADER = "id,what,state,created,closed,lon,lat,words\n"
MAPPING = f"""
source = "old"
[columns]
external_id = "id"
class = "what"
state = "state"
created = "created"
closed = "closed"
longitude = "lon"
latitude = "lat"
[text]
description = "{{words}} ({{what}})"
address = "{{words}}"
[classes]
other = "{OTHER}"
values = {{ lamp = "{LAMP_OUT}", litter = "{LITTER}" }}
[states]
values = {{ done = "closed", busy = "handling" }}
"""
TEN = "2026-11-24T10:30:00"


def row(number: object, what: str = "lamp", **cells: object) -> str:
    lon, lat = INSIDE
    facts = {
        "state": "",
        "created": TEN,
        "closed": "",
        "lon": lon,
        "lat": lat,
        "words": "w",
    } | cells
    return ",".join(map(str, (number, what, *facts.values()))) + "\n"
