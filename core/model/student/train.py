"""Trains the student: train.py SHARDS OUT.npz [--variant NAME] [--steps N] ...   (see README.md)"""
import argparse
import os
import time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import numpy as np
from safetensors.numpy import load_file

import data
import net

HERE = os.path.dirname(os.path.abspath(__file__))
HELD = 3000


def own_table(width, seed):
    """Where the pieces' own columns begin: leading directions of the static table's rows, their lengths evened out."""
    model = load_file(os.path.join(HERE, "..", "default.safetensors"))
    rows = model["embeddings"].astype(np.float32) * model["scales"][:, None]
    length = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    rows = rows / length * np.minimum((length / np.median(length)) ** .3, 2)
    _, columns = np.linalg.eigh(rows.T @ rows)
    rows = rows @ columns[:, ::-1][:, :width]
    noise = np.random.default_rng(seed).standard_normal(rows.shape) * .02
    return (rows / np.sqrt((rows ** 2).mean()) * .7 + noise).astype(np.float32)


def skip(texts):
    """[OUT, OUT]: least squares from static vectors to the teacher's."""
    x, y = texts.static[:100000].astype(np.float32), texts.target[:100000].astype(np.float32)
    return np.linalg.solve(x.T @ x + len(x) * 1e-4 * np.eye(x.shape[1]), x.T @ y).T.astype(np.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards")
    parser.add_argument("out")
    parser.add_argument("--variant", default="full", choices=("full", "local", "point", "first"), help="see net.py")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--names", help="shards to use, by comma")
    parser.add_argument("--start", help="an .npz to go on from")
    parser.add_argument("--seed", type=int, default=0)
    opt = parser.parse_args()
    texts = data.Texts(opt.shards, opt.names and opt.names.split(","))
    rng = np.random.default_rng(opt.seed)
    order = np.random.default_rng(77).permutation(len(texts))
    order = order[texts.lengths[order] > 0]
    held, rows = order[:HELD], order[HELD:]
    if opt.start:
        p = {k: jax.numpy.asarray(v) for k, v in np.load(opt.start).items() if k != "columns"}
    else:
        p = net.init(opt.seed, own_table(net.WIDTH, opt.seed), opt.variant)
        p["skip"] = jax.numpy.asarray(skip(texts))
    mean, square = jax.tree.map(jax.numpy.zeros_like, p), jax.tree.map(jax.numpy.zeros_like, p)

    @jax.jit
    def step(p, mean, square, ids, mask, static, target, t, rate):
        (value, cosine), g = jax.value_and_grad(net.loss, has_aux=True)(p, ids, mask, static, target)
        mean = jax.tree.map(lambda m, g: .9 * m + .1 * g, mean, g)
        square = jax.tree.map(lambda s, g: .99 * s + .01 * g * g, square, g)
        fix1, fix2 = 1 - .9 ** t, 1 - .99 ** t

        def move(x, m, s):
            return x - rate * (m / fix1) / (jax.numpy.sqrt(s / fix2) + 1e-8)
        return jax.tree.map(move, p, mean, square), mean, square, value, cosine

    @jax.jit
    def check(p, ids, mask, static, target):
        return jax.numpy.sum(jax.numpy.sum(net.forward(p, ids, mask, static) * target, -1))

    def validate():
        total, count = 0., 0
        for batch, most in texts.batches(held, np.random.default_rng(0), 1024):
            total, count = total + float(check(p, *texts.batch(batch, most))), count + len(batch)
        return total / count

    print(f"{len(rows)} texts, variant {opt.variant}, {net.work(p, 30):.0f} multiply-adds a token of 30, least squares alone "
          f"{np.sum(data.unit(texts.static[held].astype(np.float32) @ np.asarray(p['skip']).T) * texts.target[held], -1).mean():.4f}", flush=True)
    done, begun, cpu, recent = 0, time.time(), time.process_time(), []
    while done < opt.steps:
        for batch, most in texts.batches(rows, rng):
            part = done / opt.steps
            rate = opt.rate * min(1, (done + 1) / 50) * (1 - part) ** .7
            p, mean, square, value, cosine = step(p, mean, square, *texts.batch(batch, most), done + 1., rate)
            recent.append(float(cosine))
            done += 1
            if done % 100 == 0 or done == opt.steps:
                print(f"{done} {time.time() - begun:.0f} s, cpu {time.process_time() - cpu:.0f}: {np.mean(recent):.4f}"
                      + (f" held {validate():.4f}" if done % 300 == 0 or done == opt.steps else ""), flush=True)
                recent = []
            if done % 1000 == 0:
                np.savez(opt.out, columns=texts.columns, **{k: np.asarray(v) for k, v in p.items()})
            if done == opt.steps:
                break
    np.savez(opt.out, columns=texts.columns, **{k: np.asarray(v) for k, v in p.items()})


if __name__ == "__main__":
    main()
