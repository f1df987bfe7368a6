"""A finished run."""

import datetime
import json
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import index
from threading import RLock
from typing import TYPE_CHECKING, Any, overload

from . import _core, _html
from ._arrow import arrow, schema
from ._errors import UsageError
from ._inputs import make_folder
from ._records import Comment, Cue, CueLift, Impact, Need, Records, ScorePart, Segment, Share, Span, Theme, Why

if TYPE_CHECKING:
    import pyarrow as _pa

_BLOCK = 4096
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_NEVER = 2**32 - 1


def _time(seconds: int | None) -> datetime.datetime | None:
    try:
        return None if seconds is None else _EPOCH + datetime.timedelta(seconds=seconds)
    except OverflowError:
        return None


def _date(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)


class Run:
    """A finished run: `needs`, `themes`, `comments`, `counts`, `info`. Any thread may use it; the threads take turns."""

    def __init__(self, core: _core.Run, timings: dict[str, Any]) -> None:
        self._core = core
        self._lock = RLock()
        self.timings = timings
        """Seconds by stage, CPU seconds and peak memory."""

    @cached_property
    def needs(self) -> Records[Need]:
        """The needs, ranked."""
        with self._lock:
            return Records([self._need(rank, need) for rank, need in enumerate(self._core.needs(), 1)], "needs")

    @cached_property
    def themes(self) -> Records[Theme]:
        """The themes, level by level, larger first."""
        with self._lock:
            return Records([self._theme(theme) for theme in self._core.themes()], "themes")

    @cached_property
    def comments(self) -> "CommentList":
        """The comments in input order, made when they are looked at."""
        with self._lock:
            return CommentList(self)

    @cached_property
    def counts(self) -> dict[str, Any]:
        """Where every record went: read = in_themes + in_needs_only + noise + rejected."""
        with self._lock:
            return self._core.counts()

    @cached_property
    def info(self) -> dict[str, Any]:
        """What run.json holds: version, model, options, columns, counts, the table of false discovery rates."""
        with self._lock:
            info: dict[str, Any] = json.loads(self._core.json())
        return info

    @cached_property
    def rejected(self) -> list[str]:
        """The first thousand rejected records: line, byte and reason."""
        with self._lock:
            return self._core.rejected()

    def text(self, comment: int | Comment | Span | Cue, start: int = 0, end: int = 0) -> str:
        """The words of a comment, of bytes [start, end) of it, or of a span or cue; masked unless keep_pii."""
        if isinstance(comment, Span | Cue):
            at, start, end = comment.comment, comment.start, comment.end
        else:
            at = comment.index if isinstance(comment, Comment) else index(comment)
        if at < 0:
            at += len(self.comments)
        if not 0 <= at < len(self.comments):
            raise IndexError(f"there are {len(self.comments)} comments, and no {comment!r}")
        if not 0 <= start <= end < _NEVER:
            raise UsageError(f"[{start}, {end}) is no passage")
        with self._lock:
            return self._core.text(at, start, end)

    def verbatims(self, need: Need) -> list[str]:
        """All comments of a need in their own words, most central first."""
        return [self.text(comment) for comment in need.comments]

    def write(self, folder: str | os.PathLike[str]) -> None:
        """Writes needs.jsonl, themes.jsonl, comments.jsonl, run.json, edgewise.db, model.bin and report.html into a folder."""
        name = make_folder(folder)
        with self._lock:
            self._core.write(name)

    def __repr__(self) -> str:
        tiers = [need.tier for need in self.needs]
        found = ", ".join(f"{tiers.count(tier)} {tier}" for tier in ("confirmed", "watch", "whisper"))
        return f"<edgewise.Run: {self.counts['read']:,} comments, {len(tiers):,} needs ({found}), {len(self.themes):,} themes>"

    def _repr_html_(self) -> str:
        return _html.run(self)

    def _id(self, comment: int) -> str:
        return self._core.comments(comment, comment + 1)[0][0]

    def _spans(self, spans: tuple[tuple[int, int, int], ...]) -> tuple[Span, ...]:
        return tuple(Span(at, self._id(at), start, end, self._core.text(at, start, end)) for at, start, end in spans)

    def _need(self, rank: int, raw: dict[str, Any]) -> Need:
        impact, low, high = raw.pop("impact"), raw.pop("impact_low"), raw.pop("impact_high")
        theme = raw.pop("theme")
        raw["why"]["condition"] = raw["why"]["condition"] or ""
        return Need(
            rank=rank,
            ids=tuple(self._id(comment) for comment in raw["comments"]),
            exemplars=self._spans(raw.pop("exemplars")),
            cues=tuple(Cue(kind, at, self._id(at), start, end) for kind, at, start, end in raw.pop("cues")),
            cue_lift=tuple(CueLift(*figures) for figures in raw.pop("cue_lift")),
            score_parts=tuple(ScorePart(*figures) for figures in raw.pop("score_parts")),
            theme=None if theme is None else self._theme_ids[theme],
            onset=_date(raw.pop("onset")),
            alarm=_date(raw.pop("alarm")),
            segments=tuple(Segment(name or "", ratio, q) for name, ratio, q in raw.pop("segments")),
            impact=None if impact is None else Impact(impact, low, high),
            why=Why(**raw.pop("why")),
            **raw,
        )

    def _theme(self, raw: dict[str, Any]) -> Theme:
        above = raw.pop("parent")
        parent = None if above is None else self._theme_ids[above]
        for name in ("languages", "products", "segments", "sources"):
            raw[name] = tuple(Share(text or "", comments, ratio) for text, comments, ratio in raw[name])
        for name in ("first", "last", "onset", "alarm"):
            raw[name] = _date(raw[name])
        return Theme(parent=parent, exemplars=self._spans(raw.pop("exemplars")), **raw)

    @cached_property
    def _theme_ids(self) -> list[str]:
        return [theme["id"] for theme in self._core.themes()]


class CommentList(Sequence[Comment]):
    """The comments of a run. Nothing is kept in Python: each is made anew when it is asked for."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._core = run._core
        self._themes = run._theme_ids
        self._needs = [need.id for need in run.needs]

    def __len__(self) -> int:
        return len(self._core)

    def _rows(self, start: int, stop: int) -> "list[_core._Row]":
        with self._run._lock:
            return self._core.comments(start, stop)

    def _comment(self, at: int, row: "_core._Row") -> Comment:
        id_, theme, themes, need, needs, fringe, noise, family, lang, product, customer, segment, source, time, rating = row
        return Comment(
            at, id_, None if theme is None else self._themes[theme], tuple(self._themes[i] for i in themes), fringe, None if need is None else self._needs[need],
            tuple(self._needs[i] for i in needs), noise, family, lang, product, customer, segment, source, _time(time), rating,
        )

    @overload
    def __getitem__(self, at: int) -> Comment: ...
    @overload
    def __getitem__(self, at: slice) -> Records[Comment]: ...
    def __getitem__(self, at: int | slice) -> Comment | Records[Comment]:
        if isinstance(at, slice):
            return Records((self[i] for i in range(*at.indices(len(self)))), "comments")
        i = range(len(self))[at]
        return self._comment(i, self._rows(i, i + 1)[0])

    def __iter__(self) -> Iterator[Comment]:
        for start in range(0, len(self), _BLOCK):
            for at, row in enumerate(self._rows(start, start + _BLOCK), start):
                yield self._comment(at, row)

    def to_records(self) -> list[dict[str, Any]]:
        """Dictionaries; all of them at once."""
        return [comment.to_dict() for comment in self]

    def to_arrow(self, text: bool = False) -> "_pa.Table":
        """A pyarrow.Table, block by block; text adds a column with the words (masked unless keep_pii)."""
        pa = arrow()
        columns = schema("comments")
        if text:
            columns = columns.append(pa.field("text", pa.string()))
        batches = [self._batch(start, columns, text) for start in range(0, len(self), _BLOCK)]
        return pa.Table.from_batches(batches, schema=columns)

    def _batch(self, start: int, columns: "_pa.Schema", text: bool) -> Any:
        rows = self._rows(start, start + _BLOCK)
        ids, theme, themes, need, needs, *rest = zip(*rows, strict=True)
        fringe, others = rest[0], rest[1:]
        values: list[Any] = [
            ids,
            [None if i is None else self._themes[i] for i in theme],
            [[self._themes[i] for i in several] for several in themes],
            fringe,
            [None if i is None else self._needs[i] for i in need],
            [[self._needs[i] for i in several] for several in needs],
            *others,
        ]
        if text:
            values.append([self._run.text(at) for at in range(start, start + len(rows))])
        pa = arrow()
        return pa.RecordBatch.from_arrays(
            [pa.array(column, field.type) for column, field in zip(values, columns, strict=True)], schema=columns
        )

    def __repr__(self) -> str:
        return f"<{len(self):,} comments>"

    def _repr_html_(self) -> str:
        return _html.records(self)
