"""The first look at what was said: commands work anywhere, the rest belongs to the talk in progress."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from bot.dialogue import (
    admit,
    appraise,
    asking,
    audience,
    behalf,
    changing,
    closing,
    contesting,
    drafts,
    enrol,
    evaluate,
    handing,
    ladder,
    linking,
    lookup,
    notice,
    privacy,
    proof,
    question,
    relief,
    report,
    respite,
    revoke,
    rows,
    worksheet,
)
from bot.dialogue.deeds import Look, OpenBoard, Speak
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Attachment, Idle, Option, Said, Say, State, Turn
from bot.words import Words
from catalogue import answer as reader
from catalogue import dates, pending, phrases, text
from catalogue.answer import Act, Ask, Awaiting, Batch, Context, Mention, Reading, Value

LONGEST = 4000  # characters of one message: a notice with its body fits
FREE = (  # a name, a notice, a reason, an answer: never a command
    enrol.Naming,
    notice.Composing,
    question.Answering,
    appraise.Returning,
    contesting.Contesting,
)
Deed = Callable[[str, State, Facts], Turn]
VIEW = ("viewer",)  # what those may use as well who only look
SPOKEN = (Words("vi"), Words("en"))  # a label is known in either language


def _speak(language: Literal["vi", "en"], state: State) -> Turn:
    return Turn(state, (Say("talk.language"),), (Speak(language),))


@lru_cache(1000)  # each message is held against every command there is
def plain(typed: str) -> str:
    """For matching only: without marks, signs and case evened out."""
    return text.bare(text.shown(typed)).strip(" .!…")


def step(state: State, offered: tuple[Option, ...], said: Said, facts: Facts) -> Turn:
    """One thing that a person said, and all that follows from it."""
    if not said.private:
        return Turn(state, (Say("talk.private_only"),))
    if facts.sheet and said.file and worksheet.is_meant(facts.sheet, state, facts):
        return worksheet.received(facts.sheet, said.file, state, facts)
    if said.file and facts.tccb and notice.takes_files(state):
        return notice.enclosed(said.file, said, state)
    if said.file and proof.is_meant(state, facts):
        return _with_file(said.file, state, offered, said, facts)
    unasked = said.event == "contact" and not isinstance(state, enrol.Naming)
    if said.event == "unsupported" or unasked or (said.file and not said.text):
        return Turn(state, (_unread(said, facts),))
    return _without_file(state, offered, said, facts)


def _with_file(file: Attachment, state: State, offered: tuple[Option, ...], said: Said, facts: Facts) -> Turn:
    """It proves a figure: by its caption, by the figure in its caption, or by what is being talked of."""
    if not said.text.strip():
        return proof.received(file, state, facts)
    turn = proof.captioned(file, said, state, facts)
    return turn or proof.along(_without_file(state, offered, said, facts), file)


def _without_file(state: State, offered: tuple[Option, ...], said: Said, facts: Facts) -> Turn:
    if len(said.text) > LONGEST:
        return Turn(state, (Say("talk.too_long", {"most": LONGEST}),))
    if chosen := said.choice or _picked(offered, said.text):
        return _chosen(chosen, state, offered, said, facts)
    return _typed(state, offered, said, facts)


def _unread(said: Said, facts: Facts) -> Say:
    if said.file:
        return Say("talk.file")
    return Say("talk.unsupported_upload", {"url": facts.upload}) if facts.upload else Say("talk.unsupported")


def _picked(offered: tuple[Option, ...], said: str) -> str | None:
    """The option meant, of those last offered: by its number in the list, or by its label."""
    typed = plain(said)
    listed = [option for option in offered if option.numbered]
    numbers = {str(number): option.id for number, option in enumerate(listed, start=1)}
    labels = {plain(words(option.kind, option.facts)): option.id for words in SPOKEN for option in offered}
    return numbers.get(typed) or labels.get(typed)


def _chosen(id: str, state: State, offered: tuple[Option, ...], said: Said, facts: Facts) -> Turn:
    """Buttons under a message nobody asked for say all by themselves; the others must be the last offered."""
    act, _, rest = id.partition(" ")
    if facts.me and act == "ack":
        return notice.acknowledge(_number(rest), said, state, facts)
    if facts.me and (pressed := _PRESSED.get(act)) and _may_press(act, facts):
        return pressed(rest, state, facts)
    if all(option.id != id for option in offered):
        return Turn(state, (Say("talk.old", {}, offered),))
    return _go_on(state, offered, Said(said.text, id), Act("other"), facts)


_PRESSED: dict[str, Deed] = {
    "report": lambda rest, state, facts: asking.start(facts),
    "missing": lambda rest, state, facts: lookup.missing(state, facts),
    "approve": admit.approve,
    "refuse": admit.refuse,
    "invite": lambda rest, state, facts: admit.invite_unit(rest.partition(" ")[0], rest.partition(" ")[2], state),
    "appraise": appraise.chosen,
    "queue": appraise.queue,
    "preview-all": appraise.chosen_all,
    "accept-all": appraise.accept_all,
    "accept": appraise.accept,
    "judge": appraise.judge,
    "met": appraise.met,
    "short": appraise.short,
    "return": appraise.give_back,
    "later": appraise.later,
    "detail": evaluate.detail,
    "more": evaluate.more,
    "letter": evaluate.letter,
    "unit-card": evaluate.unit,
    "who": lambda rest, state, facts: notice.who(rest, state),
    "release": notice.release,
    "withhold": notice.withhold,
    "answer": question.answering,
    "extend": respite.extend,
    "no-extend": respite.keep,
    "lock": closing.pressed,
    "proof": proof.pressed,
    "right": contesting.affirmed,
    "contest": contesting.pressed,
    "contest-one": contesting.chosen,
    "table": handing.of_unit,
    "revoke": revoke.surely,
    "revoke-of": revoke.codes_of,
    "dismiss": revoke.chosen,
    "dismiss-surely": revoke.dismissed,
    "give-back": linking.give_back,
    "take-away": linking.take_away,
    "prefer": linking.chosen_first,
    "drop-address": linking.chosen_to_drop,
    "erase": privacy.erase,
    "keep-data": privacy.keep,
}
_FOR_ALL = {"report", "missing", "prefer", "drop-address", "right", "contest", "contest-one"}
_FOR_EVALUATORS = {
    "appraise",
    "queue",
    "accept",
    "judge",
    "met",
    "short",
    "return",
    "later",
    "preview-all",
    "accept-all",
    "proof",
}
_FOR_VIEWERS = {"detail", "unit-card", "more"}


def _may_press(act: str, facts: Facts) -> bool:
    if facts.tccb or act in _FOR_ALL:
        return True
    return (facts.appraises and act in _FOR_EVALUATORS) or (facts.oversees and act in _FOR_VIEWERS)


def _number(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and typed.isascii() else None


def _typed(state: State, offered: tuple[Option, ...], said: Said, facts: Facts) -> Turn:
    if plain(said.text) in _STOP:
        return _stopped(state)
    reading = _read(said.text, state, facts)
    if facts.me is None or isinstance(state, FREE):
        return _go_on(state, offered, said, reading, facts)
    if said.event == "edited":
        return _edited(state, offered, said, reading, facts)
    if linking.looks_like_a_code(said.text):
        return linking.typed_here(state)
    if facts.notices and plain(said.text) == "da nhan":  # a notice asks for these words, whatever talk it came into
        return notice.acknowledge(None, said, state, facts)
    if right := contesting.said_right(said.text, state, facts):
        return right
    if facts.tccb and isinstance(state, notice.Aiming) and audience.of_words(said.text, facts):
        return notice.step(state, said, reading, facts)
    if polite := _polite(plain(said.text), state, facts):
        return polite
    for command in _that_may_be(plain(said.text)):
        if (rest := command.after(said.text)) is not None and command.open_to(facts):
            if command.example and not rest.strip():
                return Turn(state, (Say("talk.needs_more", {"example": command.example}),))
            return command.deed(rest, state, facts)
    if not isinstance(state, drafts.Explaining | notice.Releasing) and (due := dates.promised(said.text, facts.now)):
        return respite.promised(due, state, facts)
    if isinstance(reading, Act) and (turn := _act(reading, state, said, facts)):
        return turn
    return _go_on(state, offered, said, reading, facts)


_STOP = {"huy", "/huy", "huyr", "/cancel"}
_THANKS = {"cam on", "xin cam on", "cam on nhe", "cam on a", "tran trong", "tran trong cam on"}
_GREETINGS = {"chao", "xin chao", "hello", "hi", "alo", "chao em", "chao anh", "chao chi", "chao buoi sang"}


def _stopped(state: State) -> Turn:
    if isinstance(state, Idle):
        return Turn(Idle(), (Say("talk.nothing_to_stop"),))
    reporting = type(state).__module__ == drafts.__name__
    return Turn(Idle(), (Say("talk.stopped" if reporting else "talk.stopped_other"),))


def _polite(typed: str, state: State, facts: Facts) -> Turn | None:
    """Thanks need no answer, a greeting gets the menu, "vâng ạ" to an open notice has received it."""
    if not isinstance(state, Idle):
        return None
    if typed in _THANKS:
        return Turn(state, ())
    return Turn(state, (_menu(facts),)) if typed in _GREETINGS else None


@dataclass(frozen=True)
class Command:
    """Words that begin a message, matched without marks; with `more`, what follows goes with them as typed."""

    words: tuple[str, ...]
    deed: Deed
    more: bool = False
    tccb: bool = False
    also: tuple[str, ...] = ()  # roles beside TCCB
    example: str = ""  # shown where the words alone say too little

    def open_to(self, facts: Facts) -> bool:
        return not self.tccb or facts.tccb or any(duty.role in self.also for duty in facts.duties)

    def after(self, said: str) -> str | None:
        """What follows the words; None when the message is not this command."""
        typed = plain(said)
        for words in self.words:
            if typed == words:
                return ""
            if self.more and typed.startswith(words + " "):
                return said.strip().split(None, len(words.split()))[-1]
            if self.more and not words.isalnum() and len(words) == 1 and typed.startswith(words):
                return said.strip()[1:]  # "?2.8"
        return None


def _explain(rest: str, state: State, facts: Facts) -> Turn:
    """ "?2.8"; "?" alone is about what is being asked."""
    if not rest.strip() and isinstance(state, drafts.Typing | drafts.Confirming):
        work = facts.spoken_for(state.campaign, state.unit)
        rest = work.standing.judged(state.measure)[0].code if work else ""
    if not rest.strip():
        return Turn(state, (Say("talk.needs_more", {"example": "?2.8"}),))
    return lookup.explain(rest, state, facts)


_AWAY = (
    *("toi nghi den", "toi nghi phep den", "toi xin nghi den", "nghi phep den", "nghi den", "xin nghi den", "/nghi"),
    *("toi di cong tac den", "di cong tac den", "toi nghi het", "toi vang den", "vang mat den"),
)
_WHO_OWES = tuple(
    f"{who} {verb}"
    for who in ("ai", "con ai", "don vi nao")
    for verb in ("chua gui", "chua nop", "chua bao cao", "con thieu")
)
_COMMANDS = (
    Command(("thieu", "/thieu", *_WHO_OWES), lambda rest, state, facts: evaluate.missing(state), tccb=True, also=VIEW),
    Command(("thong bao mo dot", "thong bao khai mac", "/modot"), notice.opening, tccb=True),
    Command(("thong bao", "/thongbao"), lambda rest, state, facts: notice.start(facts, rest), more=True, tccb=True),
    Command(("duyet", "/duyet"), admit.approve, more=True, tccb=True),
    Command(("tu choi", "/tuchoi"), admit.refuse, more=True, tccb=True),
    Command(("cho duyet", "/choduyet"), lambda rest, state, facts: admit.pending(state, facts), tccb=True),
    Command(("phieu moi", "in phieu moi", "/phieumoi"), admit.sheet, more=True, tccb=True),
    Command(("ai dung ma", "ma da cap", "/aidungma"), revoke.codes, more=True, tccb=True),
    Command(("thu hoi ma",), revoke.code, more=True, tccb=True, example="thu hồi mã 12"),
    Command(
        ("thu hoi thong bao", "rut thong bao", "/thuhoithongbao"),
        notice.recall,
        more=True,
        tccb=True,
        example="thu hồi thông báo 12",
    ),
    Command(("thu hoi", "/thuhoi"), revoke.person, more=True, tccb=True, example="thu hồi Lê Thị Đạt"),
    Command(("moi", "/moi"), admit.invite, more=True, tccb=True, example="mời CCKL"),
    Command(("chap nhan tat ca", "/chapnhantatca"), appraise.start_all, more=True, tccb=True, also=("evaluator",)),
    Command(
        ("cho tham dinh", "/chothamdinh"),
        lambda rest, state, facts: appraise.queue("", state, facts),
        tccb=True,
        also=("evaluator",),
    ),
    Command(("tham dinh", "/thamdinh"), appraise.start, more=True, tccb=True, also=("evaluator",)),
    Command(
        ("chi tiet", "/chitiet"),
        evaluate.detail,
        more=True,
        tccb=True,
        also=VIEW,
    ),
    Command(
        ("chua dang ky", "chua ghi danh", "chua co dau moi", "don vi chua dang ky", "/chuadangky"),
        lambda rest, state, facts: evaluate.detail("5", state, facts),
        tccb=True,
        also=VIEW,
    ),
    Command(("don vi", "/donvi"), evaluate.unit, more=True, tccb=True, also=VIEW, example="đơn vị CCKL"),
    Command(("nhat ky", "/nhatky"), evaluate.journal, more=True, tccb=True, example="nhật ký CCKL"),
    Command(("them", "/them"), lambda rest, state, facts: Turn(state, (Say("talk.no_more"),))),
    Command(("thu moi", "/thumoi"), evaluate.letter, tccb=True),
    Command(("ai nhan", "/ainhan"), lambda rest, state, facts: notice.who(rest, state), more=True, tccb=True),
    Command(behalf.WORDS, behalf.start, more=True, tccb=True, example="nhập hộ CCKL 1.1: 45/60"),
    Command(("dinh chinh", "/dinhchinh"), notice.correct, more=True, tccb=True, example="đính chính 12"),
    Command(("phat hanh", "/phathanh"), notice.release, more=True, tccb=True, example="phát hành 12"),
    Command(
        ("khong phat hanh", "/khongphathanh"),
        notice.withhold,
        more=True,
        tccb=True,
        example="không phát hành 12: sai ngày họp",
    ),
    Command(("nhom", "cac nhom", "nhom nhan", "/nhom"), notice.circles, tccb=True),
    Command(("cau hoi", "cac cau hoi", "/cauhoi"), question.every, tccb=True),
    Command(
        ("tra loi", "tra loi cau hoi", "/traloi"),
        question.reply,
        more=True,
        tccb=True,
        example="trả lời 5: mẫu số tính từ 15/12",
    ),
    Command(("gia han", "/giahan"), respite.grant, more=True, tccb=True),
    Command(("doi han", "chuyen han", "/doihan"), changing.move, more=True, tccb=True, example="đổi hạn 05/12"),
    Command(("khong gia han",), respite.deny, more=True, tccb=True),
    Command(("hoan nhac",), ladder.hold, more=True, tccb=True),
    Command(("bo hoan nhac",), ladder.release, more=True, tccb=True),
    Command(("xem nhac", "/xemnhac"), ladder.ahead, more=True, tccb=True),
    Command(("hieu qua nhac", "ket qua nhac", "/hieuquanhac"), ladder.worked, tccb=True),
    Command(
        ("han muc", "han muc tin", "/hanmuc"),
        lambda rest, state, facts: Turn(state, (), (Look("allowance"),)),
        tccb=True,
    ),
    Command(("khoa dot", "/khoadot"), closing.lock, more=True, tccb=True),
    Command(("mo lai", "/molai"), closing.reopen, more=True, tccb=True),
    Command(("nhac ngay", "/nhacngay"), ladder.urge, tccb=True),
    Command(("hen", "/hen"), respite.promise, more=True),
    Command(
        ("bao cao", "/baocao", "nhap so lieu", "toi muon bao cao", "muon bao cao"),
        lambda rest, state, facts: asking.start(facts),
    ),
    Command(("xuat bang", "/xuatbang", "bao cao tong hop"), handing.table, more=True),
    Command(("bang cua don vi", "bang don vi", "bang de ky"), handing.table_of_unit, more=True),
    Command(
        ("anh", "/anh", "bang anh", "gui anh"), lambda rest, state, facts: handing.picture(state, facts), tccb=True
    ),
    Command(("mau", "/mau", "bang mau", "mau nhap"), lambda rest, state, facts: worksheet.wanted(state, facts)),
    Command(
        ("con thieu gi", "thieu gi", "con thieu", "thieu", "/conthieu"),
        lambda rest, state, facts: lookup.missing(state, facts),
    ),
    Command(("giai thich", "?", "/giaithich"), _explain, more=True),
    Command(("hoi", "hoi:", "gap can bo", "hoi can bo", "cho hoi", "cho em hoi", "xin hoi"), question.ask, more=True),
    Command(("xem minh chung", "/xemminhchung"), proof.show, more=True, example="xem minh chứng 1.1"),
    Command(proof.WORDS, proof.told, more=True, example="minh chứng 2.7: QĐ 123/QĐ-SNN ngày 05/11/2024"),
    Command(_AWAY, relief.away, more=True, example="tôi nghỉ đến 05/12"),
    Command(("di lam lai", "toi di lam lai", "toi da di lam lai"), relief.back),
    Command(
        ("ban giao cho", "toi ban giao cho", "xin ban giao cho", "/bangiao"),
        relief.hand_over,
        more=True,
        example="bàn giao cho Nguyễn Văn Bình 0912345678",
    ),
    Command(("huy ban giao", "khong ban giao nua"), relief.keep),
    Command(("phan doi", "/phandoi"), contesting.typed, more=True),
    Command(("lich su", "/lichsu"), lookup.history, more=True, example="lịch sử 2.8"),
    Command(("english", "tieng anh", "/english"), lambda rest, state, facts: _speak("en", state)),
    Command(("vietnamese", "tieng viet", "/tiengviet"), lambda rest, state, facts: _speak("vi", state)),
    Command(
        ("bang", "mo bang", "xem bang", "bang theo doi", "/bang"),
        lambda rest, state, facts: Turn(state, (), (OpenBoard(),)),
    ),
    Command(
        ("lien ket", "lien ket kenh", "them kenh", "/lienket"), lambda rest, state, facts: linking.opened(state, facts)
    ),
    Command(("kenh cua toi", "cac kenh", "/kenh"), lambda rest, state, facts: linking.listed(state, facts)),
    Command(("uu tien", "uu tien kenh", "/uutien"), linking.prefer, more=True, example="ưu tiên web"),
    Command(("khong phai toi", "khong phai toi lam", "khong phai minh"), linking.disowned),
    Command(("tra tai khoan",), linking.give_back, more=True, tccb=True, example="trả tài khoản 5"),
    Command(("bo tai khoan",), linking.take_away, more=True, tccb=True, example="bỏ tài khoản 5"),
    Command(("bo kenh", "/bokenh"), linking.drop, more=True, example="bỏ kênh web"),
    Command(("du lieu cua toi", "/dulieu"), lambda rest, state, facts: privacy.mine(state, facts)),
    Command(
        ("sua ten toi", "sua ten toi:", "sua ten cua toi", "sua ten cua toi:", "/suaten"),
        privacy.rename,
        more=True,
        example=privacy.EXAMPLE["name"],
    ),
    Command(
        (
            "sua so dien thoai",
            "sua so dien thoai:",
            "sua so dien thoai cua toi",
            "sua so dien thoai cua toi:",
            "/suaso",
        ),
        privacy.phone,
        more=True,
        example=privacy.EXAMPLE["phone"],
    ),
    Command(("xoa du lieu cua toi", "xoa du lieu ve toi", "/xoadulieu"), privacy.leave),
    Command(("xoa du lieu",), privacy.erase, more=True, tccb=True, example="xóa dữ liệu 1"),
    Command(("khong xoa du lieu",), privacy.keep, more=True, tccb=True, example="không xóa dữ liệu 1 lý do"),
)


def _by_first_word(commands: Iterable[Command]) -> Mapping[str, Sequence[Command]]:
    found: dict[str, list[Command]] = {}
    for command in commands:
        for first in dict.fromkeys(words.split()[0] for words in command.words):
            found.setdefault(first, []).append(command)
    return found


_BY_FIRST_WORD = _by_first_word(_COMMANDS)


def _that_may_be(typed: str) -> Sequence[Command]:
    """In their order: those that begin with the same word."""
    first = typed.partition(" ")[0]
    return _BY_FIRST_WORD.get(first) or _BY_FIRST_WORD.get(first[:1], ())  # "?2.8"


def _read(typed: str, state: State, facts: Facts) -> Reading:
    reading = _figure(typed, _awaiting(state, facts), _context(facts))
    if isinstance(reading, Ask) and reading.why == "answer.which_indicator" and reading.reference is None:
        return Mention("indicator_ref", typed.strip(), reading.codes)  # the rows are offered as options
    return reading


def _figure(typed: str, awaiting: Awaiting, context: Context) -> Reading:
    """What was typed; a figure before "còn 12 hồ sơ chưa giải quyết" is read without it."""
    reading = reader.read(typed, awaiting, context)
    if isinstance(reading, Value) or not (parts := pending.apart(typed)):
        return reading
    before = reader.read(parts[0], awaiting, context)
    if isinstance(before, Value) and pending.beside(typed, before.answer) is not None:
        return before
    return reading


def _awaiting(state: State, facts: Facts) -> Awaiting:
    if isinstance(state, Idle):
        return Awaiting.ACKNOWLEDGEMENT if facts.notices else Awaiting.NOTHING
    if isinstance(state, drafts.Typing) and (work := facts.spoken_for(state.campaign, state.unit)):
        return Awaiting.YES_NO if work.standing.measure(state.measure).kind == "yes_no" else Awaiting.VALUE
    return getattr(state, "awaiting", Awaiting.NOTHING)


def _context(facts: Facts) -> Context:
    works = facts.behalf.works or facts.works
    catalogue = works[0].standing.catalogue if works else None
    office = facts.office
    if office is None:
        return Context(catalogue)
    return Context(catalogue, lambda name: tuple(unit.id for unit in office.match(name).units))


def _act(reading: Act, state: State, said: Said, facts: Facts) -> Turn | None:
    """What means the same in every talk; None where the talk in progress decides."""
    idle = isinstance(state, Idle)
    match reading.kind:
        case "report":
            return asking.start(facts)
        case "help":
            return Turn(state, (Say("talk.help_tccb" if facts.tccb else "talk.help"),))
        case "menu":
            return Turn(Idle(), (_menu(facts),))
        case "list":
            return lookup.everything(state, facts)
        case "status":
            return lookup.deadline(state, facts)
        case "cancel":
            return _stopped(state)
        case "back":
            return report.back(state, behalf.speaking(state, facts))
        case "edit" if reading.rest or idle:
            return rows.correct(reading.rest, said, state, behalf.speaking(state, facts))
        case "extension_request":
            return respite.ask(said.text, state, facts)
        case "ack" | "confirm" if idle and facts.notices:
            return notice.acknowledge(None, said, state, facts)
        case "skip" if idle:
            return asking.start(facts)
    return None


def _answered(courtesy: phrases.Courtesy, facts: Facts) -> tuple[Say, ...]:
    return {
        "greeting": (Say("talk.greeting"), _menu(facts)),
        "thanks": (Say("talk.thanks"),),
        "assent": (Say("talk.nothing_waits"),),
    }[courtesy]


def _menu(facts: Facts) -> Say:
    options = (Option("report", "option.report", numbered=False), Option("missing", "option.missing", numbered=False))
    if facts.watched and not facts.works:
        return Say("talk.menu_head")
    if facts.tccb or (facts.works and not facts.appraises):
        return Say("talk.menu_tccb") if facts.tccb else Say("talk.menu", {}, options)
    if facts.appraises:
        return Say("talk.menu_evaluator")
    return Say("talk.menu_viewer") if facts.oversees else Say("talk.menu", {}, options)


def _edited(state: State, offered: tuple[Option, ...], said: Said, reading: Reading, facts: Facts) -> Turn:
    """A changed message is asked about again, and never changes anything by itself."""
    if isinstance(state, drafts.Typing | drafts.Confirming) and isinstance(reading, Value):
        return _go_on(state, offered, said, reading, facts)
    return Turn(state, (Say("talk.edited"),))


def names_a_row(reading: Reading) -> bool:
    """Whether the message says itself which indicator it is about."""
    if isinstance(reading, Mention):
        return reading.kind == "indicator_ref"
    return isinstance(reading, Batch) or getattr(reading, "reference", None) is not None


_OF_THEIR_OWN: dict[type[State], Callable[[Any, Said, Reading, Facts], Turn]] = {
    relief.Leaving: relief.step,
    relief.HandingOver: relief.step,
    privacy.Leaving: privacy.step,
    contesting.Contesting: contesting.step,
    proof.Proving: proof.step,
    proof.ChoosingFigure: proof.step,
}


def _go_on(state: State, offered: tuple[Option, ...], said: Said, reading: Reading, facts: Facts) -> Turn:
    if facts.me is None:
        return enrol.step(state, said, reading, facts)
    if facts.tccb and type(state).__module__ == notice.__name__:
        return notice.step(state, said, reading, facts)
    if facts.tccb and isinstance(state, question.Answering):
        return question.step(state, said)
    if isinstance(state, question.Wondering) and (turn := question.wondered(state, said, reading, facts)):
        return turn
    if facts.tccb and isinstance(state, changing.Extending | changing.Moving):
        return changing.step(state, said, reading, facts)
    if facts.tccb and isinstance(state, admit.Admitting):
        return admit.step(state, said, reading, facts)
    if facts.tccb and behalf.is_meant(state, facts):
        return behalf.step(state, said, reading, facts)
    if own := _OF_THEIR_OWN.get(type(state)):
        return own(state, said, reading, facts)
    if facts.tccb and isinstance(state, ladder.Urging):
        return ladder.step(state, said, reading, facts)
    if facts.appraises and type(state).__module__ == appraise.__name__:
        return appraise.step(state, offered, said, reading, facts)
    if type(state).__module__ == drafts.__name__:
        return report.step(state, said, reading, facts)
    if names_a_row(reading) or isinstance(reading, Value):
        return rows.unasked(reading, said, facts)
    if courtesy := "assent" if reading == Act("ack") else phrases.courtesy(said.text):
        return Turn(Idle(), _answered(courtesy, facts))
    if question.may_be_one(said.text, facts):
        return question.offer(said.text)
    kind = "talk.not_understood_tccb" if facts.tccb else "talk.not_understood"
    return Turn(Idle(), (Say(kind, {"text": said.text.strip()[:80]}),))
