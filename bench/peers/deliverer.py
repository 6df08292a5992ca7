"""One process of several that deliver what one database holds: `python -m bench.peers.deliverer DATABASE FAR`."""

import asyncio
import logging
import sys
from dataclasses import replace
from datetime import datetime, timedelta

from bench.peers.ours import TOKEN
from bot.channels.telegram import Telegram
from bot.house import House
from bot.words import Words
from catalogue import load
from catalogue.calendar import HANOI, Calendar
from storage import db


def main(database: str, far: str) -> None:
    logging.basicConfig(level=logging.WARNING)
    channel = Telegram(TOKEN, far)
    channel.traits = replace(channel.traits, per_second=0.0, chat_gap=0.0, alone=False)  # the pace is lifted
    clock = datetime.now(HANOI).replace(hour=9)  # the office is open, whatever the day
    while not Calendar().awake(clock):
        clock += timedelta(days=1)
    ahead = clock - datetime.now(HANOI)
    engine = db.connect(database)
    house = House(engine, load.all(), Calendar(), lambda: datetime.now(HANOI) + ahead, {"vi": Words()}, [channel])
    house.roles = frozenset({"deliver"})
    asyncio.run(house.live(asyncio.Event()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
