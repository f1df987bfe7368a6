#!/usr/bin/env python3
"""How time and memory grow: `mine` on large corpora of 10^4, 10^5, ... invented comments, stage by stage, and whether `plan` foretold it.

    bench/scale.py [--program build/release/edgewise] [--generator build/release/corpora/large/generate] [--rows 10000,100000,1000000]
                   [--decoys 0] [--ten-million] [--csv bench/results/scale.csv] [--plots docs]

Prints a table of seconds and peak memory by stage with growth exponents (1: linear), appends every figure to --csv, and draws
scale-time.svg and scale-memory.svg from all rows of the CSV that are of the last commit in it. --plots alone (with --rows "") draws
again. Peak memory of a stage is what the process had at most by its end. Exit code 1: plan was off by more than 25 % of memory or a factor
of 2 in time. Corpora are kept in build/large.
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

FIELDS = ["date", "commit", "machine", "rows", "decoys", "threads", "measure", "value"]
STAGES = ["read", "text", "families", "tokens", "embed", "neighbours", "themes", "needs", "comments", "signals", "context", "remember"]


def corpus(generator, rows):
    folder = os.path.join(common.HERE, "../build/large")
    path = os.path.join(folder, f"{rows}.jsonl.zst")
    os.makedirs(folder, exist_ok=True)
    if not os.path.exists(path):
        part = os.path.join(folder, f"part-{rows}.jsonl.zst")
        subprocess.run([generator, "--rows", str(rows), "--words", os.path.join(common.HERE, "../core/model/vocab.txt"), "-o", part], check=True)
        for name in (".jsonl.zst", ".gold.jsonl", ".labels.npy"):
            os.rename(os.path.join(folder, f"part-{rows}{name}"), os.path.join(folder, f"{rows}{name}"))
    return path


def measure(args, rows):
    """One size: every figure by name."""
    path = corpus(args.generator, rows)
    options = ["--encoder", "static", "--decoys", str(args.decoys)]
    with tempfile.TemporaryDirectory(dir=args.scratch) as folder:
        told = common.foretold(args.program, path, options)
        spent = common.mined(args.program, path, os.path.join(folder, "run"), options + ["--threads", str(args.threads)])
        run = os.path.join(folder, "run")
        out = {name: value for name, value in spent.items() if isinstance(value, (int, float))}
        out.update({f"{name} cpu": value for name, value in spent["cpu_stages"].items()})
        out.update(plan_memory_bytes=told["memory_bytes"], plan_seconds=told["seconds"],
                   files_bytes=sum(os.path.getsize(os.path.join(run, name)) for name in os.listdir(run)))
    return out


def exponent(sizes, values, at):
    """Growth from the size before: ln of the ratio of values over ln of the ratio of sizes."""
    if at == 0 or values[at - 1] is None or values[at] is None or min(values[at - 1], values[at]) < .05:
        return ""
    return f"{math.log(values[at] / values[at - 1]) / math.log(sizes[at] / sizes[at - 1]):.2f}"


def table(figures):
    sizes = sorted(figures)
    names = [name for name in STAGES + [f"{name} cpu" for name in STAGES] + ["total", "cpu"] if any(name in figures[n] for n in sizes)]
    print("| seconds | " + " | ".join(f"{n:,} | growth" for n in sizes) + " |")
    print("| --- |" + " ---: | ---: |" * len(sizes))
    for name in names:
        values = [figures[n].get(name) for n in sizes]
        print(f"| {name} | " + " | ".join(f"{'' if value is None else f'{value:.2f}'} | {exponent(sizes, values, i)}"
                                         for i, value in enumerate(values)) + " |")
    for name, what in (("peak_rss_bytes", "peak MB"), ("files_bytes", "files of the run, MB")):
        print(f"| {what} | " + " | ".join(f"{figures[n][name] / 1e6:.0f} | {figures[n][name] / n:.0f} B a comment" for n in sizes) + " |")


def checks(figures):
    """How far plan was off; whether it was within its promise."""
    good = True
    for n in sorted(figures):
        f = figures[n]
        memory, seconds = f["plan_memory_bytes"] / f["peak_rss_bytes"], f["plan_seconds"] / max(f["total"], 1e-9)
        by_cpu = f["plan_seconds"] / max(f["cpu"], 1e-9)
        fine = .75 <= memory <= 1.25 and (.5 <= seconds <= 2 or f["total"] < 2)
        good = good and fine
        print(f"plan at {n:,}: memory {memory:.2f} of what it took, time {seconds:.2f} (of CPU seconds {by_cpu:.2f}){'' if fine else '  <- off'}")
    return good


WIDTH, HEIGHT = 760, 440


def chart(path, title, unit, series, sizes):
    """Both axes logarithmic; a line a series, with its name at its end."""
    values = [value for _, points in series for _, value in points if value > 0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    panel = plot.Panel((70, 46, WIDTH - 170, HEIGHT - 46), (min(sizes), max(sizes), True), (10.0 ** low, 10.0 ** high, True), title)
    for power in range(low, high + 1):
        panel.across(10.0 ** power, (f"{10.0 ** power:g}" if -3 <= power <= 4 else f"1e{power}") + f" {unit}")
    for n in sizes:
        panel.up(n, f"{n:,}")
    panel.below("comments")
    ends = []
    for at, (name, points) in enumerate(series):
        points = [(n, value) for n, value in points if value > 0]
        if points:
            colour = plot.COLOURS[at % len(plot.COLOURS)]
            panel.line(points, colour, "6 4" if name.startswith("plan") else "")
            panel.marks(points, colour)
            ends.append((points[-1][1], name, colour))
    panel.ends(ends)
    plot.page(path, WIDTH, HEIGHT, title, panel.parts)


def draw(folder, path):
    """From the rows of the last commit in the CSV."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    figures = {}
    for row in rows:
        if row["commit"] == rows[-1]["commit"] and row["decoys"] == rows[-1]["decoys"]:
            figures.setdefault(int(row["rows"]), {})[row["measure"]] = float(row["value"])
    sizes = sorted(figures)
    cpu = {name: f"{name} cpu" for name in STAGES} | {"total": "cpu"} # the clock tells of the machine's other work as well
    stages = [name for name in STAGES if any(figures[n].get(cpu[name], 0) >= .05 for n in sizes)]
    lines = [(name, [(n, figures[n][cpu[name]]) for n in sizes if figures[n].get(cpu[name], 0) >= .005]) for name in stages + ["total"]]
    lines.append(("plan, total", [(n, figures[n]["plan_seconds"]) for n in sizes]))
    chart(os.path.join(folder, "scale-time.svg"), "CPU seconds by stage, two threads", "s", lines, sizes)
    chart(os.path.join(folder, "scale-memory.svg"), "Memory at most, and what lies on disk afterwards", "MB",
          [(name, [(n, figures[n][key] / 1e6) for n in sizes]) for name, key in
          (("peak memory", "peak_rss_bytes"), ("plan, memory", "plan_memory_bytes"), ("files of the run", "files_bytes"))], sizes)


def keep(args, rows, figures):
    """Appends at once: a larger size that does not end takes nothing with it."""
    os.makedirs(os.path.dirname(args.csv) or ".", exist_ok=True)
    fresh = not os.path.exists(args.csv)
    same = {"date": datetime.date.today().isoformat(), "commit": common.commit(), "machine": common.machine(), "rows": rows,
            "decoys": args.decoys, "threads": args.threads}
    with open(args.csv, "a", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if fresh:
            out.writeheader()
        out.writerows(same | {"measure": name, "value": round(value, 4)} for name, value in figures.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--generator", default="build/release/corpora/large/generate")
    parser.add_argument("--rows", default="10000,100000,1000000")
    parser.add_argument("--ten-million", action="store_true", help="10,000,000 too: minutes, and some 20 GB of disk")
    parser.add_argument("--decoys", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--scratch", help="folder for the files of runs (the system's)")
    parser.add_argument("--csv", help="append all figures to this file")
    parser.add_argument("--plots", help="folder for scale-time.svg and scale-memory.svg, drawn from --csv")
    args = parser.parse_args()
    if args.plots and not args.csv:
        parser.error("--plots draws from the file of --csv: name it too")
    sizes = [int(n) for n in args.rows.split(",") if n] + [10_000_000] * args.ten_million
    figures = {}
    for n in sizes:
        figures[n] = measure(args, n)
        if args.csv:
            keep(args, n, figures[n])
    if args.plots:
        draw(args.plots, args.csv)
    if figures:
        table(figures)
    sys.exit(bool(figures) and not checks(figures))


if __name__ == "__main__":
    main()
