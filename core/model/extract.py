"""English sentences out of unpacked packages: one generator for each shape of source."""
import ast
import glob
import gzip
import html
import json
import os
import random
import re

import grammar

SPACE = re.compile(r"\s+")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(])")
BLOCK = re.compile(r"(?i)</?(?:p|title|h\d|li|td|th|div|dt|dd|br|section|ul|ol|dl|tr|table|blockquote)\b[^>]*>")
CODE = re.compile(r"(?is)<(script|style|pre|nav|header|footer)\b.*?</\1\s*>")
TAG = re.compile(r"<[^>]+>")
PLACEHOLDER = re.compile(r"\{[^}]*\}|%\(?\w*\)?[sd]\b|\[%key[^\]]*\]|`+|\*\*|:\w+:|\[([^\]]+)\]\([^)]*\)")
NOT_PROSE = re.compile(r"[{}<>|=\\_~^$@#\[\]]|::|->|\(\)|https?:|www\.|\w/\w+/\w|\w\.\w+\.\w")
COMMON = set("a about all an and any are as at be but by can do for from has have he how i if in into is it its my no not of on "
             "one or our she so that the their there they this to was we what when where which who why will with you "
             "your".split())


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as stream:
        return stream.read().decode("utf-8", "replace")


def files(root, endings):
    """Paths below root in one order everywhere."""
    found = []
    for folder, _, names in os.walk(root):
        found += [os.path.join(folder, name) for name in names if name.endswith(endings)]
    return sorted(found)


def sentences(text):
    return SENTENCE_END.split(SPACE.sub(" ", text))


def clean(text):
    return SPACE.sub(" ", html.unescape(text)).strip(" -*•:;\u201c\u201d\"")


def is_prose(text, fewest=3, most=26):
    """Reads as English prose of a length worth learning from."""
    words = text.split(" ")
    if not fewest <= len(words) <= most or len(text) > 200 or NOT_PROSE.search(text) or not text.isprintable():
        return False
    letters = sum(c.isascii() and (c.isalpha() or c in " '") for c in text)
    if letters < .88 * len(text):
        return False
    return len(words) < 7 or any(word.lower().strip(",.;:?!'") in COMMON for word in words)


def of_html(text):
    for block in BLOCK.split(CODE.sub(" ", text)):
        yield from sentences(html.unescape(TAG.sub("", block)))


def pages(root):
    """Documentation as HTML pages."""
    for path in files(root, (".html", ".htm", ".html.gz", ".html.en")):
        yield from of_html(read(path))


def wordnet(root):
    """Glosses and examples."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in read(os.path.join(root, "usr/share/wordnet/data." + part)).splitlines():
            if "|" not in line or line.startswith("  "):
                continue
            gloss = line.split("|", 1)[1]
            yield from re.findall(r'"([^"]+)"', gloss)
            for piece in re.sub(r';?\s*"[^"]*"', "", gloss).split(";"):
                yield re.sub(r"^\s*\([^)]*\)", "", piece)


def chitchat(root):
    """Messages of two people who chat; a message of several sentences also sentence by sentence."""
    with open(glob.glob(root + "/chitchat_dataset/dataset.json")[0], encoding="utf-8") as stream:
        talks = json.load(stream)
    for talk in talks.values():
        for turn in talk["messages"]:
            for message in turn:
                text = message["text"] if isinstance(message, dict) else message
                yield text
                parts = sentences(text)
                if len(parts) > 1:
                    yield from parts


def texts_of(node, keys=None):
    """All strings of a JSON tree, or those under the named keys."""
    stack = [(node, keys is None)]
    while stack:
        item, wanted = stack.pop()
        if isinstance(item, dict):
            stack += [(value, keys is None or key in keys) for key, value in reversed(item.items())]
        elif isinstance(item, list):
            stack += [(value, wanted) for value in reversed(item)]
        elif isinstance(item, str) and wanted:
            yield item


def json_prose(root, endings, keys=None):
    """Strings of JSON files: messages of a program, or descriptions of an interface."""
    for path in files(root, endings):
        for text in texts_of(json.loads(read(path)), keys):
            for sentence in of_html(PLACEHOLDER.sub(lambda m: m.group(1) or "", text)):
                yield sentence


def python_prose(root):
    """Docstrings and other long strings of Python sources."""
    for path in files(root, (".py",)):
        try:
            tree = ast.parse(read(path))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count(" ") >= 3:
                for block in re.split(r"\n\s*\n|\n\s*:|\n\s*[-*] ", node.value):
                    yield from of_html(PLACEHOLDER.sub(lambda m: m.group(1) or "", block))


def diagnoses(root):
    """Names of the classes of ICD-10-CM."""
    for path in files(root, (".xml", ".txt", ".json")):
        yield from re.findall(r"<desc>([^<]+)</desc>", read(path))


def assistant(root, each=12, seed=5):
    """Patterns of voice assistants (.intent, .dialog), each drawn a few times."""
    rng, empty = random.Random(seed), {}
    for path in files(root, (".intent", ".dialog")):
        if not re.search(r"/en(-us)?/", path.lower()):
            continue
        for line in read(path).splitlines():
            line = re.sub(r"\{\{?[^}]*\}?\}|<[^>]*>", "", line).strip()
            if line and not line.startswith("#"):
                yield from expand(line, empty, rng, each)


def expand(pattern, lists, rng, each):
    try:
        tree = grammar.parse(pattern)
        for _ in range(each if re.search(r"[(\[{]", pattern) else 1):
            yield grammar.tidy(grammar.draw(tree, lists, rng))
    except grammar.GrammarError:
        return


def home_intents(root, each=6, seed=6):
    """Commands of Home Assistant: the same notation, with <rules> besides {lists}."""
    rng = random.Random(seed)
    with open(glob.glob(root + "/home_assistant_intents/data/en.json")[0], encoding="utf-8") as stream:
        data = json.load(stream)
    lists = {"area": grammar.WordList(["kitchen", "bedroom", "living room", "garage", "office", "bathroom", "hallway", "garden"]),
             "name": grammar.WordList(["lamp", "ceiling fan", "front door", "thermostat", "blinds", "speaker", "television",
                                       "heater"])}

    def rewrite(pattern):
        pattern = re.sub(r"<(\w+)>", r"{\1}", pattern)
        return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", pattern)

    for name, values in data["lists"].items():
        entries = []
        for value in values.get("values", []):
            text = value if isinstance(value, str) else value.get("in", "")
            entries.append(rewrite(text))
        if name not in lists:
            lists[name] = grammar.WordList(entries or ["five", "ten", "twenty"])
    for name, rule in data["expansion_rules"].items():
        lists.setdefault(name, grammar.WordList([rewrite(rule)]))
    for intent in data["intents"].values():
        for block in intent["data"]:
            for pattern in block["sentences"]:
                yield from expand(rewrite(pattern), lists, rng, each)
