"""Chance that is the same on every machine.

Only `Random(int).random()` is used, which Python keeps stable between versions; no floating powers or logarithms
(their last digit differs between C libraries), no hash(), no sets.
"""
from random import Random


class Dice:
    """A stream of its own for (seed, stage, index): adding a comment to one stage moves nothing in another."""

    def __init__(self, seed, stage, index=0):
        self.next = Random((seed * 1009 + stage) * 1000003 + index).random

    def chance(self, p):
        return self.next() < p

    def below(self, n):
        return int(self.next() * n)

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def pick(self, items):
        return items[self.below(len(items))]

    def weighted(self, items, weights):
        at = self.next() * sum(weights)
        for item, weight in zip(items, weights):
            at -= weight
            if at < 0:
                return item
        return items[-1]

    def shuffled(self, items):
        out = list(items)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out


class Deck:
    """Deals every card once before any comes again, so that no clause is used much more than its fellows."""

    def __init__(self, cards, dice):
        self.cards, self.dice, self.left = cards, dice, []

    def deal(self):
        if not self.left:
            self.left = self.dice.shuffled(self.cards)
        return self.left.pop()
