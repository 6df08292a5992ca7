"""What a failed call to an Official Account's API means, code by code of Zalo's own table."""

import logging
import re
from datetime import timedelta

from bot.channels.channel import Later, Refused, Stopped
from bot.channels.zalo_oa_api import Code, Failed
from bot.channels.zalo_oa_grant import MEND

log = logging.getLogger(__name__)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
_OF_THE_PERSON = re.compile(r"user_?\s?id|recipient", re.IGNORECASE)
GONE: dict[int, str] = {
    Code.NOT_FOLLOWED: "does not follow the account",
    Code.BLOCKED: "has blocked the account",
    Code.IDLE: "is banned, or idle for long",
    Code.SILENT: "has been silent for more than seven days",
    Code.SILENT_TOO: "has been silent for too long",
    Code.RESTRICTED: "is restricted",
}
UNPAID: dict[
    int, str
] = {  # within 48 hours all is free, so only those who have been silent for longer are out of reach
    Code.WALLET: "has been silent for 48 hours, and the account has no wallet to pay from",
    Code.MONEY: "has been silent for 48 hours, and the account's wallet is empty",
}
HALTED: dict[int, tuple[str, timedelta]] = {
    Code.LIMIT: ("too many requests", MINUTE),
    Code.RATE: ("too many requests in a minute", MINUTE),
    Code.QUOTA: ("the account's quota is used up", HOUR),
}
PUT_OFF: dict[int, tuple[str, timedelta]] = {
    Code.ATTACHMENT: ("the upload has expired", timedelta(0)),
    Code.FAILED: ("Zalo could not send it", timedelta(0)),
    Code.THEIR_QUOTA: ("this person has had all the messages of the day", HOUR),
    Code.NIGHT: ("not at night, says Zalo", HOUR),
    Code.TEMPLATE_NIGHT: ("not at night, says Zalo", HOUR),
}
STOPPED: dict[int, str] = {
    Code.OA_DISABLED: "the Official Account is disabled",
    Code.OA_MISSING: "the Official Account does not exist",
    Code.APP_INACTIVE: "the app is not active",
    Code.UNREGISTERED: "the app has not registered this API",
    Code.TOKEN: f"Zalo does not take our token: {MEND}",
    Code.TOKEN_EXPIRED: f"Zalo does not take our token: {MEND}",
    Code.TEMPLATE_TOKEN: f"Zalo does not take our token: {MEND}",
    Code.APP_REMOVED: f"the account has removed the app: {MEND}",
    Code.UNVERIFIED: "the Official Account is not verified",
    Code.UNAUTHORISED: f"the account has not authorised the app: {MEND}",
    Code.PACKAGE: "the account's package has no API",
    Code.KIND: "this kind of Official Account may not send messages to single persons",
    Code.OLD_OFF: "this kind of Official Account may send over the old API only, which Zalo has shut down",
    Code.PROOF: "the app demands a proof of its secret with each call; switch that off in Zalo's console",
}
OURS = {
    *(Code.TOO_LARGE, Code.TOO_LONG, Code.CONTENT, Code.POLICY, Code.POLICY_TOO),
    *(Code.GROUP_OFF, Code.ASSET, Code.ASSET_TOO, Code.NOT_IN_GROUP),
}


def meaning(failed: Failed) -> Exception:
    """Later, Refused or Stopped, or the failure itself where the fault is ours. What no table names, may pass."""
    code = failed.code
    if why := UNPAID.get(code):
        log.error("somebody is out of reach: %s (%s)", why, code)
    if why or (why := GONE.get(code)):
        return Refused(f"{code}: {why}")
    if code == Code.BAD:
        return Refused(str(failed)) if _OF_THE_PERSON.search(failed.description) else failed
    if code in STOPPED:
        return Stopped(f"{code}: {STOPPED[code]}")
    if code in OURS:
        return failed
    return _put_off(failed)


def of_template(failed: Failed) -> Exception:
    """Whatever is wrong with the template, with its price or with the person: they are reached elsewhere, if at all."""
    means = meaning(failed)
    if isinstance(means, Stopped) or failed.code in HALTED or failed.code in (Code.NIGHT, Code.TEMPLATE_NIGHT):
        return means
    log.error("a template was not sent: %s", failed)
    return Refused(f"no template: {failed}")


def _put_off(failed: Failed) -> Later:
    code = failed.code
    if code in HALTED:
        why, wait = HALTED[code]
        return Later(f"{code}: {why}", wait, halt=True)
    if code in PUT_OFF:
        why, wait = PUT_OFF[code]
        return Later(f"{code}: {why}", wait)
    return Later(str(failed))
