#!/usr/bin/env python3
"""Exact neighbours by every instruction set of this machine: the answers are compared first, then the CPU seconds told as ratios.

    bench/kernels.py [--program build/release/edgewise] [--rows 8000] [--columns 256] > kernels.csv
"""
import argparse
import array
import csv
import json
import os
import random
import subprocess
import sys
import tempfile


def vectors(path, rows, columns):
    """A .npy file of seeded Gaussian rows, without numpy."""
    dice = random.Random(1)
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}".ljust(117) + "\n"
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode())
        array.array("f", (dice.gauss(0, 1) for _ in range(rows * columns))).tofile(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--columns", type=int, default=256)
    args = parser.parse_args()
    sets = json.loads(subprocess.run([args.program, "doctor", "--json"], check=True, capture_output=True).stdout)["instruction_sets"]
    out = csv.writer(sys.stdout)
    out.writerow(["instruction_set", "seconds", "times_serial"])
    with tempfile.TemporaryDirectory() as folder:
        source, timings, first, serial = os.path.join(folder, "v.npy"), os.path.join(folder, "t.json"), None, None
        vectors(source, args.rows, args.columns)
        for name in sets.split():
            answer, best = os.path.join(folder, name + ".npy"), None
            for _ in range(1 if name == "serial" else 3):
                subprocess.run([args.program, "neighbours", source, "-k", "15", "-o", answer, "--quiet", "--threads", "1", "--timings", timings],
                               check=True, env=dict(os.environ, EDGEWISE_ISA=name))
                with open(timings, encoding="utf-8") as file:
                    seconds = json.load(file)["neighbours"]
                best = seconds if best is None else min(best, seconds)
            with open(answer, "rb") as file:
                found = file.read()
            first, serial = first or found, serial or best
            if found != first:
                sys.exit(f"{name}: another answer than the first instruction set")
            out.writerow([name, round(best, 3), round(serial / best, 1)])


if __name__ == "__main__":
    main()
