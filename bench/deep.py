#!/usr/bin/env python3
"""The deep encoder beside onnxruntime: the same weights, texts and core, cosines first, then CPU seconds by turns.

    bench/deep.py WEIGHTS [FILE.jsonl] [--texts 2000] [--rounds 3] [--batches 1,4,8,16,32]

WEIGHTS: the folder that `edgewise model fetch` fills. FILE: one comment a line, `text` (the sample quarter). onnxruntime gets ids
sorted by length, padded to the longest of their batch; its int8 is its own dynamic quantisation. Ours is the stage of `embed` that
makes vectors of ids, and what it can do at best is what products.c measures. `times` is the cost of its
best batch by ours, in the same round. The graph is made here, node by node, as no package that needs little brings it. Packages
are installed into build/bench-venv from requirements.txt.
"""
import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import time

from common import HERE, timed
from peers import venv


def graph(folder, path):
    """BERT's forward pass with mean pooling, of one folder's weights, as ONNX."""
    import numpy as np
    import onnx
    from safetensors.numpy import load_file
    weights = load_file(os.path.join(folder, "model.safetensors"))
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    heads, width = config["num_attention_heads"], config["hidden_size"]
    nodes, constants = [], []

    def constant(array):
        constants.append(onnx.numpy_helper.from_array(np.ascontiguousarray(array), f"constant{len(constants)}"))
        return constants[-1].name

    def node(kind, *inputs, **how):
        nodes.append(onnx.helper.make_node(kind, inputs, [f"value{len(nodes)}"], **how))
        return nodes[-1].output[0]

    def number(x):
        return constant(np.float32(x))

    def integers(*x):
        return constant(np.array(x, np.int64))

    def dense(x, name):
        return node("Add", node("MatMul", x, constant(weights[name + ".weight"].T)), constant(weights[name + ".bias"]))

    def norm(x, name):
        return node("LayerNormalization", x, constant(weights[name + ".weight"]), constant(weights[name + ".bias"]), epsilon=config["layer_norm_eps"])

    def by_head(x, order):
        return node("Transpose", node("Reshape", x, integers(0, 0, heads, width // heads)), perm=order)

    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    length = node("Slice", node("Shape", "ids"), integers(1), integers(2))
    x = node("Add", node("Gather", constant(weights["embeddings.word_embeddings.weight"]), "ids"),
             node("Slice", constant(places), integers(0), length))
    x = norm(x, "embeddings.LayerNorm")
    there = node("Cast", "mask", to=onnx.TensorProto.FLOAT)
    absent = node("Unsqueeze", node("Mul", node("Sub", there, number(1)), number(1e4)), integers(1, 2))
    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{layer}."
        query, value = (by_head(dense(x, f"{at}attention.self.{part}"), [0, 2, 1, 3]) for part in ("query", "value"))
        key = by_head(dense(x, f"{at}attention.self.key"), [0, 2, 3, 1])
        score = node("Mul", node("MatMul", query, key), number((width // heads) ** -.5))
        mixed = node("MatMul", node("Softmax", node("Add", score, absent)), value)
        mixed = node("Reshape", node("Transpose", mixed, perm=[0, 2, 1, 3]), integers(0, 0, width))
        x = norm(node("Add", dense(mixed, at + "attention.output.dense"), x), at + "attention.output.LayerNorm")
        wide = dense(x, at + "intermediate.dense")
        wide = node("Mul", wide, node("Mul", node("Add", node("Erf", node("Mul", wide, number(2 ** -.5))), number(1)), number(.5)))
        x = norm(node("Add", dense(wide, at + "output.dense"), x), at + "output.LayerNorm")
    kept = node("Unsqueeze", there, integers(2))
    pooled = node("Div", node("ReduceSum", node("Mul", x, kept), integers(1), keepdims=0), node("ReduceSum", kept, integers(1), keepdims=0))
    nodes.append(onnx.helper.make_node("LpNormalization", [pooled], ["vector"], axis=1, p=2))
    ids, mask = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.INT64, ["texts", "tokens"]) for name in ("ids", "mask"))
    vector = onnx.helper.make_tensor_value_info("vector", onnx.TensorProto.FLOAT, ["texts", width])
    made = onnx.helper.make_graph(nodes, "bert", [ids, mask], [vector], constants)
    onnx.save(onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8), path)


def as_peer(args):
    """In the venv: rounds of both, and what they are like."""
    import numpy as np
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from tokenizers.implementations import BertWordPieceTokenizer
    whole, small = (os.path.join(args.work, name) for name in ("deep.onnx", "deep.int8.onnx"))
    graph(args.weights, whole)
    logging.disable(logging.WARNING)  # its advice is for other graphs
    quantize_dynamic(whole, small, weight_type=QuantType.QInt8)
    with open(args.file, encoding="utf-8") as lines:
        texts = [text for text in (json.loads(line).get("text") for line in lines) if text][:args.texts]
    with open(os.path.join(args.weights, "sentence_bert_config.json"), encoding="utf-8") as file:
        longest = json.load(file)["max_seq_length"]
    tokenizer = BertWordPieceTokenizer(os.path.join(args.weights, "vocab.txt"), lowercase=True)
    tokenizer.enable_truncation(longest)
    pairs = sorted(((one.ids, text) for one, text in zip(tokenizer.encode_batch(texts), texts)), key=lambda pair: len(pair[0]))
    ids = [one for one, _ in pairs]
    source, found = os.path.join(args.work, "deep.jsonl"), os.path.join(args.work, "deep.npy")
    with open(source, "w", encoding="utf-8") as out:
        out.writelines(json.dumps({"id": str(i), "text": text}) + "\n" for i, (_, text) in enumerate(pairs))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    sessions = {name: onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
                for name, path in (("float", whole), ("int8", small))}

    def theirs(name, batch):
        out, begun = [], time.process_time()
        for at in range(0, len(ids), batch):
            part = ids[at:at + batch]
            padded = np.zeros((len(part), len(part[-1])), np.int64)
            for row, one in zip(padded, part):
                row[:len(one)] = one
            lengths = np.array([len(one) for one in part])
            mask = (np.arange(padded.shape[1]) < lengths[:, None]).astype(np.int64)
            out.append(sessions[name].run(None, {"ids": padded, "mask": mask})[0])
        return time.process_time() - begun, np.concatenate(out)

    def ours():
        options = ("--encoder", "deep", "--corpus-part", "off", "--weights", args.weights)
        return timed(args.program, "embed", source, found, 1, options=options)["cpu_stages"]["embed"], np.load(found)

    right = theirs("float", 8)[1]
    tokens = sum(map(len, ids))
    print(f"{len(ids)} texts, {tokens / len(ids):.1f} tokens each, one thread")
    for name, vectors in (("edgewise int8", ours()[1]), ("onnxruntime int8", theirs("int8", 8)[1])):
        cosines = (vectors * right).sum(1)
        print(f"cosine to onnxruntime's float, {name}: mean {cosines.mean():.5f}, worst {cosines.min():.5f}")
    times = []
    for turn in range(args.rounds):
        cost, _ = ours()
        others = {batch: theirs("int8", batch)[0] for batch in args.batches}
        best = min(others, key=others.get)
        times.append(others[best] / cost)
        print(f"round {turn + 1}: edgewise {cost:.2f} CPU s, onnxruntime " +
              ", ".join(f"{others[batch]:.2f}{'*' if batch == best else ''} in batches of {batch}" for batch in args.batches) + f": {times[-1]:.2f} times")
    with open(os.path.join(args.weights, "config.json"), encoding="utf-8") as file:
        shape = json.load(file)
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    products = tokens * shape["num_hidden_layers"] * (4 * width * width + 2 * width * inner)
    peak = float(subprocess.run([args.products], check=True, stdout=subprocess.PIPE).stdout)
    print(f"median {statistics.median(times):.2f} times; linear layers: {products / cost / 1e9:.0f} G multiply-adds a second, all else included" +
          (f", {100 * products / cost / peak:.0f} % of the {peak / 1e9:.0f} that this core can do" if peak else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("file", nargs="?", default="build/sample/quarter.jsonl")
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=lambda text: [int(one) for one in text.split(",")], default=[1, 4, 8, 16, 32])
    parser.add_argument("--program", default="build/release/edgewise")
    parser.add_argument("--products", default="build/release/bench/products")
    parser.add_argument("--work", default="build/bench")
    parser.add_argument("--as-peer", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    if args.as_peer:
        as_peer(args)
    else:
        core = sorted(os.sched_getaffinity(0))[:1]
        done = subprocess.run([venv(), os.path.join(HERE, "deep.py"), *sys.argv[1:], "--as-peer"], preexec_fn=lambda: os.sched_setaffinity(0, core))
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
