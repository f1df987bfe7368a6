#!/usr/bin/env python3
"""What an encoder is worth and what it costs: docs/encoders.svg, quality against comments a second.

    bench/encoders.py --eval FOLDER --data FOLDER [--python PYTHON] [--encoders static,student,deep]     measures, and appends to the CSV
    bench/encoders.py --plots docs                                                                      draws from it

Quality is asked of the scorers of tests/quality (their folder, the labelled sets, a Python that has their requirements), by its
quality.py. Speed is that of `embed`'s own stage on one core, the best of --rounds, on
the sample quarter (30 tokens a comment). Of each encoder and measure the last row of the CSV is drawn. What the parts of the student
are worth stands in rows written by hand, from the logs of its train.py --variant.
"""
import argparse
import csv
import datetime
import math
import os
import subprocess
import sys
import tempfile

import common
import plot

FIELDS = ["date", "commit", "machine", "encoder", "measure", "value"]
QUALITY = os.path.join(common.HERE, "../tests/quality/quality.py")
# (scorer, its figure) -> what it is called here
MEASURES = {("latent", "latent.recall@50"): "unsaid recall@50", ("vectors", "mean.ARI"): "theme ARI",
            ("planted", "clinc150_oos.recall@50"): "planted clinc150 recall@50", ("planted", "banking77.recall@50"): "planted banking77 recall@50",
            ("planted", "clinc150_oos.recall@100"): "planted clinc150 recall@100", ("planted", "banking77.recall@100"): "planted banking77 recall@100"}
SPEED = "comments a second a core"
ROWS = {"static": 12000, "student": 4000}  # short enough for a round that nothing else disturbs


def quality(args, encoder):
    """{measure: value} by the scorers."""
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "figures.csv")
        subprocess.run([sys.executable, QUALITY, "--eval", args.eval, "--data", args.data, "--python", args.python, "--program", args.program,
                        "--work", os.path.join(args.work, encoder), "--only", ",".join(sorted({scorer for scorer, _ in MEASURES})),
                        "--encoder", encoder, "--results", table], check=True)
        with open(table, newline="", encoding="utf-8") as file:
            found = {(row["scorer"], row["figure"]): float(row["value"]) for row in csv.DictReader(file) if row["value"]}
    return {name: found[key] for key, name in MEASURES.items()}


def speed(args, encoder):
    rows = ROWS.get(encoder, 3000)
    source = common.sample(rows, args.work)
    with tempfile.TemporaryDirectory() as folder:
        spent = [common.timed(args.program, "embed", source, os.path.join(folder, "vectors.npy"), 1,
                              options=["--encoder", encoder, "--corpus-part", "off"]) for _ in range(args.rounds)]
    return rows / min(min(run["embed"], run["cpu"]) for run in spent)  # no stage takes more CPU seconds than its process


def keep(path, encoder, figures):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    fresh = not os.path.exists(path)
    same = {"date": datetime.date.today().isoformat(), "commit": common.commit(), "machine": common.machine(), "encoder": encoder}
    with open(path, "a", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if fresh:
            out.writeheader()
        out.writerows(same | {"measure": name, "value": float(f"{value:.4g}")} for name, value in figures.items())


# ---- the page: a panel a measure ----

WIDTH, PANEL, LEFTS, TOP, ROW = 760, (300, 200), (50, 420), 62, 312
WORK, STEPS = "multiply-adds a token", "1800 steps"
FAST, SLOW = "comments a second on one core", "multiply-adds a token of 30"
# what goes along x, its name, what goes along y, the title, and the values across: least, most, by steps of
PANELS = [(SPEED, FAST, "unsaid recall@50", "Unsaid situations, found in the first 50", (0, .6, .2)),
          (SPEED, FAST, "theme ARI", "Themes of four labelled sets, ARI", (0, .6, .2)),
          (SPEED, FAST, "planted clinc150 recall@50", "Planted intents of an assistant, in the first 50", (0, .6, .2)),
          (SPEED, FAST, "planted banking77 recall@50", "Planted intents of one bank, in the first 50", (0, .6, .2)),
          (WORK, SLOW, f"cosine, {STEPS}", f"Parts of the student, {STEPS}: cosine", (.84, .87, .01)),
          (WORK, SLOW, f"unsaid recall@50, {STEPS}", "The same: unsaid, found in the first 50", (0, .6, .2))]


def panel(box, of, points):
    """points: (x, y, name, colour), joined in the order of x."""
    _, below, _, title, (low, high, by) = of
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    low, high = min(low, *ys), max(high, *ys)
    out = plot.Panel(box, (min(xs) / 4, max(xs) * 4, True), (low, high, False), title)
    for k in range(math.ceil(low / by - 1e-9), math.floor(high / by + 1e-9) + 1):
        out.across(k * by, f"{k * by:.3g}")
    for power in range(math.ceil(math.log10(out.x[0])), math.floor(math.log10(out.x[1])) + 1):
        out.up(10 ** power, f"{10 ** power:,}")
    out.below(below)
    out.line([point[:2] for point in sorted(points)], "#bbbbbb", "3 3", 1)
    for x, y, name, colour in points:
        out.marks([(x, y)], colour, 5)
        # a name goes under its point where the next one to the right, as high, needs the room above
        under = any(x < other[0] < 60 * x and abs(other[1] - y) < (high - low) / 8 for other in points)
        out.label(x, y, f"{name} {y:.2f}" if by > .05 else f"{name} {y:.3f}", colour, under)
    return out.parts


def draw(folder, path):
    figures = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            figures.setdefault(row["encoder"], {})[row["measure"]] = float(row["value"])
    colours = dict(zip(figures, plot.COLOURS))
    parts, drawn = [], 0
    for of in PANELS:
        points = [(found[of[0]], found[of[2]], name, colours[name]) for name, found in figures.items() if {of[0], of[2]} <= found.keys()]
        if points:
            left, top = LEFTS[drawn % 2], TOP + drawn // 2 * ROW
            parts += panel((left, top, left + PANEL[0], top + PANEL[1]), of, points)
            drawn += 1
    plot.page(os.path.join(folder, "encoders.svg"), WIDTH, (drawn + 1) // 2 * ROW + 16, "Encoders: quality against cost", parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", help="folder of the scorers")
    parser.add_argument("--data", help="folder of the labelled sets")
    parser.add_argument("--python", default=sys.executable, help="a Python that has the scorers' requirements")
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--encoders", default="static,student,deep")
    parser.add_argument("--speed", action="store_true", help="measure speed alone")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--work", default="build/encoders")
    parser.add_argument("--csv", default="bench/results/encoders.csv")
    parser.add_argument("--plots", help="folder for encoders.svg")
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    if bool(args.eval) != bool(args.data) or not (args.eval or args.speed or args.plots):
        parser.error("what is to be done? --eval and --data, --speed, or --plots")
    for encoder in args.encoders.split(",") if args.eval or args.speed else []:
        figures = {SPEED: speed(args, encoder)}
        if args.eval:
            figures |= quality(args, encoder)
        keep(args.csv, encoder, figures)
    if args.plots:
        draw(args.plots, args.csv)


if __name__ == "__main__":
    main()
