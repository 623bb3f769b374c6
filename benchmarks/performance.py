"""Writes docs/performance.md and its pictures from what was measured (benchmarks/measured/*.json).

    python -m benchmarks.scale --work DIR --json benchmarks/measured/scale.json
    python benchmarks/peers.py --cache DIR --json benchmarks/measured/peers.json
    python benchmarks/encoding.py --json benchmarks/measured/encoding.json
    python -m benchmarks.performance

What the figures mean stands in benchmarks/performance_text.md, around {{marks}} that are filled in here. A section whose
measurement is not there is left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import ceil, floor, log10
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "measured"
TEXT = ROOT / "benchmarks" / "performance_text.md"
PAGE = ROOT / "docs" / "performance.md"

OURS = "Career KB"
SCALE_COLUMNS = {  # column of the page: figure of the run
    "passages": "passages",
    "written, s": "publish s",
    "opened, s": "open s",
    "search p50, ms": "question p50 ms",
    "p99": "question p99 ms",
    "processor": "question processor ms",
    "answer p50, ms": "answer p50 ms",
    "p99 ": "answer p99 ms",
    "processor ": "answer processor ms",
    "ten articles edited, s": "edit s",
    "resident, MB": "resident MB",
    "its own, MB": "own MB",
    "disk, MB": "disk MB",
}
PEER_COLUMNS = {
    "built, passages/s": "build passages/s",
    "start to first answer, s": "first answer s",
    "question p50, ms": "question p50 ms",
    "resident, MB": "resident MB",
    "ten articles added, s": "add s",
}
ENCODING_COLUMNS = (
    "ratio", "question p50 ms", "question p99 ms", "ready after start s", "resident MB", "cosine mean", "cosine min",
    "same top 10",
)  # fmt: skip


def read(name: str) -> Any:
    """What a benchmark found; None when it has not been run."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def short(value: float) -> str:
    """Three figures; cosines near 1 five.

    >>> short(1234.5), short(0.0312), short(0.99987), short(0)
    ('1,234', '0.0312', '0.99987', '0')
    """
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    if 0.98 < value < 1:
        return f"{value:.5f}"
    return f"{value:.{max(0, 2 - floor(log10(value)))}f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(column.strip() for column in header) + " |", "|---" + "|--:" * (len(header) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def scale_table(sizes: Sequence[dict[str, Any]]) -> str:
    rows = [[short(each[figure]) for figure in SCALE_COLUMNS.values()] for each in sizes]
    return table(list(SCALE_COLUMNS), rows)


def peer_table(rounds: dict[str, list[dict[str, float]]]) -> str:
    """Each figure, its median, and in brackets the median ratio to LangChain in the same round."""
    rows = []
    for name, runs in rounds.items():
        cells = [name]
        for figure in PEER_COLUMNS.values():
            ratio = median(own[figure] / base[figure] for own, base in zip(runs, rounds["LangChain"], strict=True))
            cells.append(f"{short(median(each[figure] for each in runs))} (x {ratio:.2f})")
        rows.append(cells)
    return table(["", *PEER_COLUMNS], rows)


def encoding_table(found: dict[str, dict[str, float]]) -> str:
    rows = [[name, *(short(own[column]) if column in own else "" for column in ENCODING_COLUMNS)] for name, own in found.items()]
    return table(["", *ENCODING_COLUMNS], rows)


INK, GRID, LINES = "#24292f", "#d0d7de", ("#0969da", "#bc4c00")
WIDTH, HEIGHT, LEFT, TOP = 330, 220, 52, 34


def panel(title: str, curves: dict[str, Sequence[tuple[float, float]]], at: tuple[int, int]) -> str:
    """A plot with both axes logarithmic. curves: name -> (x, y), all above 0."""
    points = [point for curve in curves.values() for point in curve]
    decades = [range(floor(log10(min(axis))), ceil(log10(max(axis))) + 1) for axis in zip(*points, strict=True)]

    def place(value: float, axis: int) -> float:
        low, high = decades[axis][0], decades[axis][-1]
        share = (log10(value) - low) / (high - low)
        return LEFT + share * (WIDTH - LEFT - 14) if axis == 0 else HEIGHT - 30 - share * (HEIGHT - 30 - TOP)

    parts = [f'<text x="{LEFT}" y="16" font-weight="600">{title}</text>']
    for power in decades[1]:
        y = place(10.0**power, 1)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 14}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,g}</text>')
    for power in decades[0]:
        parts.append(f'<text x="{place(10.0**power, 0):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{_count(10**power)}</text>')
    for color, (name, curve) in zip(LINES, curves.items(), strict=False):
        line = " ".join(f"{place(x, 0):.1f},{place(y, 1):.1f}" for x, y in curve)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{place(x, 0):.1f}" cy="{place(y, 1):.1f}" r="3" fill="{color}"/>' for x, y in curve]
        x, y = curve[-1]
        above = 14 if y < max(other[-1][1] for other in curves.values()) else -8  # the lower curve's name stands below it
        parts.append(f'<text x="{place(x, 0):.1f}" y="{place(y, 1) + above:.1f}" text-anchor="end" fill="{color}">{name}</text>')
    return f'<g transform="translate({at[0]},{at[1]})">' + "".join(parts) + "</g>"


def _count(number: float) -> str:
    return f"{number / 1e6:g}M" if number >= 1e6 else f"{number / 1e3:g}k" if number >= 1e3 else f"{number:g}"


def bars(title: str, values: dict[str, float], at: tuple[int, int]) -> str:
    """Horizontal bars from 0, this project's in another colour."""
    parts = [f'<text x="8" y="16" font-weight="600">{title}</text>']
    most = max(values.values())
    for number, (name, value) in enumerate(values.items()):
        y, width = 30 + 22 * number, 170 * value / most
        color = LINES[0] if name.startswith(OURS) else "#8c959f"
        parts.append(f'<text x="98" y="{y + 12}" text-anchor="end">{name}</text>')
        parts.append(f'<rect x="104" y="{y}" width="{width:.1f}" height="15" fill="{color}"/>')
        parts.append(f'<text x="{108 + width:.1f}" y="{y + 12}">{short(value)}</text>')
    return f'<g transform="translate({at[0]},{at[1]})">' + "".join(parts) + "</g>"


def picture(parts: Sequence[str], width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="{INK}">'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>' + "\n".join(parts) + "</svg>\n"
    )


def scale_picture(sizes: Sequence[dict[str, Any]]) -> str:
    def curve(figure: str) -> list[tuple[float, float]]:
        return [(each["passages"], each[figure]) for each in sizes]

    panels = [
        ("milliseconds to ask, p50", {"search": "question p50 ms", "answer": "answer p50 ms"}),
        ("seconds to open", {"opened": "open s"}),
        ("seconds to edit ten articles", {"edited": "edit s"}),
        ("MB resident", {"with mapped files": "resident MB", "its own": "own MB"}),
    ]
    drawn = [
        panel(title, {name: curve(figure) for name, figure in curves.items()}, (WIDTH * (at % 2), HEIGHT * (at // 2)))
        for at, (title, curves) in enumerate(panels)
    ]
    return picture(drawn, 2 * WIDTH, 2 * HEIGHT)


def peer_picture(rounds: dict[str, list[dict[str, float]]]) -> str:
    drawn = []
    for at, (title, figure) in enumerate(PEER_COLUMNS.items()):
        values = {name: median(each[figure] for each in runs) for name, runs in rounds.items()}
        drawn.append(bars(title, values, (330 * (at % 2), 197 * (at // 2))))
    return picture(drawn, 660, 591)


def page(text: str, scale: Any, peers: Any, encoding: Any) -> str:
    machine = ", ".join(f"{value} cores" if name == "cores" else value for name, value in scale["machine"].items() if value)
    marks = {"machine": machine, "scale": scale_table(scale["sizes"]), "lists": json.dumps(scale["sizes"][-1]["dense"])}
    if peers:
        marks |= {
            "peers": peer_table(peers["rounds"]),
            "peer_passages": str(peers["passages"]),
            "peer_rounds": str(len(peers["rounds"][OURS])),
            "versions": "; ".join(peers["versions"].values()),
        }
    if encoding:
        marks["encoding"] = encoding_table(encoding)
    for name, value in marks.items():
        text = text.replace("{{" + name + "}}", value)
    head, *sections = text.split("\n## ")
    return "\n## ".join([head, *(section for section in sections if "{{" not in section)])


def pages() -> dict[Path, str]:
    """Every file that is written, and what stands in it."""
    scale, peers, encoding = (read(name) for name in ("scale", "peers", "encoding"))
    made = {PAGE: page(TEXT.read_text(encoding="utf-8"), scale, peers, encoding)}
    made[PAGE.with_name("performance-scale.svg")] = scale_picture(scale["sizes"])
    if peers:
        made[PAGE.with_name("performance-peers.svg")] = peer_picture(peers["rounds"])
    return made


def main() -> None:
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
