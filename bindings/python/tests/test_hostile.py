"""Any string is an ordinary comment."""

from typing import Any

import pytest

import edgewise

HOSTILE = [
    "", " ", "\0", "a\0b", "\n\r\n\u2028", "\\", '"', '{"text":"no"}', "\ud800", "a\udfffb", "\ud83d\udca7", "\ufeffbom",
    "\uffff", "e\u0301" * 50, "\u202eright to left", "🏳️‍🌈" * 20, "a" * 100_000, "lid " * 20_000, "<script>alert(1)</script>",
    "%s%n%s", "../../etc", "'; DROP TABLE comments; --", "ก" * 500, "水が漏れる。" * 50, "\x1b[31mred", "NaN", "null", "\x7f\x80\x9f",
]  # fmt: skip


def test_hostile_texts() -> None:
    run = edgewise.mine(HOSTILE, decoys=1, keep_pii=True)
    assert len(run.comments) == len(HOSTILE) and run.counts["rejected"] == 0
    for at, text in enumerate(HOSTILE):
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert run.text(at) == whole, repr(text[:20])
    run.needs, run.themes, run.comments.to_records(), run._repr_html_()
    run.comments.to_arrow(text=True).validate(full=True)


MEMBERS = ["id", "product", "customer", "segment", "source", "lang", "time", "rating", "\ud800", "\0", ""]


@pytest.mark.parametrize("member", MEMBERS)
def test_hostile_members(member: str) -> None:
    values: list[Any] = [*HOSTILE, None, True, -0.0, 1e308, 10**40, [1, [2]], {"a": {"b": None}}]
    rows = [{"text": f"the lid of number {at} leaks", member: value} for at, value in enumerate(values)]
    run = edgewise.mine(rows, decoys=0)
    assert len(run.comments) + run.counts["rejected"] == len(rows)
    assert len({comment.id for comment in run.comments}) == len(run.comments)
    run.comments.to_arrow().validate(full=True)


def test_deep_records() -> None:
    deep: Any = None
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(edgewise.UsageError, match="record 1"):
        edgewise.mine([{"text": "a"}, {"text": "b", "other": deep}])


@pytest.mark.parametrize("seed", range(30))
def test_any_bytes_give_a_result_or_an_error(seed: int) -> None:
    import random

    rng = random.Random(seed)
    good = bytearray(b"".join(b'{"id":%d,"text":"the lid of jug %d leaks"}\n' % (at, at) for at in range(40)))
    for _ in range(seed):
        good[rng.randrange(len(good))] = rng.randrange(256)
    try:
        run = edgewise.mine(good, decoys=0, threads=1)
    except edgewise.InputError:
        return
    assert run.counts["read"] == len(run.comments) + run.counts["rejected"]
    run.comments.to_arrow(text=True).validate(full=True)
