"""Make the recorded runs in ``lim_lib/data/runs`` again: what optimizers write, step by step.

Run as ``python _ext/runs.py``, or ``make runs``. Ten digits are learned by one network with seven
optimizers, whose learning rates are such that all end within a tenth of one loss; where PyTorch can
be imported, it trains two networks more. What is kept of each run takes a few kilobytes.
"""

import sys
from dataclasses import fields, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from lim_lib.digits import task
from lim_lib.optimizers import Perceptron, adam, batches, cosine, descend, momentum, sgd
from lim_lib.recorder import UpdateRecorder

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "lim_lib" / "data" / "runs"
BLOCKS, FIGURES = 128, 6
"""Most blocks that are kept of a run, and significant figures of a number."""

DIGITS = task(examples=1400, seed=0)

NUMPY = {
    "sgd-4": ("SGD, batches of 4", sgd, np.full(5250, 0.12), 4),
    "sgd-32": ("SGD, batches of 32", sgd, np.full(1290, 0.5), 32),
    "sgd-32-cosine": ("SGD, batches of 32, cosine", sgd, cosine(1.0, 1290), 32),
    "momentum-cosine": ("momentum, batches of 32, cosine", momentum, cosine(0.1, 1290), 32),
    "adam": ("Adam, batches of 32", adam, np.full(1290, 0.0042), 32),
    "adam-cosine": ("Adam, batches of 32, cosine", adam, cosine(0.0085, 1290), 32),
    "full-batch": ("all the data in each step", sgd, np.full(600, 1.2), 1400),
}
"""Name, direction, learning rates and size of the batches."""


def learned(name, direction, rates, size):
    """Record the network 64-32-10, and return its loss over all examples, and its accuracy."""
    network = Perceptron(DIGITS.features, DIGITS.labels, hidden=32)
    start = network.start(seed=1)
    recorder = UpdateRecorder(start, span=2.0, name=name)
    rows = batches(len(DIGITS.labels), size, len(rates), seed=2)
    steps = descend(network.gradient, start, rates=rates, batches=rows, direction=direction())
    for weights, loss in steps:
        recorder.step(weights, loss=loss)
    test = network.accuracy(weights, DIGITS.test_features, DIGITS.test_labels)
    return recorder, network.gradient(weights)[0], test


def digits_in_pytorch():
    """Record the network 64-64-10 of rectified units, with PyTorch's Adam."""
    torch = import_module("torch")
    torch.manual_seed(1)
    images, labels = torch.tensor(DIGITS.features[:, :-1]).float(), torch.tensor(DIGITS.labels)
    layers = torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)
    network, loss_of = torch.nn.Sequential(*layers), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.002)
    recorder = UpdateRecorder(network, span=2.0, name="PyTorch: Adam, batches of 32")
    for rows in batches(1400, 32, 1290, seed=2):
        optimizer.zero_grad()
        loss = loss_of(network(images[rows]), labels[rows])
        loss.backward()
        optimizer.step()
        recorder.step(network, loss=loss)
    with torch.no_grad():
        unseen = network(torch.tensor(DIGITS.test_features[:, :-1]).float()).argmax(1).numpy()
        loss = float(loss_of(network(images), labels))
    return recorder, loss, float((unseen == DIGITS.test_labels).mean())


def letters_in_pytorch(steps=1200, context=64, width=64):
    """Record a transformer of two layers that learns the text of a licence, letter by letter."""
    torch = import_module("torch")
    nn = torch.nn
    torch.manual_seed(1)
    text = (ROOT / "LICENSE-TEXT").read_text(encoding="utf-8")
    alphabet = sorted(set(text))
    text = torch.tensor([alphabet.index(letter) for letter in text])
    layer = nn.TransformerEncoderLayer(
        width, 4, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    parts = {
        "letter": nn.Embedding(len(alphabet), width),
        "place": nn.Embedding(context, width),
        "layers": nn.TransformerEncoder(layer, 2, nn.LayerNorm(width), enable_nested_tensor=False),
        "out": nn.Linear(width, len(alphabet)),
    }
    network, mask = nn.ModuleDict(parts), nn.Transformer.generate_square_subsequent_mask(context)

    def loss_of(windows):
        inner = network["letter"](windows[:, :-1]) + network["place"](torch.arange(context))
        scores = network["out"](network["layers"](inner, mask=mask, is_causal=True))
        return nn.functional.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten())

    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    rising = torch.optim.lr_scheduler.LinearLR(optimizer, 0.01, 1.0, 100)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps - 100)
    rate = torch.optim.lr_scheduler.SequentialLR(optimizer, [rising, falling], [100])
    recorder = UpdateRecorder(network, name="PyTorch: a transformer, AdamW, warm-up and cosine")
    for _ in range(steps):
        starts = torch.randint(len(text) - context, (16, 1))
        loss = loss_of(text[starts + torch.arange(context + 1)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
        recorder.step(network, loss=loss)
    return recorder, float(loss.detach()), np.nan


def small(record):
    """Join blocks until they are few, and round all that is no count."""
    starts = np.arange(0, len(record.block_steps), -(-len(record.block_steps) // BLOCKS))
    steps, path = (
        np.add.reduceat(each, starts) for each in (record.block_steps, record.block_path)
    )
    loss = np.add.reduceat(record.block_loss * record.block_steps, starts) / steps
    record = replace(record, block_steps=steps, block_path=path, block_loss=loss)
    kept = {}
    for each in fields(record):
        value = getattr(record, each.name)
        if isinstance(value, float):
            kept[each.name] = rounded(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
            kept[each.name] = np.array([rounded(number) for number in value])
    return replace(record, **kept)


def rounded(value):
    """A number with a few figures."""
    return float(f"{value:.{FIGURES}g}")


def main():
    """Make all runs that can be made here, and say how each ended."""
    runs = {name: lambda made=made: learned(*made) for name, made in NUMPY.items()}
    if find_spec("torch"):
        runs |= {"pytorch-adam": digits_in_pytorch, "pytorch-transformer": letters_in_pytorch}
    else:
        print("PyTorch is not installed here: its runs stay as they are.", file=sys.stderr)
    FOLDER.mkdir(exist_ok=True)
    print(f"{'':24}{'loss':>8}{'test':>8}{'wander':>8}")
    for name, make in runs.items():
        recorder, loss, test = make()
        small(recorder.record).save(FOLDER / f"{name}.json")
        print(f"{name:24}{loss:8.4f}{test:8.4f}{recorder.wander:8.2f}", flush=True)


if __name__ == "__main__":
    main()
