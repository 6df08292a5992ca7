"""Nhắc Hạn itself: a whole house on Telegram, with people each of whom reports for a unit."""

import asyncio
import logging
import sys
from dataclasses import replace
from datetime import datetime

from bot.channels.telegram import Telegram
from bot.house import House
from bot.words import Words
from catalogue import load, roster
from catalogue.calendar import HANOI, Calendar
from catalogue.office import Office
from storage import campaigns, db, people, units

TOKEN = "123456789:AAloopback-token_of_35_characters_x"


def main(far: str, people_count: int, folder: str) -> None:
    logging.basicConfig(level=logging.WARNING)
    engine = db.connect(f"sqlite:///{folder}/house.db")
    db.upgrade(engine)
    catalogues, now = load.all(), datetime.now(HANOI)
    known = roster.example().units
    pattern = next(unit for unit in known if unit.id.startswith("HKL-"))
    seats = [replace(pattern, id=f"HKL-{chat}", name=f"Hạt Kiểm lâm {chat}") for chat in range(1, people_count + 1)]
    office = Office([*known, *seats])
    with engine.begin() as tx:
        units.apply(tx, office, now.date())
        book = catalogues["2024-qd55"]
        campaign = campaigns.open(tx, book.id, now.year + 1, book.plan(now.year + 1), now)
        assert campaign
        campaigns.assign(tx, campaign, book, office)
        for chat, seat in enumerate(seats, start=1):
            whom = people.join(tx, f"Người {chat}", seat.id, "focal", now)
            people.link(tx, people.address_of(tx, "telegram", TOKEN.partition(":")[0], str(chat), now), whom)
    channel = Telegram(TOKEN, far)
    channel.traits = replace(channel.traits, per_second=0.0, chat_gap=0.0)
    house = House(engine, catalogues, Calendar(), lambda: datetime.now(HANOI), {"vi": Words()}, [channel])
    asyncio.run(house.live(asyncio.Event()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
