"""How fast answers are read, beside a bare number parser on the same lines in the same run: `python -m bench.answers`.

The lines are what units type in a year, drawn with a fixed seed: mostly plain figures, some with words about them,
some without figures, a tenth of them unclear or wrong. No two figures need be alike, and nothing is read in advance.
The baseline knows none of that: one regular expression for "45/60" and "75,5 %", `int` and `Decimal` for the numbers.
"""

import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

from catalogue import load
from catalogue.answer import Context, Reading, Value, read

LINES = 100_000
SEED = 20241210
ROUNDS = 3

SHAPES = (
    *(("{n}/{m}", 40), ("{p}%", 12), ("{p} %", 3), ("{w}", 4), ("{n} / {m}", 3)),
    *(("{n}/{m} hồ sơ", 4), ("{n} trên {m}", 3), ("đạt {p}%", 3), ("dạ {n}/{m} ạ", 2), ("{n}/{m} ({share}%)", 1)),
    *(("tổng {m}, đúng hạn {n}", 2), ("{a}: {n}/{m}", 2), ("Kính gửi TCCB, HKL Đồng Văn: {n}/{m} hồ sơ", 1)),
    *(("không phát sinh", 5), ("kps", 3), ("khong phat sinh", 1), ("chưa có số liệu", 2), ("bỏ qua", 1)),
    *(("khoảng {p}%", 1), ("{m}/{n}", 1), ("{n} {m}", 1), ("{n} hồ sơ", 1), ("đạt", 1), ("khôgn phát sinh", 1)),
    *(("không có", 1), ("10/12/2024", 1), ("như tháng trước", 1)),
)
BASELINE = re.compile(r"\s*(?:(\d+)\s*/\s*(\d+)|(\d+(?:[.,]\d+)?)\s*%?)\s*")


def lines(count: int) -> Iterator[str]:
    chance = random.Random(SEED)
    shapes, weights = zip(*SHAPES, strict=True)
    for shape in chance.choices(shapes, weights, k=count):
        m = chance.randint(2, 3000)
        n = chance.randint(1, m)
        p = f"{chance.randint(2, 99)},{chance.randint(0, 99):02}"
        row = f"{chance.randint(1, 2)}.{chance.randint(1, 5)}"
        yield shape.format(n=n, m=m, p=p, w=chance.randint(2, 100), a=row, share=f"{100 * n / m:.2f}")


def parsed(text: str) -> tuple[int, int] | Decimal | None:
    found = BASELINE.fullmatch(text)
    if found is None:
        return None
    return (int(found[1]), int(found[2])) if found[1] else Decimal(found[3].replace(",", "."))


def rate(reader: Callable[[str], object], texts: list[str]) -> float:
    """Texts a second of processor time, the best of a few rounds; the first round finds every cache empty."""
    best = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        for text in texts:
            reader(text)
        best = max(best, len(texts) / (time.process_time() - start))
    return best


def main() -> None:
    context = Context(load.all()["2024-qd55"])
    texts = list(lines(LINES))

    def reader(text: str) -> Reading:
        return read(text, context=context)

    values = sum(isinstance(reader(text), Value) for text in texts[:10_000]) / 100
    ours, theirs = rate(reader, texts), rate(parsed, texts)
    print(f"{LINES:,} lines, {values:.0f} % of them values; Python {sys.version.split()[0]}, one core\n")
    print("| reader | lines a second | µs a line | ratio |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| catalogue.answer.read | {ours:,.0f} | {1e6 / ours:.1f} | 1 |")
    print(f"| re + int + Decimal, figures only | {theirs:,.0f} | {1e6 / theirs:.1f} | {theirs / ours:.1f} |")


if __name__ == "__main__":
    main()
