"""Sentences in customers' words, from the lists and patterns of words/ and from the open vocabulary of WordNet.

words/NAME.txt holds domains ("@ cards") and in each lists ("thing: card; pin; ..."), words/voice.txt the ways in which
people talk about what is on such a list. "@ lists" are lists for all domains of a file (of voice.txt: of all files).
"""
import collections
import glob
import os
import random
import re

import grammar

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "words")

ASKS = re.compile(r"(?i)(hi|hey|hello|so|um|ok)?,? ?"
                  r"(how|why|can|could|what|where|when|who|which|is|are|do|does|did|may|am)\b")

# How often a domain speaks in each of the ways of voice.txt, before what it has no list for is left out.
SHARES = {"act": 30, "thing": 26, "problem": 20, "question": 12, "wish": 8, "praise": 5, "note": 6, "chat": 6,
          "title": 60, "report": 15, "headline": 40, "tweet": 40, "paper": 60, "search": 60}
# Kinds whose entries say what is meant; the pattern around them only says how.
MEANT = {"act", "problem", "question", "wish", "praise"}
# Domains that stand for more than a corner of life get more sentences.
WEIGHTS = {"programming": 5, "apps": 2.5, "assistant": 2, "news": 3, "science": 2.5, "knowledge": 2, "accounts": 1.5,
           "cards": 1.5, "airline": 1.5, "it help desk": 1.5, "trips": 1.5, "kitchen": 1.5}

DULL = set("the and for with not can will all who how what get got are was his her has had one two out you may this that "
           "from have more much many some any very just too here there now then than only even well still also back down over "
           "off yes like other same such both each few own most lot bit way thing things let its our own use used using".split())


def load(path):
    """{domain: {list: [entries]}} of a file of lists; in voice.txt the lines below a kind are its patterns."""
    domains, current = {}, None
    by_line = os.path.basename(path) == "voice.txt"
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("@"):
                name = line[1:].strip()
                current = domains.setdefault(name, {})
            elif by_line and name != "lists":
                current.setdefault("patterns", []).append(line)
            else:
                key, colon, entries = line.partition(":")
                if not colon or current is None or not re.fullmatch(r"[a-z]+[0-9]?", key):
                    raise grammar.GrammarError(f"{path}, line {number}: no list")
                current.setdefault(key, []).extend(e.strip() for e in entries.split(";") if e.strip())
    return domains


def word_lists(lists):
    return {name: grammar.WordList(list(dict.fromkeys(entries))) for name, entries in lists.items()}


def domains(folder=HERE):
    """(name, {list: WordList}) of every domain, in order of file and place; and {kind: WordList of patterns}."""
    voice = load(os.path.join(folder, "voice.txt"))
    shared = word_lists(voice.pop("lists", {}))
    kinds = {kind: grammar.WordList([line + "\t1" for line in body["patterns"]]) for kind, body in voice.items()}
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "*.txt"))):
        if os.path.basename(path) in ("voice.txt", "open.txt"):
            continue
        parts = load(path)
        local = word_lists(parts.pop("lists", {}))
        for name, lists in parts.items():
            found.append((name, {**shared, **local, **word_lists(lists)}))
    return found, kinds


def finish(text, rng):
    """Half of them as typed in haste, half as written: a capital, a mark at the end."""
    text = grammar.tidy(text)
    if rng.random() < .5:
        return text
    text = text[:1].upper() + text[1:]
    if text[-1:] in ".?!":
        return text
    return text + (rng.choice(["?", "?", ""]) if ASKS.match(text) else rng.choice(["", ".", ".", "!"]))


def distinct(count, make):
    """{text: core} of count different results (text, core) of make(), fewer where it has no more to say."""
    seen, idle = {}, 0
    while len(seen) < count and idle < 4000:
        text, core = make()
        idle = idle + 1 if text.lower() in seen else 0
        seen.setdefault(text.lower(), (text, core))
    return dict(seen.values())


class Fixed:
    """A list of one entry, for the place of it that has been drawn already."""

    def __init__(self, text):
        self.text = text

    def draw(self, _):
        return self.text


def spoken(count, seed=7, folder=HERE):
    """{sentence: core} for about count different sentences over all domains.

    The core is what is meant, without the way it is put: "freeze my card" of "hi, how can i freeze my card?", or None
    where the pattern says as much as the entry.
    """
    found, kinds = domains(folder)
    total = sum(WEIGHTS.get(name, 1) for name, _ in found)
    texts, seen = {}, set()
    for place, (name, lists) in enumerate(found):
        rng = random.Random(seed * 1000 + place)
        mine = [kind for kind in SHARES if kind in lists]
        shares = [SHARES[kind] for kind in mine]

        def make():
            kind = rng.choices(mine, shares)[0]
            core = grammar.tidy(grammar.draw(lists[kind].draw(rng), lists, rng))
            text = grammar.draw(kinds[kind].draw(rng), {**lists, kind: Fixed(core)}, rng)
            return finish(text, rng), core if kind in MEANT else None

        for text, core in distinct(int(count * WEIGHTS.get(name, 1) / total), make).items():
            if text.lower() not in seen:
                seen.add(text.lower())
                texts[text] = core
    return texts


def lemmas(wordnet, part, counts, most):
    """The most frequent words of a part of speech, best first."""
    rows = []
    with open(os.path.join(wordnet, "index." + part), encoding="utf-8") as stream:
        for line in stream:
            fields = line.split()
            if line.startswith(" ") or not fields:
                continue
            word, tagged = fields[0].replace("_", " "), int(fields[5 + int(fields[3])])
            if word in DULL or not re.fullmatch(r"[a-z]{3,}( [a-z]{3,})?", word):
                continue
            if tagged or " " in word or counts[word] >= 20:
                rows.append((-counts[word], word))
    rows.sort()
    return [word for count, word in rows[:most] if count <= -3]


def gerund(verb):
    head, *rest = verb.split()
    head = head[:-1] if head.endswith("e") and not head.endswith("ee") else head
    return " ".join([head + "ing"] + rest)


def open_vocabulary(count, wordnet, texts, seed=8):
    """count sentences that put WordNet's words into patterns, frequent words (in texts) more often."""
    counts = collections.Counter()
    for text in texts:
        words = re.findall(r"[a-z]+", text.lower())
        counts.update(words)
        counts.update(" ".join(pair) for pair in zip(words, words[1:]))
    words = {kind: lemmas(wordnet, part, counts, most)
             for kind, part, most in (("n", "noun", 14000), ("v", "verb", 3500), ("a", "adj", 4500))}
    with open(os.path.join(HERE, "open.txt"), encoding="utf-8") as stream:
        patterns = [line.strip() for line in stream if not line.startswith("#")]
    rng = random.Random(seed)

    def pick(kind):
        return words[kind][int(len(words[kind]) * rng.random() ** 1.6)]

    def fill(match):
        kind = match.group(1)
        return gerund(pick("v")) if kind == "g" else pick(kind)

    return list(distinct(count, lambda: (finish(re.sub(r"\{(\w)\}", fill, rng.choice(patterns)), rng), None)))
