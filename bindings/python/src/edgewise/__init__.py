"""edgewise: from customer comments to the needs that are never quite said.

    import edgewise
    run = edgewise.mine("quarter.jsonl.zst")
    run.needs
"""

from . import _core
from ._errors import EdgewiseError, InputError, InternalError, ResourceError, UsageError
from ._options import Options
from ._records import (
    Assigned, Comment, Cue, CueLift, Family, Impact, Need, Records, ScorePart, Segment, Sentence, Share, Span, Theme, Why,
)
from ._run import CommentList, Run
from ._stages import assign, cluster, doctor, embed, explain, families, mine, neighbours, plan, signals, tokens

version: str = _core.version()
__version__ = version

__all__ = [
    "Assigned", "Comment", "CommentList", "Cue", "CueLift", "EdgewiseError", "Family", "Impact", "InputError", "InternalError",
    "Need", "Options", "Records", "ResourceError", "Run", "ScorePart", "Segment", "Sentence", "Share", "Span",
    "Theme", "UsageError", "Why",
    "assign", "cluster", "doctor", "embed", "explain", "families", "mine", "neighbours", "plan", "signals", "tokens", "version",
]
