"""Carries out what a turn asks to be done, in the turn's own transaction; some deeds have something to say."""

from bot import rhythm
from bot.clerk import (
    admitting,
    appraising,
    behalf,
    carding,
    handing,
    linking,
    looking,
    noticing,
    privacy,
    proving,
    relieving,
    reporting,
    revoking,
)
from bot.clerk.errand import Errand as Errand
from bot.clerk.errand import Says
from bot.dialogue.deeds import (
    AcceptAll,
    Acknowledge,
    Affirm,
    Appraise,
    AskErasure,
    AskTime,
    BeAway,
    Broadcast,
    ComeBack,
    Contest,
    Decide,
    DecideAddress,
    DecideErasure,
    Dismiss,
    Disown,
    DropAddress,
    Enrol,
    Explain,
    Extend,
    Forward,
    HandOut,
    HandOver,
    Hold,
    Invite,
    Join,
    KeepCircle,
    KeepDeadline,
    KeepDuty,
    Lock,
    Look,
    Move,
    NextCard,
    OnBehalf,
    OpenBoard,
    OpenLink,
    Prefer,
    Preview,
    PreviewAll,
    PreviewExtend,
    PreviewMove,
    PreviewUrge,
    PrintInvitations,
    Promise,
    Queue,
    Recall,
    Record,
    Release,
    Rename,
    Reopen,
    Reply,
    RevokeCodes,
    SeekPerson,
    SetPhone,
    ShowMine,
    ShowProof,
    Speak,
    Tell,
    TellPending,
    Urge,
    WrongCode,
)
from bot.dialogue.turn import Deed, Say
from storage import campaigns, units


def carry_out(deed: Deed, errand: Errand) -> Says:
    """What the deed itself has to say, after what the turn says."""
    match deed:
        case HandOut():
            return handing.hand_out(deed, errand)
        case WrongCode():
            admitting.wrong_code(errand)
        case Enrol(invitation, name, phone):
            return admitting.enrol(invitation, name, phone, errand)
        case OpenBoard():
            return admitting.open_board(errand)
        case Acknowledge(notice, verbatim):
            noticing.acknowledge(notice, verbatim, errand)
        case Speak(language):
            privacy.speak(language, errand)
        case Forward("question", text, notice):
            noticing.forward_question(text, notice, errand)
        case Forward(_, text):
            reporting.forward(text, errand)
        case _:
            return for_their_unit(deed, errand)
    return ()


def for_their_unit(deed: Deed, errand: Errand) -> Says:
    """What a unit tells of itself. Refused where it is not this person's to report for, or to see."""
    match deed:
        case Record():
            return reporting.record(deed, errand)
        case ShowProof():
            return proving.show(deed, errand)
        case Explain(campaign, unit, measure, reason):
            reporting.explain(campaign, unit, measure, reason, errand)
        case TellPending():
            reporting.tell_pending(deed, errand)
        case Tell(campaign, unit, measure):
            return reporting.history(campaign, unit, measure, errand)
        case Affirm(entered):
            return behalf.affirm(entered, errand)
        case Contest(report, reason):
            return behalf.contest(report, reason, errand)
        case AskTime():
            reporting.ask_time(deed, errand)
        case Promise(campaign, unit, due):
            reporting.promise(campaign, unit, due, errand)
        case _:
            return for_themselves(deed, errand)
    return ()


def for_themselves(deed: Deed, errand: Errand) -> Says:
    """Who does a person's work meanwhile, or from now on; where they are reached. Refused where it is not their own."""
    match deed:
        case BeAway(until):
            return relieving.be_away(until, errand)
        case ComeBack():
            return relieving.come_back(errand)
        case HandOver(name, phone):
            return relieving.hand_over(name, phone, errand)
        case KeepDuty():
            return relieving.keep(errand)
        case OpenLink():
            return linking.open_link(errand)
        case Join(ticket):
            return linking.join(ticket, errand)
        case Prefer(address):
            return linking.prefer(address, errand)
        case DropAddress(address):
            return linking.drop(address, errand)
        case ShowMine():
            return privacy.show(errand)
        case Rename(name):
            return privacy.rename(name, errand)
        case SetPhone(phone):
            return privacy.set_phone(phone, errand)
        case AskErasure():
            return privacy.ask(errand)
        case Disown():
            return linking.disown(errand)
    return for_evaluators(deed, errand)


def for_evaluators(deed: Deed, errand: Errand) -> Says:
    """What those do who appraise, each on the rows of their office: refused here too, row by row."""
    match deed:
        case Appraise() | Queue() | NextCard() | PreviewAll() | AcceptAll() if not errand.facts.appraises:
            raise PermissionError(f"{type(deed).__name__} is for evaluators")
        case Appraise():
            return appraising.appraise(deed, errand)
        case Queue(start):
            return carding.queue(start, errand)
        case NextCard(scope, after):
            return carding.next_card(scope, after, errand)
        case PreviewAll(scope):
            return carding.preview_all(scope, errand)
        case AcceptAll(scope, newest):
            return carding.accept_all(scope, newest, errand)
        case Look(at) if errand.facts.oversees and at in _READ_ONLY:
            return looking.look(deed, errand)
    return for_tccb(deed, errand)


# for those who look at the whole office and change nothing
_READ_ONLY = ("missing", "short", "waiting", "nobody", "unit", "indicator")


def for_tccb(deed: Deed, errand: Errand) -> Says:
    """Deeds of the evaluating office: refused here too, whatever the dialogue thought of who is talking."""
    if not errand.facts.tccb:
        raise PermissionError(f"{type(deed).__name__} is for TCCB")
    match deed:
        case Look():
            return looking.look(deed, errand)
        case Preview():
            return noticing.preview(deed, errand)
        case Broadcast():
            return noticing.broadcast(deed, errand)
        case OnBehalf():
            behalf.enter(deed, errand)
            return ()
        case Release():
            return noticing.release(deed, errand)
        case Recall():
            return noticing.recall(deed, errand)
        case KeepCircle():
            noticing.keep_circle(deed, errand)
            return ()
        case Reply():
            return noticing.reply(deed, errand)
    return for_who_comes_and_goes(deed, errand)


def for_who_comes_and_goes(deed: Deed, errand: Errand) -> Says:
    """Whom TCCB invites, lets in and sends away."""
    match deed:
        case Decide(enrolment, approve, reason):
            admitting.decide(enrolment, approve, reason, errand)
            return ()
        case DecideErasure(request, erase, reason):
            return privacy.decide(request, erase, reason, errand)
        case DecideAddress(address, keep):
            return linking.decide(address, keep, errand)
        case RevokeCodes():
            return revoking.revoke(deed, errand)
        case SeekPerson(name):
            return revoking.seek(name, errand)
        case Dismiss(person, sure):
            return revoking.dismiss(person, sure, errand)
        case Invite(unit, role):
            return admitting.invite(unit, role, errand)
        case PrintInvitations(all, renew):
            return admitting.print_invitations(all, renew, errand)
    return for_the_rhythm(deed, errand)


def for_the_rhythm(deed: Deed, errand: Errand) -> Says:
    """What TCCB changes in the course of a campaign."""
    match deed:
        case Extend(campaign, unit, until, reason):
            return rhythm.extend(errand.hand, campaign, unit, until, reason)
        case PreviewExtend(campaign, unit, until):
            return rhythm.foresee_extension(errand.hand, campaign, unit, until)
        case PreviewMove(campaign, deadline):
            return rhythm.foresee_move(errand.hand, campaign, deadline)
        case Move(campaign, deadline):
            return rhythm.move_for_all(errand.hand, campaign, deadline)
        case Hold(campaign, step, held):
            rhythm.hold(errand.hand, campaign, step, held)
            return ()
        case Lock(campaign):
            return rhythm.lock(errand.hand, campaign)
        case Reopen(campaign, unit, reason):
            return rhythm.reopen(errand.hand, campaign, unit, reason)
        case PreviewUrge():
            return rhythm.preview_urge(errand.hand)
        case Urge():
            return rhythm.urge(errand.hand)
        case KeepDeadline():
            return keep_deadline(deed, errand)
    raise TypeError(f"nobody carries out {type(deed).__name__}")


def keep_deadline(deed: KeepDeadline, errand: Errand) -> Says:
    """An old refusal does not answer for a deadline that has moved since."""
    row = campaigns.at(errand.tx, deed.campaign)
    now = campaigns.deadlines(errand.tx, row).get(deed.unit, row.deadline)
    if deed.deadline not in (None, now):
        name = units.names(errand.tx).get(deed.unit, deed.unit)
        return (Say("respite.already", {"unit": name, "deadline": now.isoformat()}),)
    return rhythm.refuse(errand.hand, deed.campaign, deed.unit)
