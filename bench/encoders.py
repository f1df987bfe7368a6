#!/usr/bin/env python3
"""What an encoder is worth and what it costs: docs/encoders.svg, quality against comments a second.

    bench/encoders.py --eval FOLDER --data FOLDER [--python PYTHON] [--encoders static,student,deep]     measures, and appends to the CSV
    bench/encoders.py --plots docs                                                                      draws from it

Quality is asked of the scorers of tests/quality (their folder, the labelled sets, a Python that has their requirements), by its
quality.py, without decoys, as no list depends on them. Speed is that of `embed`'s own stage on one core, the best of --rounds, on
the sample quarter (30 tokens a comment). Of each encoder and measure the last row of the CSV is drawn.
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
# (scorer, its figure) -> what it is called here, and on the plot where it is drawn
MEASURES = {("latent", "latent.recall@50"): ("unsaid recall@50", "Unsaid situations, found in the first 50"),
            ("vectors", "mean.ARI"): ("theme ARI", "Themes of four labelled sets, ARI"),
            ("planted", "clinc150_oos.recall@50"): ("planted clinc150 recall@50", "Planted intents of an assistant, in the first 50"),
            ("planted", "banking77.recall@50"): ("planted banking77 recall@50", "Planted intents of one bank, in the first 50"),
            ("planted", "clinc150_oos.recall@100"): ("planted clinc150 recall@100", None),
            ("planted", "banking77.recall@100"): ("planted banking77 recall@100", None)}
SPEED = "comments a second a core"
ROWS = {"static": 12000, "student": 4000}  # short enough for a round that nothing else disturbs


def quality(args, encoder):
    """{measure: value} by the scorers."""
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "figures.csv")
        subprocess.run([sys.executable, QUALITY, "--eval", args.eval, "--data", args.data, "--python", args.python, "--program", args.program,
                        "--work", os.path.join(args.work, encoder), "--only", ",".join(sorted({scorer for scorer, _ in MEASURES})),
                        "--encoder", encoder, "--decoys", "0", "--results", table], check=True)
        with open(table, newline="", encoding="utf-8") as file:
            found = {(row["scorer"], row["figure"]): float(row["value"]) for row in csv.DictReader(file) if row["value"]}
    return {name: found[key] for key, (name, _) in MEASURES.items()}


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

WIDTH, HEIGHT = 760, 640
PLACES = [(left, top, left + 300, top + 200) for top in (62, 374) for left in (50, 420)]


def draw(folder, path):
    figures = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            figures.setdefault(row["encoder"], {})[row["measure"]] = float(row["value"])
    names = sorted(figures, key=lambda name: -figures[name].get(SPEED, 0))
    colours = dict(zip(names, plot.COLOURS))
    speeds = [found[SPEED] for found in figures.values() if SPEED in found]
    least, fastest = min(speeds) / 4, max(speeds) * 2
    parts = []
    for box, (measure, title) in zip(PLACES, [drawn for drawn in MEASURES.values() if drawn[1]]):
        points = [(figures[name][SPEED], figures[name][measure], name) for name in names if {SPEED, measure} <= figures[name].keys()]
        most = max(.6, *(value for _, value, _ in points))
        panel = plot.Panel(box, (least, fastest, True), (0, most, False), title)
        for tenth in range(0, round(most * 10) + 1, 2):
            panel.across(tenth / 10, f"{tenth / 10:g}")
        for power in range(math.ceil(math.log10(least)), math.floor(math.log10(fastest)) + 1):
            panel.up(10 ** power, f"{10 ** power:,}")
        panel.below("comments a second on one core")
        panel.line([point[:2] for point in points], "#bbbbbb", "3 3", 1)
        for x, y, name in points:
            panel.marks([(x, y)], colours[name], 5)
            panel.label(x, y, f"{name} {y:.2f}", colours[name])
        parts += panel.parts
    plot.page(os.path.join(folder, "encoders.svg"), WIDTH, HEIGHT, "Encoders: quality against speed", parts)


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
