"""Every unit's every indicator as a line of data, for other programs: csv and JSON. The columns are for ever."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from bot.dialogue import coded
from bot.documents.cells import BEGINS_A_FORMULA
from catalogue.model import Answer
from catalogue.standing import Standing

COLUMNS = (
    *("campaign", "year", "unit", "unit_name", "code", "section", "printed", "measure", "target", "state", "answer"),
    *("numerator", "denominator", "percent", "as_of", "given", "late", "verdict", "gap", "more", "reason", "evidence"),
    "on_behalf",
)


def of(campaign: int, year: int, stands: Iterable[Standing]) -> Iterator[dict[str, object]]:
    """In the order of COLUMNS; amounts exact ("250/3"), None where there is nothing."""
    for one in stands:
        for code in one.indicators:
            yield dict.fromkeys(COLUMNS) | {"campaign": campaign, "year": year} | _row(one, code)


def _row(one: Standing, code: str) -> dict[str, object]:
    row = one.catalogue.by_code[code]
    measure = row.measure or ""
    found: dict[str, object] = {"unit": one.unit, "unit_name": one.unit_name, "code": code, "section": row.section}
    found |= {"printed": row.printed, "measure": measure, "target": row.target.raw if row.target else None}
    said = one.reported.get(measure)
    if said is None:
        return found | {"state": "missing"}
    found |= {"state": one.state(row).stage, "as_of": said.as_of.isoformat(), "given": said.given.isoformat()}
    found |= {"late": one.late(measure), "reason": one.explained.get(measure)}
    found |= {"evidence": said.evidence or None, "on_behalf": said.on_behalf}
    return found | _answered(said.answer, one, code)


def _answered(answer: Answer, one: Standing, code: str) -> dict[str, object]:
    row = one.catalogue.by_code[code]
    state = one.state(row)
    found: dict[str, object] = {"answer": coded.write(answer), "verdict": state.verdict or None}
    found |= {"numerator": answer.numerator, "denominator": answer.denominator}
    found |= {"percent": None if answer.percent is None else str(answer.percent)}
    return found | ({"gap": str(state.lacking.gap), "more": state.lacking.more} if state.lacking else {})


def as_csv(rows: Iterable[dict[str, object]]) -> bytes:
    """UTF-8 as Excel knows it, RFC 4180; a text that a spreadsheet would compute has an apostrophe before it."""
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: defused(value) for name, value in row.items()})
    return out.getvalue().encode("utf-8-sig")


def defused(value: object) -> object:
    """What a spreadsheet takes for text, whatever it begins with."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(BEGINS_A_FORMULA) else value
