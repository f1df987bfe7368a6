"""What the student learns from: the sentences of the static table's recipe, and comments made of two to four of them.

  text.py OUT     writes OUT/comments.jsonl and, after core/model/build.sh --text, OUT/sentences.jsonl: {"id", "text"} a line, each
                  in an order drawn once, so that any first part of a file is a fair sample of it

A comment is made of sentences that stand side by side where they come from: messages of one talk, sentences about one domain
in customers' words. So its parts have something to do with each other, as in comments of people.
"""
import argparse
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# What follows lies in that folder, so the path to it comes first (E402).
sys.path.insert(0, os.path.dirname(HERE))

import build  # noqa: E402
import extract  # noqa: E402
import phrases  # noqa: E402
import sources  # noqa: E402

TALKED, SPOKEN = 150000, 110000  # draws of comments made of messages, and of sentences in customers' words
LONGEST = 420                    # bytes of a comment


def comments(sentences, count, rng):
    """About count texts, each of 2 to 4 neighbours of the list."""
    found = {}
    for _ in range(count):
        at, n = rng.randrange(len(sentences) - 4), rng.choice([2, 2, 3, 3, 4])
        text = " ".join(part if part[-1:] in ".?!" or rng.random() < .3 else part + "." for part in sentences[at:at + n])
        if len(text) <= LONGEST:
            found.setdefault(text.lower(), text)
    return list(found.values())


def talks(root):
    """Messages in the order in which they were sent, those that read as prose, none that is part of one just before."""
    found = []
    for text in extract.chitchat(root):
        text = extract.clean(text)
        if extract.is_prose(text, 3) and not any(text in before for before in found[-3:]):
            found.append(text)
    return found


def write(path, texts):
    with open(path, "w", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(texts))
    build.log(f"student: {len(texts)} texts in {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--work", default=os.path.join(HERE, "..", "..", "..", "build", "model"))
    opt = parser.parse_args()
    work = os.path.abspath(opt.work)
    os.makedirs(opt.out, exist_ok=True)
    rng = random.Random(5)
    chat = next(source for source in sources.SOURCES if source.package == "chitchat-dataset")
    root = sources.unpack(chat, os.path.join(work, "downloads"), os.path.join(work, "sources"))
    made = comments(talks(root), TALKED, rng) + comments(list(phrases.spoken(build.SPOKEN)), SPOKEN, rng)
    rng.shuffle(made)
    write(os.path.join(opt.out, "comments.jsonl"), made)
    sentences = os.path.join(work, "text", "sentences.txt")
    if os.path.exists(sentences):
        with open(sentences, encoding="utf-8") as stream:
            write(os.path.join(opt.out, "sentences.jsonl"), [line.split("\t")[0] for line in stream])


if __name__ == "__main__":
    main()
