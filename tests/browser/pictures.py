"""Pictures of the pages, small enough to be kept with the project: a palette instead of all colours."""

import base64
import struct
import zlib
from pathlib import Path

from playwright.sync_api import Page

MOST = 200_000  # bytes
FINENESS = range(3, 6)  # bits of each channel that nobody misses: as few as leave 256 colours
PIXELS = """async png => {
  const bytes = Uint8Array.from(atob(png), (char) => char.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
  const text = [];
  for (let at = 0; at < pixels.length; at += 32768) text.push(String.fromCharCode(...pixels.subarray(at, at + 32768)));
  return [image.width, image.height, btoa(text.join(""))];
}"""


def take(page: Page, path: Path) -> None:
    shot = page.screenshot(animations="disabled")
    blank = page.context.new_page()  # no page's rules about scripts hold there
    width, height, pixels = blank.evaluate(PIXELS, base64.b64encode(shot).decode())
    blank.close()
    path.write_bytes(png(width, height, base64.b64decode(pixels)))
    assert path.stat().st_size < MOST, path


def png(width: int, height: int, pixels: bytes) -> bytes:
    """`pixels`: four bytes each, of at most 256 colours once what nobody misses is left out."""
    return next(filter(None, (_png(width, height, pixels, bits) for bits in FINENESS)))


def _png(width: int, height: int, pixels: bytes, bits: int) -> bytes | None:
    """None where that many colours are left."""
    colours: dict[tuple[int, int, int], int] = {}
    palette = bytearray()  # of each colour the first shade met
    drawn = bytearray()
    for at, (red, green, blue, _) in enumerate(struct.iter_unpack("4B", pixels)):
        if at % width == 0:
            drawn.append(0)  # no filter in this row
        coarse = (red >> bits, green >> bits, blue >> bits)
        if coarse not in colours:
            if len(colours) == 256:
                return None
            colours[coarse] = len(colours)
            palette += bytes((red, green, blue))
        drawn.append(colours[coarse])
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = [(b"IHDR", head), (b"PLTE", bytes(palette)), (b"IDAT", zlib.compress(bytes(drawn), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in body)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
