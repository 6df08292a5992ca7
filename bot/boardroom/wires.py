"""How the channels are: what waits, what a month still allows, who can't be reached."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot import allowance
from bot.boardroom.look import Look
from bot.channels.channel import Channel, labels, sharing
from bot.web.board.ports import ChannelCard, ChannelRow, Lost
from catalogue.model import Catalogue
from jobs import heartbeat
from storage import outbox, people, quota


def show(look: Look, channels: Sequence[Channel], catalogues: Mapping[str, Catalogue]) -> ChannelCard | None:
    if not look.sight.tccb:
        return None
    named = zip(labels(channels), channels, strict=True)
    metered = allowance.metered(channels)
    months = allowance.of_month(look.tx, metered, catalogues, look.calendar, look.now) if metered else []
    planned = {(one.of.channel, one.of.account): one.planned for one in months}
    rows = tuple(
        row(look, name, one, planned.get((one.name, one.account), 0), sharing(one, channels)) for name, one in named
    )
    parked, unknown = outbox.troubles(look.tx, look.now - timedelta(days=1))
    lost = tuple(Lost(one.name, look.named(one.unit), one.phone or "") for one in people.unreachable(look.tx))
    return ChannelCard(look.now, rows, heartbeat.last(look.tx), parked, unknown, lost)


def row(look: Look, name: str, one: Channel, planned: int, accounts: Sequence[str]) -> ChannelRow:
    known = quota.people(look.tx, one.name, one.account)
    used = quota.used(look.tx, one.name, accounts, quota.month(look.now))
    open, oldest = outbox.queue(look.tx, one.name, one.account)
    limits = (known, one.traits.people, used, one.traits.monthly)
    return ChannelRow(name, one.traits.title, one.pulse.fault, *limits, planned, open, oldest)
