"""The office of a rehearsal: as many units as asked for, like those of the example, and who serves in them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from sqlalchemy import Connection

from catalogue import roster
from catalogue.office import Office, Unit
from storage import people

SURNAMES = ("Nguyễn", "Sùng", "Trần", "Lê", "Vàng", "Lò", "Nông", "Hoàng", "Giàng", "Phạm", "Lý", "Đặng", "Ma", "Vũ")
GIVEN = ("An", "Mỷ", "Bảo", "Hạnh", "Dính", "Thịnh", "Hiền", "Tiến", "Sử", "Hương", "Phúc", "Tuấn", "Nga", "Quân")
PERCENT = 100


@dataclass(frozen=True)
class Seat:
    """One person: what they do for which units, and the chats in which they can be reached, in that order."""

    name: str
    role: str
    units: tuple[str, ...]
    chats: tuple[str, ...]


def office(count: int) -> Office:
    """The example's units again and again; what is left of the last round is spread over all types."""
    example = roster.example().units
    whole, rest = divmod(count, len(example))
    units = [unit for number in range(whole) for unit in _copy(example, number)]
    some = [example[place * len(example) // rest] for place in range(rest)]
    return Office([*units, *_copy(tuple(some), whole)])


def _copy(units: tuple[Unit, ...], number: int) -> Iterator[Unit]:
    ids = {unit.id for unit in units}
    mark = f"-{number + 1}" if number else ""
    for unit in units:
        parent = unit.parent + mark if unit.parent in ids else ""
        name = f"{unit.name} ({number + 1})" if number else unit.name
        yield replace(unit, id=unit.id + mark, name=name, parent=parent)


def seats(office: Office, rng: Random) -> list[Seat]:
    """A focal point for nearly every unit, some for two, some units with two; heads; two of TCCB."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for unit in office.units:
        if not (found and found[-1][0] == "focal" and _chance(rng, 4)):
            if not _chance(rng, 2):  # else nobody has registered yet
                found.append(("focal", (unit.id,)))
        else:
            found[-1] = ("focal", (*found[-1][1], unit.id))
        if _chance(rng, 5):
            found.append(("focal", (unit.id,)))
    found += [("head", (unit.id,)) for unit in office.units if office.children(unit.id) or _chance(rng, 30)]
    found += [("tccb", (office.units[0].id,))] * 2
    return [_seat(number, role, units, rng) for number, (role, units) in enumerate(found)]


def _seat(number: int, role: str, units: tuple[str, ...], rng: Random) -> Seat:
    name = f"{rng.choice(SURNAMES)} {rng.choice(GIVEN)}"
    chats = (f"{role}-{number}", f"{role}-{number}-2") if _chance(rng, 5) else (f"{role}-{number}",)
    return Seat(name, role, units, chats)


def _chance(rng: Random, percent: int) -> bool:
    return rng.randrange(PERCENT) < percent


def enter(tx: Connection, channel: str, seat: Seat, now: datetime) -> int:
    """The person, known to the house by every chat of theirs."""
    whom = people.join(tx, seat.name, seat.units[0], seat.role, now)
    for unit in seat.units[1:]:
        people.assign(tx, whom, unit, seat.role, now)
    for chat in seat.chats:
        people.link(tx, people.address_of(tx, channel, "", chat, now), whom)
    return whom
