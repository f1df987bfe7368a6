#!/usr/bin/env python3
"""The demonstration shows what it promises: of the twelve unsaid needs planted in the sample quarter at least nine stand among the
first 25 of the run in FOLDER, and the one that began in the last weeks is called emerging. The score is what its parts say, and some
need says what one before it says: that counts less.

    tests/sample.py FOLDER GOLD        (a run of `edgewise mine`, and gold.jsonl of the sample)

Found: over half of the need's comments are of the planted one, and it holds at least a third of them.
"""
import json
import math
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


def adds_up(needs):
    """The score is P / (1 + P), P the product of the factors (written with few digits); the first need is like none before it."""
    products = [math.prod(part["factor"] for part in need["score_parts"].values()) for need in needs]
    right = all(abs(p / (1 + p) - need["score"]) < 1e-3 for p, need in zip(products, needs))
    alike = [need["score_parts"]["unlike"]["value"] for need in needs]
    scores = [need["score"] for need in needs]
    return right and scores == sorted(scores, reverse=True) and alike[0] == 1 and 0 < min(alike) < .9


def main():
    folder, gold = sys.argv[1:]
    needs = rows(os.path.join(folder, "needs.jsonl"))
    latent = [planted for planted in rows(gold) if planted["kind"] == "latent"]
    hits = {planted["need"]: found(planted, needs[:FIRST]) for planted in latent}
    missing = sorted(name for name, need in hits.items() if not need)
    emerging = [planted["need"] for planted in latent if planted["emerging"] and not (found(planted, needs) or {}).get("emerging")]
    print(f"{len(latent) - len(missing)} of {len(latent)} latent needs among the first {FIRST}; not there: {', '.join(missing) or 'none'}")
    good = (len(latent) - len(missing) >= WANTED) + (not emerging) + adds_up(needs)
    if emerging:
        print(f"not called emerging: {', '.join(emerging)}")
    print(f"{good} passed, {3 - good} failed")
    sys.exit(good != 3)


if __name__ == "__main__":
    main()
