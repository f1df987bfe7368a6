"""Sentences from small grammars: the notation of core/model/words and of the voice-assistant sources.

A pattern is text with
  (a|b|c)   one of several parts, each a pattern
  [a|b]     the same, or nothing
  {name}    an entry of the list NAME, which is a pattern again
  {name:n}  the same; the number only tells two uses apart
A list entry may be followed by a tab and a weight. Random numbers come from the generator that is passed in, so the
same seed gives the same sentences on every machine.
"""
import re

DEPTH = 12
TOKENS = re.compile(r"[\[\](){}|]|[^\[\](){}|]+")


class GrammarError(ValueError):
    """A pattern that does not close its brackets, or names a list that is not there."""


def parse(pattern):
    """A pattern as a tree: ("one", [parts]) for a choice, ("all", [parts]) for a row, ("list", name), or text."""
    tokens = TOKENS.findall(pattern)
    tree, end = parse_choice(tokens, 0, None)
    if end != len(tokens):
        raise GrammarError(f"'{tokens[end]}' without its opening in: {pattern}")
    return tree


def parse_choice(tokens, at, close):
    rows, row = [], []
    while at < len(tokens) and tokens[at] not in ")]}":
        token = tokens[at]
        if token == "|":
            rows.append(("all", row))
            row = []
            at += 1
        elif token in "([":
            inner, at = parse_choice(tokens, at + 1, ")" if token == "(" else "]")
            row.append(inner if token == "(" else ("one", [inner, ("all", [])]))
        elif token == "{":
            if at + 2 >= len(tokens) or tokens[at + 2] != "}":
                raise GrammarError("'{' without its '}'")
            row.append(("list", tokens[at + 1].split(":")[0].strip()))
            at += 3
        else:
            row.append(token)
            at += 1
    rows.append(("all", row))
    if close is not None:
        if at >= len(tokens) or tokens[at] != close:
            raise GrammarError(f"no '{close}' in: {''.join(tokens)}")
        at += 1
    return (rows[0] if len(rows) == 1 else ("one", rows)), at


def draw(tree, lists, rng, depth=0):
    """One sentence of the tree, spaces as they fall."""
    if depth > DEPTH:
        raise GrammarError("lists that name each other without end")
    if isinstance(tree, str):
        return tree
    kind, body = tree
    if kind == "all":
        return "".join(draw(part, lists, rng, depth) for part in body)
    if kind == "one":
        return draw(body[int(rng.random() * len(body))], lists, rng, depth)
    if body not in lists:
        raise GrammarError(f"no list named '{body}'")
    return draw(lists[body].draw(rng), lists, rng, depth + 1)


def tidy(text):
    """Single spaces, none before a mark, "a apple" as "an apple"."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" ([,.?!;:])", r"\1", text)
    return re.sub(r"\b([Aa]) (?=[aeiou](?!ni|se|ser|sual|til|ro|n?e\b))", r"\1n ", text)


class WordList:
    """Entries with weights; draw gives one of them as a parsed pattern."""

    def __init__(self, entries):
        self.trees, self.bounds, total = [], [], 0.0
        for entry in entries:
            text, _, weight = entry.partition("\t")
            total += float(weight or 1)
            self.trees.append(parse(text))
            self.bounds.append(total)
        if not self.trees:
            raise GrammarError("an empty list")

    def draw(self, rng):
        mark = rng.random() * self.bounds[-1]
        low, high = 0, len(self.bounds) - 1
        while low < high:
            middle = (low + high) // 2
            if self.bounds[middle] > mark:
                high = middle
            else:
                low = middle + 1
        return self.trees[low]
