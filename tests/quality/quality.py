#!/usr/bin/env python3
"""Quality figures: runs the scorers of a folder against the program and writes what they say to results.csv, which is committed,
so that a change shows what it did to them.

    make quality EVAL=FOLDER DATA=FOLDER [PYTHON=python] [ONLY=planted,latent]     (EVAL: the scorers; DATA: the labelled sets)

The scorers and the data sets are not part of this project (the sets are other people's); the figures are. A scorer that misses one of
its gates is no failure here: the figure is what counts. Rows: scorer, figure, value.
"""
import argparse
import csv
import json
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# The scorer and its options. Corpora without needs come in two sizes: what small ones show says little of larger ones.
SCORERS = {"signals": [], "determinism": [], "latent": [], "bots": [], "emergence": [], "nulls": [],
           "nulls_5000": ["--size", "5000", "--each", "51", "--generators", "unigram", "bigram", "--controls", "12"]}
SUITE = {"planted": ["--planted", "clinc150_oos:oos,banking77"],
         "clusters": ["--clusters", "banking77,clinc150_oos,clus_stackoverflow20,clus_tweet89"]}
# What is asked of `embed`: the model alone, and with the corpus part beside it where this program's embed has one.
VECTORS = {"vectors": "", "vectors_corpus": " --corpus-part on"}


def flat(prefix, value):
    """(figure, number) pairs of nested figures; lists of runs are left out."""
    if isinstance(value, dict):
        for key, inner in sorted(value.items()):
            yield from flat(f"{prefix}.{key}" if prefix else key, inner)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield prefix, round(float(value), 4)


def gates(path):
    with open(path, encoding="utf-8") as file:
        done = json.load(file)
    for gate in done["gates"]:
        yield gate["gate"], "" if gate["value"] is None else round(float(gate["value"]), 4)
    for figure, value in flat("", {k: v for k, v in done["figures"].items() if not isinstance(v, list)}):
        yield figure, value


def suite(path, task):
    """Means over seeds."""
    sums = {}
    with open(path, newline="", encoding="utf-8") as file:
        for _, of, data, _, _, _, key, value in csv.reader(file):
            if of == task:
                try:
                    number = float(value)
                except ValueError: # no figure, or one of several parts
                    continue
                sums.setdefault(f"{data}.{key}", []).append(number)
    return [(key, round(sum(values) / len(values), 4)) for key, values in sorted(sums.items())]


def embeds(program, options):
    """Whether this program's embed knows the option."""
    told = subprocess.run([program, "help", "embed"], capture_output=True, text=True).stdout
    return not options or options.split()[0] in told


def vectors(path):
    """ARI, kNN purity and precision of rare classes: each set's, and their means."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            name, *figures = re.split(r"\s+", line.strip())
            for key, value in zip(figures[::2], figures[1::2]):
                yield f"{name}.{key}", float(value)


def engine(program, options):
    """A command for scorers that put the verb behind it: the options go to `mine` alone."""
    return shlex.join(["sh", "-c", f'[ "$1" != mine ] || set -- "$@" {options}; exec {shlex.quote(program)} "$@"', "sh"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", required=True, help="folder of the scorers")
    parser.add_argument("--data", required=True, help="folder of the labelled sets")
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--work", default="build/quality", help="keeps corpora and runs, which are taken again: one an encoder")
    parser.add_argument("--python", default=sys.executable, help="a Python that has the scorers' requirements")
    parser.add_argument("--only", default=",".join([*SUITE, *SCORERS, *VECTORS]))
    parser.add_argument("--encoder", default="static", help="whose figures they are (static)")
    parser.add_argument("--decoys", type=int, help="of each mine (the program's own number)")
    parser.add_argument("--results", default=os.path.join(HERE, "results.csv"), help="the file that takes the figures")
    parser.add_argument("--collect", action="store_true", help="take what an earlier run left in --work; run nothing")
    args = parser.parse_args()
    program, work = os.path.abspath(args.program), os.path.abspath(args.work)
    os.makedirs(work, exist_ok=True)
    if args.encoder == "static":
        os.environ["EDGEWISE_WEIGHTS"] = ""
    mine = f"--encoder {args.encoder}" + ("" if args.decoys is None else f" --decoys {args.decoys}")
    rows = {}
    if os.path.exists(args.results):
        with open(args.results, newline="", encoding="utf-8") as file:
            for scorer, figure, value in list(csv.reader(file))[1:]:
                rows.setdefault(scorer, []).append((figure, value))
    for name in args.only.split(","):
        print(f"{name} ...", file=sys.stderr, flush=True)
        if name in SUITE:
            table = os.path.join(work, "suite.csv")
            if not args.collect:
                subprocess.run([args.python, "suite.py", "--data", os.path.abspath(args.data), "--work", os.path.join(work, "suite"), "--csv",
                                table, "--name", "edgewise", "--run", f"{program} mine {{corpus}} -o {{out}} --seed {{seed}} --quiet {mine}",
                                *SUITE[name]], cwd=args.eval, check=True, stdout=subprocess.DEVNULL)
            rows[name] = suite(table, name)
        elif name in VECTORS:
            found = os.path.join(work, name + ".txt")
            if not args.collect and not embeds(program, VECTORS[name]):
                print(f"{name}: skipped, this program's embed has no{VECTORS[name].split(' on')[0]}", file=sys.stderr)
                continue
            if not args.collect:
                with open(found, "w", encoding="utf-8") as table:
                    subprocess.run([args.python, "vectors.py", "--data", os.path.abspath(args.data), "--run",
                                    f"{program} embed {{corpus}} -o {{out}} --quiet --encoder {args.encoder}{VECTORS[name]}"],
                                   cwd=args.eval, check=True, stdout=table)
            if os.path.exists(found):
                rows[name] = list(vectors(found))
        else:
            found = os.path.join(work, name + ".json")
            if not args.collect:
                done = subprocess.run([args.python, name.split("_")[0] + ".py", "--data", os.path.abspath(args.data), "--json", found,
                                       "--engine", engine(program, mine), *SCORERS[name]], cwd=args.eval, stdout=subprocess.DEVNULL)
                if done.returncode > 1:
                    sys.exit(f"{name}: the scorer failed")
            rows[name] = list(gates(found))
    with open(args.results, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["scorer", "figure", "value"])
        for scorer in sorted(rows):
            out.writerows([scorer, figure, value] for figure, value in rows[scorer])


if __name__ == "__main__":
    main()
