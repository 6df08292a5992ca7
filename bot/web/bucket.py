"""Token buckets: how often somebody may do something."""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address, ip_network

KEPT = 10_000  # the longest unseen are forgotten first


class Buckets:
    """A bucket for each key: `burst` at once, then one more every `every` seconds of the monotonic clock."""

    def __init__(self, burst: int, every: float, monotonic: Callable[[], float]) -> None:
        self._burst, self._every, self._monotonic = burst, every, monotonic
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, as of when

    def take(self, key: str) -> bool:
        """False when the bucket is empty."""
        now = self._monotonic()
        tokens, since = self._levels.pop(key, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - since) / self._every)
        allowed = tokens >= 1
        self._levels[key] = (tokens - 1 if allowed else tokens, now)
        while len(self._levels) > KEPT:
            self._levels.popitem(last=False)
        return allowed


def address(host: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 network that an IPv6 subscriber commands."""
    try:
        ip = ip_address(host)
    except ValueError:
        return host
    return str(ip) if ip.version == 4 else str(ip_network((ip, 64), strict=False))
