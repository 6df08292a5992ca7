"""Whether a workbook may be opened at all: looked at as a zip archive, before any of it is parsed."""

import zipfile
import zlib
from io import BytesIO

LARGEST = 2 << 20  # bytes of a workbook that people fill in: ours has some 20,000
UNPACKED = 16 << 20  # bytes of all its members together
MEMBERS = 300
TIMES = 150  # that a member of some size may be larger than packed
SOME_SIZE = 1 << 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CIPHER = "EncryptedPackage".encode("utf-16-le")  # the name under which a workbook with a password lies in its file
NEEDED = {"[Content_Types].xml", "xl/workbook.xml"}
DECLARED = (b"<!doctype", b"<!entity")  # no office program writes these; entities can grow without bounds


class Refused(Exception):
    """The kind of the sentence that says why."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def check(content: bytes) -> None:
    """Raises Refused for what is not a plain xlsx of a size that people fill in."""
    if len(content) > LARGEST:
        raise Refused("sheet.too_big")
    if content.startswith(OLE):
        raise Refused("sheet.locked" if CIPHER in content else "sheet.old_format")
    if not content.startswith(b"PK"):
        raise Refused("sheet.not_xlsx")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_members(archive.infolist())
            _check_texts(archive)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as broken:
        raise Refused("sheet.broken") from broken


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        raise Refused("sheet.locked")
    if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED or any(map(_swells, members)):
        raise Refused("sheet.bomb")
    if not names >= NEEDED:
        raise Refused("sheet.not_xlsx")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("sheet.macros")


def _swells(member: zipfile.ZipInfo) -> bool:
    return member.file_size > SOME_SIZE and member.file_size > TIMES * max(member.compress_size, 1)


def _check_texts(archive: zipfile.ZipFile) -> None:
    for member in archive.infolist():
        if member.filename.lower().endswith((".xml", ".rels", ".vml")):
            text = archive.read(member).replace(b"\0", b"").lower()  # in whichever Unicode it is
            if any(word in text for word in DECLARED):
                raise Refused("sheet.bomb")
