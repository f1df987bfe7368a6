#!/usr/bin/env python3
"""The generators of the default model's sentences (core/model): deterministic, no sentence twice, patterns that say what they mean.
Needs nothing but Python; the last line is "N passed, N failed"."""
import hashlib
import random
import re
import sys
import tempfile
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "core" / "model"))
import extract  # noqa: E402
import grammar  # noqa: E402
import phrases  # noqa: E402
import sources  # noqa: E402

COUNT = 6000


def digest(found):
    return hashlib.sha256(repr(list(found.items())).encode()).hexdigest()


def all_of(pattern, lists=None, draws=200):
    rng, tree = random.Random(1), grammar.parse(pattern)
    lists = {name: grammar.WordList(entries) for name, entries in (lists or {}).items()}
    return {grammar.tidy(grammar.draw(tree, lists, rng)) for _ in range(draws)}


def refused(pattern, lists=None):
    try:
        all_of(pattern, lists, 1)
    except grammar.GrammarError:
        return True
    return False


def test_patterns():
    assert all_of("a (b|c) d") == {"a b d", "a c d"}
    assert all_of("a[ b|] c") == {"a b c", "a c"}
    assert all_of("x {w} y", {"w": ["one", "two (three|four)"]}) == {"x one y", "x two three y", "x two four y"}
    assert all_of("{w:1}", {"w": ["a", "b\t0"]}) == {"a"}


def test_bad_patterns():
    for pattern in ("a (b", "a b)", "[a", "{a", "{}", "a|b)", "{unknown}"):
        assert refused(pattern), pattern
    assert refused("{w}", {"w": ["{w}"]}), "a list that names itself"
    assert refused("(" * 3 + "a" + ")" * 2)


def test_tidy():
    assert grammar.tidy(" an  email ,a apple and a user !") == "an email,an apple and a user!"
    assert grammar.tidy("") == ""


def test_every_list_is_used_well():
    found, kinds = phrases.domains()
    assert len(found) >= 25 and set(phrases.SHARES) <= set(kinds) | {"note"}
    for name, lists in found:
        assert any(kind in lists for kind in phrases.SHARES), name
    assert set(phrases.WEIGHTS) <= {name for name, _ in found}


def test_deterministic():
    first, second = phrases.spoken(COUNT), phrases.spoken(COUNT)
    assert digest(first) == digest(second)
    assert digest(first) != digest(phrases.spoken(COUNT, seed=8))


def test_no_duplicates_and_clean():
    found = phrases.spoken(COUNT)
    assert len(found) > .95 * COUNT
    assert len({text.lower() for text in found}) == len(found)
    for text, core in found.items():
        assert not re.search(r"[{}\[\]()|\t\n]|  ", text), text
        assert text == text.strip() and text, repr(text)
        assert core is None or core.lower() in text.lower(), (text, core)
    assert .2 < sum(core is not None for core in found.values()) / len(found) < .8


def test_exhausted_list_ends():
    assert phrases.distinct(100, lambda: ("one", None)) == {"one": None}


def test_open_vocabulary():
    with tempfile.TemporaryDirectory() as folder:
        line = "{0} {1} 1 0 1 {2} 00000001"
        words = {"noun": "lamp chair lamps river", "verb": "paint lift bake", "adj": "green heavy soft"}
        for part, names in words.items():
            (Path(folder) / f"index.{part}").write_text("  a licence line\n" + "\n".join(line.format(w, part[0], 5) for w in names.split()))
        texts = [w for names in words.values() for w in names.split()] * 5
        first = phrases.open_vocabulary(200, folder, texts)
        assert first == phrases.open_vocabulary(200, folder, texts)
        assert len(set(first)) == len(first) == 200
        assert not any("{" in text for text in first)


def test_prose():
    good = ["My card has not arrived yet", "Sets the colour of the text.", "where is it?"]
    bad = ["x", "a b", "foo(bar) := {x}", "see https://example.org for more", "1 2 3 4 5 6", "el perro come la carne hoy mismo ya",
           "word " * 40, "caf\u00e9 \u4e2d\u6587 \u4e2d\u6587 \u4e2d\u6587", "path/to/file is here now", ""]
    for text in good:
        assert extract.is_prose(text), text
    for text in bad:
        assert not extract.is_prose(text), text


def test_html():
    page = "<html><script>var a = 1</script><p>First one here. Second &amp; last.</p><pre>code</pre><li>Third</li>"
    parts = [extract.clean(part) for part in extract.of_html(page)]
    assert [part for part in parts if part] == ["First one here.", "Second & last.", "Third"]


def test_sources_are_pinned():
    names = [source.package for source in sources.SOURCES + [sources.TEACHER]]
    assert len(set(names)) == len(names)
    for source in sources.SOURCES + [sources.TEACHER]:
        assert re.fullmatch(r"[0-9a-f]{64}", source.sha256), source.package
        assert source.licence.split()[0] in ("MIT", "Apache-2.0", "BSD-3-Clause", "WordNet"), source.package
    for line in (ROOT / "core/model/requirements.txt").read_text().splitlines():
        assert re.fullmatch(r"[a-z-]+==[0-9.]+", line), line


def test_digest_is_checked():
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / sources.SOURCES[0].file).write_bytes(b"something else")
        try:
            sources.fetch(sources.SOURCES[0], folder)
        except RuntimeError as error:
            assert "digest" in str(error)
        else:
            raise AssertionError("a changed package was taken")


def main():
    failed = 0
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    for name, test in tests:
        try:
            test()
            print(f"ok   {name}")
        except Exception:
            failed += 1
            print(f"FAIL {name}\n{traceback.format_exc()}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
