"""What a run consists of. Offsets are bytes of a comment's original text (UTF-8), `end` exclusive; `comment` and `comments`
are indices in input order; None: not known or not measured."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, Protocol, SupportsIndex, TypeVar, overload

from . import _html

if TYPE_CHECKING:
    import pyarrow as _pa


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a comment, with its words."""

    comment: int
    id: str
    start: int
    end: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, "start": self.start, "end": self.end, "text": self.text}


@dataclass(frozen=True, slots=True)
class Cue:
    """A passage that signals a need: desire, absence, workaround, effort, resignation, comparison, worry, delight."""

    kind: str
    comment: int
    id: str
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "id": self.id, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class CueLift:
    """How much more often a need's comments have cues of a kind than the rest of its theme: n of them, a share of `share` against
    `rest` there; log_odds is shrunk towards 0, q over all needs and kinds."""

    kind: str
    n: int
    share: float | None
    rest: float | None
    log_odds: float | None
    z: float | None
    q: float | None

    def to_dict(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "kind"}


@dataclass(frozen=True, slots=True)
class ScorePart:
    """A term of a need's score, which is P / (1 + P) for the product P of the factors."""

    term: str
    value: float | None
    weight: float | None
    factor: float | None

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.value, "weight": self.weight, "factor": self.factor}


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of customers that says this `ratio` times as often as the others."""

    segment: str
    ratio: float | None
    q: float | None

    def to_dict(self) -> dict[str, Any]:
        return {"segment": self.segment, "ratio": self.ratio, "q": self.q}


@dataclass(frozen=True, slots=True)
class Impact:
    """Rating points against comparable comments, with a 95 % interval."""

    rating: float
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        return {"rating": self.rating, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Why:
    """The figures behind a need, and the condition that keeps it from the next tier ("" if none)."""

    list_score: float | None
    significance: float | None
    inside: float | None
    outside: float | None
    expressed_share: float | None
    quiet_share: float | None
    top_customer: float | None
    top_day: float | None
    top_source: float | None
    condition: str

    def to_dict(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Need:
    """A small, coherent group at the fringe. `comments` and `ids` are its members, most central first."""

    rank: int
    id: str
    name: str
    tier: str
    kind: str
    score: float | None
    q: float | None
    stability: float | None
    fringe: float | None
    size: int
    families: int
    customers: int
    comments: tuple[int, ...]
    ids: tuple[str, ...]
    exemplars: tuple[Span, ...]
    cues: tuple[Cue, ...]
    cue_lift: tuple[CueLift, ...]
    score_parts: tuple[ScorePart, ...]
    words: tuple[str, ...]
    theme: str | None
    onset: datetime.date | None
    alarm: datetime.date | None
    emerging: bool
    segments: tuple[Segment, ...]
    competitors: tuple[str, ...]
    products: tuple[str, ...]
    impact: Impact | None
    alike: str | None
    why: Why

    def to_dict(self) -> dict[str, Any]:
        """The members of a line of needs.jsonl: comments by their ids."""
        out = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "ids"}
        out["comments"] = list(self.ids)
        for name in ("exemplars", "cues", "segments"):
            out[name] = [part.to_dict() for part in out[name]]
        out["score_parts"] = {part.term: part.to_dict() for part in self.score_parts}
        out["cue_lift"] = {lift.kind: lift.to_dict() for lift in self.cue_lift}
        for name in ("words", "competitors", "products"):
            out[name] = list(out[name])
        for name in ("onset", "alarm"):
            out[name] = out[name] and out[name].isoformat()
        out["impact"] = self.impact and self.impact.to_dict()
        out["why"] = self.why.to_dict()
        return out

    def _repr_html_(self) -> str:
        return _html.need(self)


@dataclass(frozen=True, slots=True)
class Share:
    """One value of a column among a theme's comments: how many have it, and how many times as often as in the whole corpus."""

    name: str
    comments: int
    ratio: float | None

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "comments": self.comments, "ratio": self.ratio}


@dataclass(frozen=True, slots=True)
class Theme:
    """A topic of the belly of the curve; `share` (of all comments), `rating` and `trend` (share in the later half of the weeks over
    that in the earlier) come with 95 % intervals. `onset`, `alarm`, `emerging`: as of a need. `rest`: of comments that are near to
    no theme. `length`: quartiles of characters; `weeks`: voices by week of the corpus, whose
    own are `run.info["weeks"]`."""

    id: str
    parent: str | None
    level: int
    name: str
    rest: bool
    size: int
    families: int
    customers: int
    share: float | None
    share_low: float | None
    share_high: float | None
    rated: int
    rating: float | None
    rating_low: float | None
    rating_high: float | None
    length: tuple[int, ...]
    languages: tuple[Share, ...]
    products: tuple[Share, ...]
    segments: tuple[Share, ...]
    sources: tuple[Share, ...]
    timed: int
    first: datetime.date | None
    last: datetime.date | None
    onset: datetime.date | None
    alarm: datetime.date | None
    emerging: bool
    weeks: tuple[int, ...]
    trend: float | None
    trend_low: float | None
    trend_high: float | None
    words: tuple[str, ...]
    exemplars: tuple[Span, ...]

    def to_dict(self) -> dict[str, Any]:
        """The members of a line of themes.jsonl."""
        out = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("words", "length", "weeks"):
            out[name] = list(out[name])
        for name in ("exemplars", "languages", "products", "segments", "sources"):
            out[name] = [part.to_dict() for part in out[name]]
        for name in ("first", "last", "onset", "alarm"):
            out[name] = out[name] and out[name].isoformat()
        return out


@dataclass(frozen=True, slots=True)
class Comment:
    """One record of the input: where it went, and what was known about it. `theme`, `need`, `themes` (all
    that its parts lie in, its own first) and `needs` are ids; `fringe` is 0 in the middle and 1 outermost; `noise` says why it is in no theme and no need."""

    index: int
    id: str
    theme: str | None
    themes: tuple[str, ...]
    fringe: float | None
    need: str | None
    needs: tuple[str, ...]
    noise: str | None
    family: str | None
    lang: str | None
    product: str | None
    customer: str | None
    segment: str | None
    source: str | None
    time: datetime.datetime | None
    rating: float | None

    def to_dict(self) -> dict[str, Any]:
        out = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "index"}
        for name in ("themes", "needs"):
            out[name] = list(out[name])
        return out


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a comment: how likely it is to hold a need, and its cues (kind, start, end)."""

    id: str
    start: int
    end: int
    need: float
    cues: tuple[tuple[str, int, int], ...]

    def to_dict(self) -> dict[str, Any]:
        cues = [{"kind": kind, "start": start, "end": end} for kind, start, end in self.cues]
        return {"id": self.id, "start": self.start, "end": self.end, "need": self.need, "cues": cues}


@dataclass(frozen=True, slots=True)
class Assigned:
    """Where a later comment belongs: ids of a theme and of needs, best first. known: it was in the run, and this is what it got."""

    id: str
    theme: str | None
    fringe: float | None
    needs: tuple[str, ...]
    noise: str | None
    lang: str | None
    known: bool

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id, "theme": self.theme, "fringe": self.fringe, "needs": list(self.needs), "noise": self.noise,
            "lang": self.lang, "known": self.known,
        }


@dataclass(frozen=True, slots=True)
class Family:
    """Near-duplicate comments: `kind` is copy, template or campaign."""

    family: str
    rows: tuple[int, ...]
    ids: tuple[str, ...]
    kind: str

    def to_dict(self) -> dict[str, Any]:
        return {"family": self.family, "rows": list(self.rows), "ids": list(self.ids), "kind": self.kind}


class _Record(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


R = TypeVar("R", bound=_Record)


class Records(list[R], Generic[R]):
    """A list of records that also becomes plain dictionaries, an Arrow table, or a table in a notebook."""

    def __init__(self, items: Iterable[R], what: str) -> None:
        super().__init__(items)
        self._what = what

    @overload
    def __getitem__(self, at: SupportsIndex, /) -> R: ...
    @overload
    def __getitem__(self, at: slice, /) -> "Records[R]": ...
    def __getitem__(self, at: SupportsIndex | slice, /) -> "R | Records[R]":
        return Records(super().__getitem__(at), self._what) if isinstance(at, slice) else super().__getitem__(at)

    def __reduce__(self) -> tuple[Any, ...]:
        return Records, (list(self), self._what)

    def to_records(self) -> list[dict[str, Any]]:
        """Dictionaries, as in the engine's JSON lines."""
        return [item.to_dict() for item in self]

    def to_arrow(self) -> "_pa.Table":
        """A pyarrow.Table of to_records()."""
        from ._arrow import table

        return table(self._what, self.to_records())

    def _repr_html_(self) -> str:
        return _html.records(self)
