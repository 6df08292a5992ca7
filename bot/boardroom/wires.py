"""How the channels are: what waits, what a month still allows, who can't be reached."""

from collections.abc import Sequence
from datetime import timedelta

from bot.boardroom.ahead import month
from bot.boardroom.look import Look
from bot.channels.channel import Channel, labels
from bot.web.board.ports import ChannelCard, ChannelRow, Lost
from jobs import heartbeat
from storage import outbox, people, quota


def show(look: Look, channels: Sequence[Channel]) -> ChannelCard | None:
    if not look.sight.tccb:
        return None
    rows = tuple(row(look, name, one) for name, one in zip(labels(channels), channels, strict=True))
    parked, unknown = outbox.troubles(look.tx, look.now - timedelta(days=1))
    lost = tuple(Lost(one.name, look.named(one.unit), one.phone or "") for one in people.unreachable(look.tx))
    return ChannelCard(look.now, rows, heartbeat.last(look.tx), parked, unknown, lost)


def row(look: Look, name: str, one: Channel) -> ChannelRow:
    known = quota.people(look.tx, one.name, one.account)
    used = quota.used(look.tx, one.name, one.account, month(look.now))
    open, oldest = outbox.queue(look.tx, one.name, one.account)
    limits = (known, one.traits.people, used, one.traits.monthly)
    return ChannelRow(name, one.traits.title, one.pulse.fault, *limits, open, oldest)
