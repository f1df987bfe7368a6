#!/usr/bin/env python3
"""Writes the sample quarter: quarter.jsonl, gold.jsonl, catalogue.csv, competitors.csv.

    generate.py OUTDIR [--rows 12000] [--seed 1]

The same rows and seed give the same bytes on every machine. What can be said lies in words/, how it is put together in
grammar.py, what happens to it on the way in dress.py, chance in dice.py; this file decides who says what, and when.
"""
import argparse
import datetime
import json
import os
import sys

import dress
from dice import Deck, Dice
from grammar import expand, read_lines, read_parts, sentence_case, split_top, tidy

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = os.path.join(HERE, "words")
FIRST_DAY, DAYS = datetime.date(2026, 7, 1), 92
LAST_WEEKS = 28                      # what emerges does so in these last days
CUSTOMERS = 12500
LEAST_ROWS = 3000                    # below, the planted would be no fringe any more
SEGMENTS = (("household", 78), ("office", 13), ("cafe", 6), ("holiday let", 3))
MODELS = {"fenn2": "Fenn 2", "odda": "Odda", "oddapro": "Odda Pro", "oddamini": "Odda Mini", "halse": "Halse"}
THINGS = {"beans": "bag of beans", "app": "app", "app5": "app", "shop": "order", "service": "machine", "jug": "jug",
          "grinder": "grinder"}
# How many rows of a 12,000-row quarter are not of a theme; other sizes in proportion, the planted stay as they are.
SIDE = (("empty", 50), ("short", 340), ("de", 130), ("fr", 105), ("es", 95), ("scripts", 10))
CORE = .70                           # the share of plain statements, the rest are written lines while they last
VOICES = 3                           # so often a written line of a theme is heard in one quarter
MANY = ("beans", "prices", "points", "notifications", "mails", "adverts", "messages", "grounds")
COPIES, COPY_DAY, COPY_ACCOUNTS = 40, 48, 9
JOINS = (". ", ". ", ". ", ". ", ". ", ", ", ", ", ", ", " and ", ", and ", " - ", " - ", "; ", "... ", "... ", "\n", "! ",
         ". Also ")
MONDAY_FIRST = {"ticket": (17, 15, 14, 13, 12, 6, 5), "review": (8, 8, 8, 9, 10, 15, 17), "survey": (12, 14, 14, 13, 11, 8, 7)}
HOURS = (1, 1, 1, 1, 1, 2, 5, 9, 11, 12, 11, 10, 9, 8, 8, 8, 8, 8, 9, 10, 11, 9, 5, 2)


class Words:
    """Everything of words/, read in the order of the alphabet."""

    def __init__(self):
        self.lists = {}
        for line in read_lines(os.path.join(WORDS, "slots.txt")):
            name, choices = line[1:].split(" ", 1)
            self.lists[name] = split_top(choices)
        self.synonyms = {}
        for line in read_lines(os.path.join(WORDS, "synonyms.txt")):
            word, others = line.split(":")
            self.synonyms[word] = [other.strip() for other in others.split(",")]
        self.common = read_parts(os.path.join(WORDS, "common.txt"))[1]
        _, parts, own = read_parts(os.path.join(WORDS, "context.txt"))
        self.context, self.context_lists = parts["line"], dict(self.lists, **own)
        self.moods = read_parts(os.path.join(WORDS, "moods.txt"))[1]
        self.letters = read_parts(os.path.join(WORDS, "letters.txt"))[1]
        self.short = read_parts(os.path.join(WORDS, "empty.txt"))[1]["short"]
        self.campaign = read_parts(os.path.join(WORDS, "campaign.txt"))[1]["text"][0]
        self.lone = read_lines(os.path.join(WORDS, "lone.txt"))
        self.scripts = read_lines(os.path.join(WORDS, "languages", "scripts.txt"))
        self.macros = [line.split(" | ", 1) for line in read_lines(os.path.join(WORDS, "macros.txt"))]
        self.languages = {code: read_parts(os.path.join(WORDS, "languages", code + ".txt")) for code in ("de", "fr", "es")}
        self.themes = [Theme(name, self.lists) for name in files("themes")]
        self.needs = [(name,) + read_parts(os.path.join(WORDS, "needs", name + ".txt"))[:2] for name in files("needs")]


def files(folder):
    return sorted(name[:-4] for name in os.listdir(os.path.join(WORDS, folder)) if name.endswith(".txt"))


class Theme:
    """One subject of the head: facts, more about them, what follows from them."""

    def __init__(self, name, lists):
        header, self.parts, own = read_parts(os.path.join(WORDS, "themes", name + ".txt"))
        self.name, self.weight, self.mood = name, int(header["weight"]), int(header["mood"])
        words = header["sources"].split()
        self.sources, self.source_weights = words[::2], [int(x) for x in words[1::2]]
        self.products = header["products"].replace(",", " ").split()
        self.peak = [int(x) for x in header.get("peak", "0 0").split()]   # weeks in which it is heard twice as often
        self.lists = dict(lists, **own)

    def shuffle(self, seed, index):
        """A written line is somebody's voice, heard three times at most: nobody's parcel is a football score thirty times."""
        self.left = {}
        for i, (part, lines) in enumerate(self.parts.items()):
            self.left[part] = Dice(seed, 90 + i, index).shuffled(lines * VOICES)

    def written(self, part, dice, share):
        """A line of the theme's own file, as long as there are any; else None."""
        return self.left[part].pop() if self.left[part] and dice.chance(share) else None


def tone_of(mood):
    return "good" if mood > 0 else "bad" if mood < 0 else "plain"


def clause(theme, part, dice, words, facts):
    """What is added to a fact: mostly what anybody might add to anything."""
    own = theme.written(part, dice, 1 - CORE)
    kind = part if own is None else None
    if kind == "more":
        own = dice.pick(words.common["good" if theme.mood > 0 else "more"])
    elif kind:
        own = dice.pick(words.common[kind + "_" + tone_of(theme.mood)])
    return tidy(expand(own, dice, theme.lists, facts))


def fact(theme, dice, facts, tones):
    """Mostly something plain, put together from two lists; else a line of the theme's file.

    A line that starts with + or - is not of its theme's mood, which the stars then follow.
    """
    line = theme.written("fact", dice, 1 - CORE)
    if line is None:
        line = agree(dice.pick(theme.lists["what"]), dice.pick(theme.lists["how"])) + dice.pick(("<tail>", ""))
    marks = line[:len(line) - len(line.lstrip("+- "))]
    tones.append(2 if "+" in marks else -1 if "-" in marks else theme.mood)
    lead = dice.pick(theme.lists["lead"]) if dice.chance(.16) else ""
    return tidy(expand(lead + line[len(marks):], dice, theme.lists, facts))


def agree(what, how):
    """One or many: "the beans are", "the bag is"."""
    many = what.split(" from ")[0].split()[-1] in MANY or what.split()[0] in ("prices", "adverts")
    verb, _, rest = how.partition(" ")
    if many:
        verb = {"is": "are", "was": "were", "has": "have", "does": "do"}.get(verb, verb)
        plain = verb in ("are", "were", "have", "do", "will", "won't", "should", "could", "can", "cannot", "must")
        verb = verb[:-1] if verb.endswith("s") and not plain and len(verb) > 3 else verb
    else:
        verb = {"are": "is", "were": "was", "have": "has", "come": "comes", "annoy": "annoys", "smell": "smells"}.get(verb, verb)
    return verb.join((what + " ", " " + rest))


def everyday(theme, others, dice, words, facts):
    """The body of a head comment: one to four clauses in some order, now and then with a second subject."""
    shape = dice.weighted(("f", "fm", "mf", "fs", "fms", "fmms", "ff", "ffs", "mfs"), (9, 16, 9, 13, 17, 5, 7, 6, 8))
    tones = []
    parts = [fact(theme, dice, facts, tones) if c == "f" else clause(theme, {"m": "more", "s": "so"}[c], dice, words, facts)
             for c in shape]
    if dice.chance(.12):
        other = dice.weighted(others, [t.weight for t in others])
        turn = (other.mood > 0) != (theme.mood > 0) and dice.chance(.4)
        lead = dice.pick(["but ", "on the other hand ", "still, ", "mind you, "]) if turn else ""
        parts.append(lead + fact(other, dice, facts, tones))
    if len(parts) < 3 and dice.chance(.015):
        parts.insert(dice.below(len(parts) + 1), tidy(expand(dice.pick(words.context), dice, words.context_lists, facts)))
    if dice.chance(.22):
        tone = "plain" if sum(tones) == 0 else "good" if sum(tones) > 0 else "bad" if dice.chance(.7) else "plain"
        parts.append(tidy(expand(dice.pick(words.moods[tone]), dice, words.lists, facts)))
    text = parts[0]
    for part in parts[1:]:
        text += " " if text[-1] in "?!" else ", " if part.startswith(("but ", "still")) else dice.pick(JOINS)
        text += part
    text = dress.synonyms(text, dice, words.synonyms, .22)
    text = sentence_case(text if text[-1] in "?!" else text + ".")
    if dice.chance(.04):
        text += " " + dice.pick(words.moods["emoji_good" if sum(tones) > 0 else "emoji_bad"])
    return text, sum(tones) // len(tones)


def titled(theme, body, dice, words, facts):
    return clause(theme, "title", dice, words, facts) + "\n" + body


def facts_of(product, dice, words):
    facts = dress.fill_facts(dice, words.lists)
    facts["model"] = MODELS.get(product, "machine")
    facts["thing"] = THINGS.get(product, "machine")
    return facts


def head_rows(words, seed, count):
    shares = [theme.weight for theme in words.themes]
    rows = []
    for i, theme in enumerate(words.themes):
        theme.shuffle(seed, i)
    others = words.themes
    order = []
    for i, theme in enumerate(words.themes):     # exact sizes, the rest to the largest
        order += [i] * (count * theme.weight // sum(shares))
    order += [shares.index(max(shares))] * (count - len(order))
    for n, i in enumerate(order):
        theme, dice = words.themes[i], Dice(seed, 1, n)
        product = dice.pick(theme.products)
        facts = facts_of(product, dice, words)
        source = dice.weighted(theme.sources, theme.source_weights)
        body, mood = everyday(theme, others, dice, words, facts)
        if source == "ticket" and dice.chance(.016):          # the long letter of somebody with time
            for _ in range(dice.between(5, 11) if dice.chance(.8) else dice.between(18, 40)):
                more = dice.weighted(others, shares)
                body += dice.pick(["\n", "\n\n", " ", " "]) + everyday(more, others, dice, words, facts)[0]
        body = dress.voice(body, dice, mood)
        if dice.chance({"ticket": .18, "review": .34, "survey": 0}[source]):
            body = titled(theme, body, dice, words, facts)
        if source == "ticket":
            body = dress.letter(body, dice, words.lists, words.letters, facts)
        quotes = source == "ticket" and dice.chance(.11)
        rows.append(row(body, source, product, mood, peak=theme.peak, quotes=quotes))
    return rows


def row(text, source, product, mood, **more):
    return dict({"text": text, "source": source, "product": product, "mood": mood}, **more)


def macro_rows(words, rows, seed):
    """Paragraphs of the support staff go into tickets of the head that exist already: the row stays one comment."""
    tickets = [r for r in rows if r["source"] == "ticket"]
    tickets = Dice(seed, 2).shuffled(tickets)
    for count, paragraph in words.macros:
        for _ in range(int(count) * len(rows) // 10500):
            ticket = tickets.pop()
            dice = Dice(seed, 3, len(tickets))
            lead = dice.pick(["", "", "Tarrowick Care: ", "[staff] ", "Reply:\n"])
            ticket["text"] += dice.pick(["\n\n", "\n", "\n---\n"]) + lead + paragraph


def planted_rows(words, seed):
    """Each phrasing once at most; one in ten with a common sentence beside it."""
    rows = []
    for n, (name, header, parts) in enumerate(words.needs):
        deck = Deck(parts["say"], Dice(seed, 4, n))
        for i in range(int(header["size"])):
            dice = Dice(seed, 5, n * 1000 + i)
            product = dice.pick(header["products"].replace(",", " ").split())
            facts = facts_of(product, dice, words)
            text = deck.deal()
            if dice.chance(.10):
                beside = sentence_case(tidy(expand(dice.pick(words.common["beside"]), dice, words.lists, facts)) + ".")
                text = dice.pick([text + " " + beside, beside + " " + text])
            if dice.chance(.12):
                text = text.lower()
            if dice.chance(.08):
                text = dress.slip(text, dice, .04)
            source = dice.weighted(("ticket", "review", "survey"), (3, 4, 5))
            if source == "ticket":
                text = dress.letter(text, dice, words.lists, words.letters, facts, .15)
            rows.append(row(text, source, product, 0, need=name, emerging=header.get("emerging") == "yes",
                            segment=header.get("segment")))
    return rows


def side_rows(words, seed, scale):
    """What is in every export beside the matter: lone voices, nothing, other languages, a campaign."""
    rows = []
    every = ("odda", "fenn2", "beans", "shop", "app")
    for i, text in enumerate(words.lone):
        dice = Dice(seed, 6, i)
        rows.append(row(text, dice.pick(["review", "survey", "ticket"]), dice.pick(every), 0))
    for n, (kind, count) in enumerate(SIDE):
        decks = None
        if kind in words.languages:
            decks = {p: Deck(lines, Dice(seed, 8 + n, i)) for i, (p, lines) in enumerate(words.languages[kind][1].items())}
        for i in range(count if kind == "scripts" else int(count * scale)):
            dice = Dice(seed, 20 + n, i)
            lang, source = None, dice.pick(["review", "survey", "survey"])
            if kind == "empty":
                text = dice.pick(["", "", "", " ", "\n", "  \n"])
            elif kind == "short":
                text = dice.pick(words.short)
            elif kind == "scripts":
                lang, text = words.scripts[i % len(words.scripts)].split(" | ")
                lang = None if lang == "-" else lang
            else:
                lang, text = kind, foreign(decks, dice, words)
                source = dice.pick(["ticket", "review", "survey"])
            rows.append(row(text, source, dice.pick(every), dice.between(-1, 2), lang=lang))
    for i in range(COPIES):
        dice = Dice(seed, 7, i)
        rows.append(row(expand(words.campaign, dice, words.lists), "review", "odda", -3,
                        day=COPY_DAY + dice.below(2), account=dice.below(COPY_ACCOUNTS)))
    return rows


def foreign(decks, dice, words):
    facts = dress.fill_facts(dice, words.lists)
    shape = dice.pick(["f", "fs", "fs", "ff", "ffs", "sf"])
    parts = [tidy(expand(decks["fact" if c == "f" else "so"].deal(), dice, words.lists, facts)) for c in shape]
    text = dice.pick([". ", ", ", ". "]).join(parts)
    text = text[0].upper() + text[1:]
    return dress.voice(text if text[-1] == "?" else text + ".", dice, 0)


def when(item, dice):
    """A day with the rhythm of its source, rising slowly through the quarter, then an hour of the day."""
    if "day" in item:
        day = item["day"]
    elif item.get("emerging"):
        # More of it each week: two draws, the later one counts.
        day = DAYS - LAST_WEEKS + max(dice.below(LAST_WEEKS), dice.below(LAST_WEEKS))
    else:
        low, high = item.get("peak", (0, 0))
        weights = []
        for d in range(DAYS):
            weekday = (FIRST_DAY + datetime.timedelta(d)).weekday()
            twice = 2 if low <= d // 7 + 1 <= high else 1
            weights.append(MONDAY_FIRST[item["source"]][weekday] * (400 + d) * twice)
        day = dice.weighted(range(DAYS), weights)
    hour = dice.weighted(range(24), HOURS)
    moment = datetime.datetime.combine(FIRST_DAY, datetime.time(hour, dice.below(60), dice.below(60)))
    return (moment + datetime.timedelta(day)).isoformat()


def rating(mood, dice):
    weights = {-3: (1, 0, 0, 0, 0), -2: (52, 27, 13, 6, 2), -1: (17, 29, 32, 16, 6), 0: (6, 12, 32, 32, 18),
               1: (2, 4, 16, 42, 36), 2: (1, 1, 4, 20, 74)}[mood]
    return dice.weighted((1, 2, 3, 4, 5), weights)


def people(seed):
    """Segment by customer, fixed for the quarter."""
    dice = Dice(seed, 60)
    return [dice.weighted([s for s, _ in SEGMENTS], [w for _, w in SEGMENTS]) for _ in range(CUSTOMERS)]


def give_people(rows, seed):
    """Planted voices are all different people; of the rest a few write often and most once or twice."""
    segments = people(seed)
    free = Dice(seed, 61).shuffled(range(CUSTOMERS))
    for n, item in enumerate(rows):
        dice = Dice(seed, 62, n)
        if "need" in item:
            want = item.get("segment")
            at = next(i for i in range(len(free) - 1, -1, -1) if want is None or segments[free[i]] == want)
            who = free.pop(at)
        elif "account" in item:
            who = item["account"] * 7 + 3
        elif item["source"] != "ticket" and dice.chance(.09):
            who = None
        elif dice.chance(.10):
            who = dice.below(400) * 19          # the regulars
        else:
            who = dice.below(CUSTOMERS)
        item["who"] = who
        item["of"] = segments[who] if who is not None and dice.chance(.93) else None


def export(words, rows, seed):
    """Sorted by time and numbered; values that nobody gave are left out."""
    for n, item in enumerate(rows):
        item["time"] = when(item, Dice(seed, 70, n))
    order = sorted(range(len(rows)), key=lambda n: (rows[n]["time"], n))
    out, found = [], {}
    for place, n in enumerate(order):
        item, dice = rows[n], Dice(seed, 71, n)
        ident = f"q{place + 1:06d}"
        text = item["text"]
        if item.get("quotes"):            # only now is it known which day came before
            text = dress.quote(text, item["time"], dice, words.lists, words.letters)
        if item["source"] != "survey" and dice.chance(.035):
            text = dress.escape(text, dice)
        line = {"id": ident, "text": text, "time": item["time"]}
        if item["source"] != "ticket" and dice.chance(.94):
            line["rating"] = rating(item["mood"], dice)
        if dice.chance(.96):
            line["product"] = "app5" if item["product"] == "app" and item["time"] >= "2026-09-01" else item["product"]
        if item["who"] is not None:
            line["customer"] = f"cu_{item['who'] + 1:05d}"
        if item["of"]:
            line["segment"] = item["of"]
        line["source"] = item["source"]
        if dice.chance(.08):                      # only a part of the rows say their language
            lang = item.get("lang", "en")
            if lang and text.strip():
                line["lang"] = lang
        out.append(line)
        if "need" in item:
            found.setdefault(item["need"], []).append(ident)
    return out, found


def build(words, rows, seed):
    planted = planted_rows(words, seed)
    side = side_rows(words, seed, rows / 12000)
    head = head_rows(words, seed, rows - len(planted) - len(side))
    macro_rows(words, head, seed)
    everything = head + side + planted
    give_people(everything, seed)
    lines, found = export(words, everything, seed)
    gold = [{"need": name.replace("_", "-"), "kind": header["kind"], "sort": header["sort"],
             "emerging": header.get("emerging") == "yes", "title": header["title"], "comments": found[name]}
            for name, header, _ in words.needs]
    gold.sort(key=lambda g: (g["kind"] != "latent", -len(g["comments"]), g["need"]))
    return lines, gold


def write(path, lines):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("outdir")
    parser.add_argument("--rows", type=int, default=12000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.rows < LEAST_ROWS or args.seed < 0:
        sys.exit(f"generate.py: --rows must be at least {LEAST_ROWS} and --seed not negative")
    lines, gold = build(Words(), args.rows, args.seed)
    os.makedirs(args.outdir, exist_ok=True)
    as_json = lambda items: [json.dumps(item, ensure_ascii=False) for item in items]
    write(os.path.join(args.outdir, "quarter.jsonl"), as_json(lines))
    write(os.path.join(args.outdir, "gold.jsonl"), as_json(gold))
    for name, header in (("catalogue", "product,name,category,launched"), ("competitors", "name,aliases")):
        write(os.path.join(args.outdir, name + ".csv"), [header] + read_lines(os.path.join(WORDS, name + ".txt")))


if __name__ == "__main__":
    main()
