#!/usr/bin/env python3
"""The demonstration shows what it promises: of the twelve unsaid needs planted in the sample quarter at least nine stand among the
first 25 of the run in FOLDER, and the one that began in the last weeks is called emerging.

    tests/sample.py FOLDER GOLD        (a run of `edgewise mine`, and gold.jsonl of the sample)

Found: over half of the need's comments are of the planted one, and it holds at least a third of them.
"""
import json
import os
import sys

FIRST, WANTED = 25, 9


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def found(planted, needs):
    wanted = set(planted["comments"])
    for need in needs:
        hit = len(wanted & set(need["comments"]))
        if 2 * hit > len(need["comments"]) and 3 * hit >= len(wanted):
            return need
    return None


def main():
    folder, gold = sys.argv[1:]
    needs = rows(os.path.join(folder, "needs.jsonl"))
    latent = [planted for planted in rows(gold) if planted["kind"] == "latent"]
    hits = {planted["need"]: found(planted, needs[:FIRST]) for planted in latent}
    missing = sorted(name for name, need in hits.items() if not need)
    emerging = [planted["need"] for planted in latent if planted["emerging"] and not (found(planted, needs) or {}).get("emerging")]
    print(f"{len(latent) - len(missing)} of {len(latent)} latent needs among the first {FIRST}; not there: {', '.join(missing) or 'none'}")
    good = (len(latent) - len(missing) >= WANTED) + (not emerging)
    if emerging:
        print(f"not called emerging: {', '.join(emerging)}")
    print(f"{good} passed, {2 - good} failed")
    sys.exit(good != 2)


if __name__ == "__main__":
    main()
