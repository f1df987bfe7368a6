#!/usr/bin/env python3
"""Which way words lean: towards sentences that ask for something, or away from them. Writes core/needs/cues/lean_en.txt.

    core/needs/lean/fit.py [--out FILE]        needs numpy; a minute

Sentences are drawn from frames_en.txt, written for this project, over the lists of core/model/words. A logistic regression
(ridge, Newton's steps) is fitted to two views of them at once: the sum of the words' rows in the built-in static table, so
that what is learned of "option" holds for "setting" too, and the commoner words themselves. Both are divided by the root of
the number of words. What comes out is a weight a word, scaled so that on the sentences of cues/calibration_en.txt, to which
nothing is fitted, its standard deviation is SPREAD; kept in steps of .1.
"""
import argparse
import json
import os
import random
import re
import sys

import numpy as np

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
# What follows lies in that folder, so the path to it comes first (E402).
sys.path.insert(0, os.path.join(ROOT, "core", "model"))
import grammar  # noqa: E402
import phrases  # noqa: E402

SEED, PER_FRAME = 5, 60
COMMON = 12_000       # words of the vocabulary, the most frequent first, that get a weight
FRAMES_AT_LEAST = 4   # in which a word must stand to be learned by itself
LOSS, ROWS = .03, 4   # weight of the loss against the ridge; scale of the rows
SPREAD = .6
SKIPPED = {"news", "science", "knowledge"}
WISHES = ["a better {thing}", "a second {thing}", "an option to {act}", "a way to {act}", "a button to {act}", "more {things}",
          "support for {things}", "a {better} {thing}", "the ability to {act}", "a setting for the {thing}",
          "a choice of {things}", "a list of {things}", "better {things}", "an easier way to {act}"]
SPARE = {"act": ["use the {thing}", "change the {thing}"], "problem": ["the {thing} is {bad}"], "praise": ["{good} {thing}"]}


def frames(path):
    """({"asks": [patterns], "not": [patterns]}, lists)."""
    found, current = {}, []
    with open(path, encoding="utf-8") as lines:
        for line in map(str.strip, lines):
            if line.startswith("@"):
                current = found.setdefault(line[1:].strip(), [])
            elif line and not line.startswith("#"):
                current.append(line)
    named = (line.partition(":") for line in found.pop("lists"))
    return found, phrases.word_lists({name: [e.strip() for e in entries.split(";")] for name, _, entries in named})


def plural(word):
    if word.endswith("s"):
        return word
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeou" else word + "s"


def sentences():
    """[(text, asks, number of its frame)], PER_FRAME different ones of each frame where it has as many to say."""
    kinds, own = frames(os.path.join(ROOT, "core", "needs", "lean", "frames_en.txt"))
    every = phrases.domains(os.path.join(ROOT, "core", "model", "words"))[0]
    domains = [(name, lists) for name, lists in every if name not in SKIPPED and "thing" in lists]
    spare = phrases.word_lists(SPARE)
    wishes = grammar.WordList(WISHES)
    out, seen, number = [], set(), 0
    for kind, patterns in kinds.items():
        for pattern in patterns:
            rng, tree, made = random.Random(SEED * 100_000 + number), grammar.parse(pattern), 0
            for _ in range(PER_FRAME * 6):
                lists = {**spare, **domains[int(rng.random() * len(domains))][1], **own}
                if rng.random() < .5 or "wish" not in lists:
                    lists["wish"] = wishes
                lists["things"] = phrases.Fixed(plural(grammar.tidy(grammar.draw(lists["thing"].draw(rng), lists, rng))))
                text = phrases.finish(grammar.draw(tree, lists, rng), rng)
                if text.lower() in seen:
                    continue
                seen.add(text.lower())
                out.append((text, kind == "asks", number))
                made += 1
                if made == PER_FRAME:
                    break
            number += 1
    return out


class Words:
    """Words as core/needs/pattern_words.c sees them, the aliases of the cue file resolved."""

    def __init__(self, path):
        self.plain, self.endings = {}, []
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                fields = line.split("#")[0].split()
                if fields[:1] == ["alias"]:
                    if fields[1].startswith("*"):
                        self.endings.append((fields[1][1:], fields[3:]))
                    else:
                        self.plain[fields[1]] = fields[3:]

    def __call__(self, text):
        out = []
        for word in re.findall(r"[a-z0-9]+(?:'[a-z0-9]+)*", text.lower().replace("\u2019", "'")):
            if word in self.plain:
                out += self.plain[word]
                continue
            for ending, to in self.endings:
                if word.endswith(ending) and len(word) > len(ending):
                    out += [word[:-len(ending)] if part == "*" else part for part in to]
                    break
            else:
                out.append(word)
        return out


def table(path):
    with open(path, "rb") as stream:
        head = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
        body = stream.read()

    def tensor(name, kind):
        begin, end = head[name]["data_offsets"]
        return np.frombuffer(body[begin:end], kind).reshape(head[name]["shape"]).astype(np.float64)

    return tensor("embeddings", np.int8) * tensor("scales", np.float32).reshape(-1, 1)


def bags(texts, place):
    """[n, words]: how often, over the root of the number of all words."""
    out = np.zeros((len(texts), len(place)))
    for row, words in zip(out, texts):
        for word in words:
            if word in place:
                row[place[word]] += 1 / len(words) ** .5
    return out


def ridge(x, y):
    """Weights and intercept of the logistic regression; the intercept is not held back."""
    x = np.hstack([x, np.ones((len(x), 1))])
    held = np.ones(x.shape[1])
    held[-1] = 1e-8
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ w))
        slope = held * w - LOSS * x.T @ (y - p)
        step = np.linalg.solve(np.diag(held) + LOSS * (x.T * (p * (1 - p))) @ x, slope)
        w -= step
        if np.abs(step).max() < 1e-9:
            break
    return w[:-1]


def main():
    cues = os.path.join(ROOT, "core", "needs", "cues")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=os.path.join(cues, "lean_en.txt"))
    out = parser.parse_args().out
    split = Words(os.path.join(cues, "en.txt"))
    drawn = sentences()
    texts, asks = [split(text) for text, _, _ in drawn], np.array([y for _, y, _ in drawn], float)
    with open(os.path.join(ROOT, "core", "model", "vocab.txt"), encoding="utf-8") as lines:
        vocabulary = {word.rstrip("\n"): i for i, word in enumerate(lines)}
    words = sorted(w for w, i in vocabulary.items() if i < COMMON and re.fullmatch("[a-z]+|[0-9]+", w))
    place = {word: i for i, word in enumerate(words)}
    rows = table(os.path.join(ROOT, "core", "model", "default.safetensors"))[[vocabulary[w] for w in words]] * ROWS
    frames_of = [set() for _ in words]
    for line, (_, _, frame) in zip(texts, drawn):
        for word in set(line) & place.keys():
            frames_of[place[word]].add(frame)
    known = np.array([i for i, f in enumerate(frames_of) if len(f) >= FRAMES_AT_LEAST])
    x = bags(texts, place)
    fitted = ridge(np.hstack([x @ rows, x[:, known]]), asks)
    weights = rows @ fitted[:rows.shape[1]]
    weights[known] += fitted[rows.shape[1]:]
    with open(os.path.join(cues, "calibration_en.txt"), encoding="utf-8") as lines:
        held_out = bags([split(line.split(" ", 1)[1]) for line in lines if line.startswith(("asks ", "not "))], place)
    weights = np.round(weights * (SPREAD / (held_out @ weights).std()) * 10).astype(int)
    with open(out, "w", encoding="utf-8") as stream:
        stream.write("# Which way English words lean: made by core/needs/lean/fit.py, not by hand. See docs/cues.md.\n")
        for weight in sorted(set(weights.tolist()) - {0}, reverse=True):
            some = [w for w, v in zip(words, weights) if v == weight]
            for i in range(0, len(some), 12):
                stream.write(f"lean {weight / 10:g} {' '.join(some[i:i + 12])}\n")
    print(f"{len(drawn)} sentences, {int(asks.sum())} of them asking; {int((weights != 0).sum())} of {len(words)} words lean")


if __name__ == "__main__":
    main()
