"""The fit of the table: rows whose sum over a sentence points where the teacher points.

Everything here runs on one thread in one order, so that the same input gives the same bytes on the same kind of processor.
"""
import numba
import numpy as np

COLUMNS = 256
FLOOR = np.float32(1e-4)
FIRST_WORD = 1996          # ids below are marks and single signs


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)


class Bags:
    """Sentences as lists of ids: those of sentence i are ids[start[i]:start[i + 1]]."""

    def __init__(self, rows):
        self.start = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=self.start[1:])
        self.ids = np.array([t for row in rows for t in row], np.int32)

    def counts(self, size):
        return np.bincount(self.ids, minlength=size)


def basis(vectors):
    """[384, COLUMNS]: leading directions of the vectors, not centred, most energy first."""
    moments = np.zeros((vectors.shape[1],) * 2)
    for at in range(0, len(vectors), 50000):
        part = vectors[at:at + 50000].astype(np.float32)
        moments += part.T @ part
    _, columns = np.linalg.eigh(moments)
    columns = columns[:, ::-1][:, :COLUMNS]
    columns *= np.sign(columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])])
    return np.ascontiguousarray(columns).astype(np.float32)


def project(vectors, columns):
    """float16 [n, COLUMNS], unit length."""
    out = np.empty((len(vectors), columns.shape[1]), np.float16)
    for at in range(0, len(vectors), 50000):
        out[at:at + 50000] = unit(vectors[at:at + 50000].astype(np.float32) @ columns)
    return out


@numba.njit
def sums(start, ids, rows, table, out):
    for b in range(len(rows)):
        out[b] = 0
        for j in range(start[rows[b]], start[rows[b] + 1]):
            for k in range(table.shape[1]):
                out[b, k] += table[ids[j], k]


@numba.njit
def step_rows(start, ids, rows, slope, table, home, mean, square, slopes, seen, list_,
              scale, pull, rate, fix1, fix2, keep1, keep2):
    """One step of Adam on the rows that occur in the batch, each drawn back to its home."""
    count, width = 0, table.shape[1]
    one = np.float32(1)
    for b in range(len(rows)):
        for j in range(start[rows[b]], start[rows[b] + 1]):
            t = ids[j]
            if not seen[t]:
                seen[t] = True
                list_[count] = t
                count += 1
                slopes[t] = 0
            for k in range(width):
                slopes[t, k] += slope[b, k]
    for i in range(count):
        t = list_[i]
        seen[t] = False
        for k in range(width):
            g = slopes[t, k] * scale + pull * (table[t, k] - home[t, k])
            mean[t, k] = keep1 * mean[t, k] + (one - keep1) * g
            square[t, k] = keep2 * square[t, k] + (one - keep2) * g * g
            table[t, k] -= rate * (mean[t, k] * fix1) / (np.sqrt(square[t, k] * fix2) + FLOOR)


def soft(similarities, heat):
    """Rows of probabilities over the others of the block."""
    x = similarities / np.float32(heat)
    np.fill_diagonal(x, -1e4)
    x -= x.max(axis=1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=1, keepdims=True)
    return x


def fit(bags, targets, home, epochs, pull, relations=0.0, heat=0.05, rate=4e-3, batch=1024, block=256, seed=0, log=print):
    """Table [V, COLUMNS] after lazy Adam on 1 - cos(sum of rows, target), started at home and pulled to it.

    relations weighs a second loss: within blocks of a batch, the divergence between whom the teacher finds alike and
    whom the table does.
    """
    f = np.float32
    rng = np.random.default_rng(seed)
    table, home = home.astype(f).copy(), home.astype(f)
    mean, square, slopes = np.zeros_like(table), np.zeros_like(table), np.zeros_like(table)
    seen, list_ = np.zeros(len(table), np.bool_), np.zeros(len(table), np.int64)
    z = np.zeros((batch, table.shape[1]), f)
    keep1, keep2, step = .9, .99, 0
    steps = epochs * (len(targets) // batch)
    for epoch in range(epochs):
        order, total = rng.permutation(len(targets)), 0.0
        for at in range(0, len(order) - batch + 1, batch):
            rows = order[at:at + batch]
            sums(bags.start, bags.ids, rows, table, z)
            length = np.maximum(np.sqrt(np.einsum("ij,ij->i", z, z)), 1e-6)[:, None]
            x, y = z / length, targets[rows].astype(f)
            total += float(np.einsum("ij,ij->i", x, y).sum())
            slope = -y
            for b in range(0, batch if relations else 0, block):
                xs, ys = x[b:b + block], y[b:b + block]
                apart = soft(xs @ xs.T, heat) - soft(ys @ ys.T, heat)
                slope[b:b + block] += f(relations) * ((apart + apart.T) @ xs)
            slope = (slope - np.einsum("ij,ij->i", slope, x)[:, None] * x) / length
            step += 1
            step_rows(bags.start, bags.ids, rows, slope.astype(f), table, home, mean, square, slopes, seen, list_,
                      f(1000 / batch), f(pull), f(rate * (1 - step / (steps + 1))),
                      f(1 / (1 - keep1 ** step)), f(1 / (1 - keep2 ** step)), f(keep1), f(keep2))
        log(f"fit: epoch {epoch + 1} of {epochs}, mean cosine {total / (len(order) // batch * batch):.4f}")
    return table


def weights(counts, a=5e-4):
    """Smooth inverse frequency of each piece."""
    share = (counts + .5) / (counts + .5).sum()
    return (a / (a + share)).astype(np.float32)


def ridge(features, wanted, weight, strength):
    """Matrix of the weighted ridge regression."""
    left = features * weight[:, None]
    return np.linalg.solve(left.T @ left + strength * np.eye(features.shape[1]), left.T @ (wanted * weight[:, None]))


def features(alone, context, occurrences):
    """What is known of a piece without any fit: the teacher on it alone, and its mean output in sentences.

    The mean of a piece that was seldom seen is filled up with what pieces alike alone look like in context.
    """
    known = occurrences >= 30
    flat = np.hstack([alone, np.ones((len(alone), 1))]).astype(np.float64)
    context = unit(context.astype(np.float64))
    guess = flat @ ridge(flat[known], context[known], np.minimum(occurrences[known], 300.) ** .25, 1.0)
    share = (occurrences / (occurrences + 8.))[:, None]
    context = share * context + (1 - share) * guess
    parts = [np.hstack([part - part.mean(axis=0), np.full((len(part), 1), .3)]) for part in (context, alone.astype(np.float64))]
    return np.hstack(parts)


def generalise(table, known, counts, least=20, strength=30.):
    """A row for every piece: direction by regression from what is known of the piece, length by a curve in ln of its count."""
    length = np.linalg.norm(table, axis=1)
    taught = (counts >= least) & (length > 0)
    x = np.log(np.maximum(counts, 10))
    curve = np.stack([np.ones(len(x)), x, x * x], axis=1)
    weight = counts[taught] ** .25
    law = np.linalg.lstsq(curve[taught] * weight[:, None], np.log(length[taught]) * weight, rcond=None)[0]
    weight = np.minimum(counts[taught], 500.) ** .5
    found = known @ ridge(known[taught], table[taught] / length[taught][:, None], weight, strength)
    return (unit(found) * np.exp(curve @ law)[:, None]).astype(np.float32)


def blend(general, fitted):
    """Directions half from each; lengths nearer to the fitted, which know how much a word says, than to the curve."""
    lengths = [np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9) for table in (general, fitted)]
    return (unit(general + fitted) * lengths[0] ** .3 * lengths[1] ** .7).astype(np.float32)


def rounded(table):
    """int8 rows and the float32 scale of each."""
    scale = np.abs(table).max(axis=1) / np.float32(127)
    scale[scale == 0] = 1
    return np.clip(np.rint(table / scale[:, None]), -127, 127).astype(np.int8), scale.astype(np.float32)
