"""The student's network in jax, for training. What each part is: README.md; the same in integers: core/vectors/student*."""
import jax
import jax.numpy as jnp
import numpy as np

WIDTH, HIDDEN, SECOND, INNER, OUT = 128, 256, 256, 512, 256
POOLS = 16      # each has its slice of the second layer's columns
STEEPEST = 10.  # of a pool's scores


def init(seed, table, variant):
    """table float32 [V, WIDTH]: where the pieces' own columns begin. variant: "full", or one with something left out: the text's mean in
    the second layer ("local"), the pieces beside a piece ("point"), the second layer and its pools ("first")."""
    rng = np.random.default_rng(seed)

    def matrix(n, k, gain=1.0):
        return (rng.standard_normal((n, k)) * gain / np.sqrt(k)).astype(np.float32)

    p = {"own": table.astype(np.float32),
         "first": matrix(HIDDEN if variant == "point" else 3 * HIDDEN, WIDTH), "first_bias": np.zeros(HIDDEN, np.float32),
         "mean": matrix(INNER, HIDDEN), "static": matrix(INNER, OUT, 2.), "static_bias": np.zeros(INNER, np.float32),
         "skip": np.eye(OUT, dtype=np.float32), "down": np.zeros((OUT, INNER), np.float32)}
    if variant != "first":
        p |= {"second": matrix(SECOND, HIDDEN, 1.4), "second_bias": np.zeros(SECOND, np.float32),
              "heed": matrix(POOLS, HIDDEN, .1), "pooled": matrix(INNER, SECOND)}
    if variant in ("full", "point"):
        p |= {"whole": matrix(SECOND, HIDDEN, .5)}
    return {k: jnp.asarray(v) for k, v in p.items()}


def work(p, tokens):
    """Multiply-adds a token, in texts of so many; the first layer is looked up."""
    of = {k: v.size for k, v in p.items()}
    return of.get("second", 0) + of.get("heed", 0) + sum(of.get(k, 0) for k in ("whole", "mean", "pooled", "static", "down", "skip")) / tokens


def shift(x, by):
    zero = jnp.zeros_like(x[:, :1])
    return jnp.concatenate([zero, x[:, :-1]], 1) if by > 0 else jnp.concatenate([x[:, 1:], zero], 1)


def unit(x):
    return x / jnp.sqrt(jnp.sum(x * x, -1, keepdims=True) + 1e-12)


def forward(p, ids, mask, static):
    """ids int [B, T], mask float [B, T], static float [B, OUT] of unit length -> unit [B, OUT]."""
    e = p["own"][ids] * mask[..., None]
    said = e @ p["first"].T
    if said.shape[-1] > HIDDEN:
        left, centre, right = jnp.split(said, 3, -1)
        said = shift(left, 1) + centre + shift(right, -1)
    h = jax.nn.relu(said + p["first_bias"]) * mask[..., None]
    mean = h.sum(1) / jnp.maximum(mask.sum(1), 1)[:, None]
    u = mean @ p["mean"].T + static @ p["static"].T + p["static_bias"]
    if "second" in p:
        z = h @ p["second"].T + p["second_bias"]
        if "whole" in p:
            z = z + (mean @ p["whole"].T)[:, None]
        z = jax.nn.relu(z)
        scores = jnp.clip(h @ p["heed"].T, -STEEPEST, STEEPEST)
        shares = jax.nn.softmax(scores + jnp.where(mask > 0, 0., -1e9)[..., None], 1)
        z = z.reshape(*ids.shape, POOLS, -1)
        pooled = jnp.einsum("btp,btpd->bpd", shares, z).reshape(len(ids), -1)
        u = u + pooled @ p["pooled"].T
    return unit(static @ p["skip"].T + jax.nn.relu(u) @ p["down"].T)


def soft(x, heat):
    return jax.nn.log_softmax(x / heat - 1e4 * jnp.eye(len(x)), -1)


def loss(p, ids, mask, static, target, relations=.5, heat=.05):
    """1 - cosine, and within the batch the divergence between whom the teacher finds alike and whom the student does."""
    x = forward(p, ids, mask, static)
    cosine = jnp.mean(jnp.sum(x * target, -1))
    a, b = soft(x @ x.T, heat), soft(target @ target.T, heat)
    return 1 - cosine + relations * heat * jnp.mean(jnp.sum(jnp.exp(b) * (b - a), -1)), cosine
