"""Needs, themes and comments as Python objects."""

import copy
import pickle

import pytest

import edgewise
from edgewise import Comment, Need, Records


def test_comments_are_a_sequence(run: edgewise.Run) -> None:
    comments = run.comments
    listed = list(comments)
    assert len(listed) == len(comments) and [comment.index for comment in listed] == list(range(len(comments)))
    assert comments[0] == listed[0] and comments[-1] == listed[-1] and comments[3:9:2] == listed[3:9:2]
    assert comments[5] in comments
    for wrong in (len(comments), -len(comments) - 1):
        with pytest.raises(IndexError):
            comments[wrong]


def test_comments_are_made_when_looked_at(run: edgewise.Run) -> None:
    assert run.comments[0] is not run.comments[0]
    assert run.comments is run.comments


def test_records_name_each_other(run: edgewise.Run) -> None:
    themes = {theme.id for theme in run.themes}
    needs = {need.id: need for need in run.needs}
    for comment in run.comments:
        assert comment.theme is None or comment.theme in themes
        assert comment.themes[:1] == (() if comment.theme is None else (comment.theme,)) and themes.issuperset(comment.themes)
        assert (comment.need is None) == (not comment.needs)
        for need in comment.needs:
            assert comment.index in needs[need].comments
    for found in run.needs:
        assert [run.comments[at].id for at in found.comments] == list(found.ids)
        assert found.theme is None or found.theme in themes
        unlike = next(part.value for part in found.score_parts if part.term == "unlike")
        assert unlike is not None and (found.alike is None) == (unlike == 1) and (found.alike is None or found.alike in needs)
    assert any(found.alike for found in run.needs)
    assert any(len(comment.themes) > 1 for comment in run.comments)
    assert all(theme.parent is None or theme.parent in themes for theme in run.themes)


def test_themes_in_figures_add_up(run: edgewise.Run) -> None:
    weeks = run.info["weeks"]["voices"]
    finest = max(theme.level for theme in run.themes)
    leaves = [theme for theme in run.themes if theme.level == finest]
    for theme in leaves:
        mine = [comment for comment in run.comments if comment.theme == theme.id]
        assert theme.size == len(mine) and theme.families <= theme.size and theme.customers <= theme.size
        assert theme.rated == sum(comment.rating is not None for comment in mine)
        days = sorted(comment.time.date() for comment in mine if comment.time)
        assert theme.timed == len(days) and (not days or (theme.first, theme.last) == (days[0], days[-1]))
        for shares, column in ((theme.languages, "lang"), (theme.products, "product"), (theme.segments, "segment")):
            for share in shares:
                assert share.comments == sum(getattr(comment, column) == share.name for comment in mine)
        lengths = sorted(len(run.text(comment.index)) for comment in mine)
        assert theme.length == tuple(lengths[-(-len(lengths) * q // 4) - 1] for q in (1, 2, 3))
        assert len(theme.weeks) == len(weeks) and all(n <= of for n, of in zip(theme.weeks, weeks, strict=True))
    assert sum(theme.size for theme in leaves) == run.counts["in_themes"]


def test_spans_are_bytes_of_the_text() -> None:
    text = "Grüße! Der Deckel klemmt 💧 jedes Mal."
    run = edgewise.mine([text])
    coded = text.encode()
    start = coded.index(b"Der")
    assert run.text(0) == run.text(-1) == run.text(run.comments[0]) == text
    assert run.text(0, start, len(coded)) == text[text.index("Der") :]


def test_spans_and_cues_show_their_words(run: edgewise.Run) -> None:
    spans = [span for need in run.needs for span in need.exemplars]
    cues = [cue for need in run.needs for cue in need.cues]
    assert spans and cues
    for span in spans:
        assert span.text == run.text(span) == run.text(span.comment, span.start, span.end)
        assert run.comments[span.comment].id == span.id
    assert all(run.text(cue) and run.text(cue) in run.text(cue.comment) for cue in cues)


def test_cue_lift_counts_every_kind(run: edgewise.Run) -> None:
    for need in run.needs:
        assert {lift.kind for lift in need.cue_lift} >= {cue.kind for cue in need.cues if cue.comment in need.comments}
        assert len(need.cue_lift) == 8 and need.to_dict()["cue_lift"].keys() == {lift.kind for lift in need.cue_lift}
        for lift in need.cue_lift:
            assert 0 <= lift.n <= need.size and lift.share is not None and 0 <= lift.share <= 1
            assert lift.q is not None and 0 <= lift.q <= 1
            assert (lift.n > 0) == any(cue.kind == lift.kind for cue in need.cues) or len(need.cues) == 300


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (5, 4), (0, 2**32), (2**64, 2**65)])
def test_no_such_passage(run: edgewise.Run, start: int, end: int) -> None:
    with pytest.raises(edgewise.UsageError):
        run.text(0, start, end)


@pytest.mark.parametrize("comment", [10**6, -(10**6), 2**32, 2**70])
def test_no_such_comment(run: edgewise.Run, comment: int) -> None:
    with pytest.raises(IndexError):
        run.text(comment)


def test_verbatims(run: edgewise.Run) -> None:
    need = run.needs[0]
    assert run.verbatims(need) == [run.text(at) for at in need.comments]


def test_lists_of_records(run: edgewise.Run) -> None:
    needs: Records[Need] = run.needs
    assert isinstance(needs[1:3], Records) and needs[1:3].to_records() == needs.to_records()[1:3]
    copied = pickle.loads(pickle.dumps(needs))
    assert copied == needs and isinstance(copied, Records) and copied.to_records() == needs.to_records()
    assert copy.copy(needs) == needs
    assert isinstance(run.comments[:2], Records) and isinstance(run.comments[0], Comment)


def test_records_do_not_change(run: edgewise.Run) -> None:
    with pytest.raises(AttributeError):
        run.needs[0].name = "other"  # type: ignore[misc]  # the mistake under test
    record = run.needs[0].to_dict()
    record["why"]["condition"] = "other"
    assert run.needs[0].to_dict() != record


def test_words_about_a_run(run: edgewise.Run) -> None:
    assert repr(run).startswith("<edgewise.Run: 800 comments, ")
    assert repr(run.comments) == "<800 comments>"


def test_tables_for_notebooks_are_escaped() -> None:
    evil = "<script>alert('lid')</script><img src=x onerror=alert(1)> the lid leaks"
    rows = [{"id": f"<i>{at}", "text": f"{evil} in room {at}", "product": "<b>kettle"} for at in range(40)]
    run = edgewise.mine(rows, decoys=1)
    needs = Records([need(evil)], "needs")
    for thing in (run, run.themes, run.comments, run.needs, run.comments[:0], needs, needs[0]):
        page = thing._repr_html_()
        for wrong in ("<script", "<img", "<i>", "<b>kettle"):
            assert wrong not in page
    assert "&lt;script&gt;" in needs._repr_html_() and "&lt;script&gt;" in needs[0]._repr_html_()
    assert "&lt;i&gt;0" in run.comments._repr_html_()


def need(name: str) -> Need:
    span = edgewise.Span(0, name, 0, 1, name)
    why = edgewise.Why(None, None, None, None, None, None, None, None, None, name)
    return Need(
        1, name, name, "watch", "latent", 1.0, None, None, None, 1, 1, 1, (0,), (name,), (span,), (), (), (), (name,), None, None,
        None, False, (), (), (), None, None, why,
    )


def test_a_table_shows_the_first_ten(run: edgewise.Run) -> None:
    assert run._repr_html_().count("<tr>") == 11
    assert f"and {len(run.needs) - 10:,} more" in run._repr_html_()
