#!/usr/bin/env python3
"""Does `edgewise plan` tell the truth? Runs of growing size: memory and time foretold against measured, one CSV line each.

    bench/plan.py [--program build/release/edgewise] [--rows 2000,6000,12000] [--input FILE] > bench/plan.csv

Without --input the sample quarter is generated at each size. Ratios are what to look at; seconds depend on the machine.
"""
import argparse
import csv
import os
import subprocess
import sys
import tempfile

import common

HERE = os.path.dirname(os.path.abspath(__file__))


def corpus(rows, source, folder):
    path = os.path.join(folder, f"{rows}.jsonl")
    if not source:
        subprocess.run([sys.executable, os.path.join(HERE, "../corpora/sample/generate.py"), folder, "--rows", str(rows)], check=True,
                       stdout=subprocess.DEVNULL)
        os.rename(os.path.join(folder, "quarter.jsonl"), path)
        return path
    with open(source, encoding="utf-8") as lines, open(path, "w", encoding="utf-8") as out:
        for _, line in zip(range(rows), lines):
            out.write(line)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--rows", default="3000,6000,12000")
    parser.add_argument("--input", help="plain JSONL to take the first rows of")
    parser.add_argument("--encoder", default="static", help="static, deep or auto (static)")
    args = parser.parse_args()
    out = csv.writer(sys.stdout)
    out.writerow(["rows", "units", "memory_planned", "memory_measured", "memory_ratio", "seconds_planned", "seconds_measured", "seconds_ratio"])
    with tempfile.TemporaryDirectory() as folder:
        for rows in map(int, args.rows.split(",")):
            path = corpus(rows, args.input, folder)
            options = ["--encoder", args.encoder]
            plan = common.foretold(args.program, path, options)
            spent = common.mined(args.program, path, os.path.join(folder, f"run-{rows}"), options)
            memory, seconds, units = spent["peak_rss_bytes"], spent["total"], spent["units"]
            out.writerow([rows, units, round(plan["memory_bytes"]), memory, round(plan["memory_bytes"] / memory, 2), plan["seconds"],
                          round(seconds, 1), round(plan["seconds"] / seconds, 2)])


if __name__ == "__main__":
    main()
