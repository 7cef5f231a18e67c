"""The callbacks on the page for a reader's own run, word by word: with stand-ins, and PyTorch."""

import json
import re
from importlib.util import find_spec
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from lim_lib.recorder import UpdateRecorder

PYTORCH, HOOK, KERAS, JAX, SCIKIT = range(5)


@pytest.fixture
def snippets(root):
    page = json.loads((root / "chapters" / "record-your-run.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in page["cells"])
    found = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert len(found) == 5
    return found


@pytest.fixture
def run(snippets, tmp_path, monkeypatch):
    """Run a snippet among the names that its reader has, and return its recorder."""
    monkeypatch.chdir(tmp_path)

    def run(number, **names):
        known = {"UpdateRecorder": UpdateRecorder, "np": np, **names}
        exec(snippets[number], known)
        return known.get("recorder"), known

    return run


class Model:
    """A module of a framework, as far as the recorder looks at it; each step adds an eighth."""

    def __init__(self):
        self.weights = np.zeros(6)

    def named_parameters(self):
        return [("weights", self.weights)]

    def train(self, *batch):
        self.weights += 0.125
        return float(batch[0])


def test_a_loop_in_pytorch(run, tmp_path):
    model = Model()
    recorder, _ = run(PYTORCH, model=model, data=[(3.0, 0), (2.0, 0)], train_step=model.train)
    assert recorder.path == 2 * 6 * 0.125
    assert recorder.losses()[1].tolist() == [3.0, 2.0]
    assert UpdateRecorder.load(tmp_path / "record.json") == recorder.record


def test_a_hook_in_pytorch(run):
    model, hooks = Model(), []
    optimizer = SimpleNamespace(register_step_post_hook=hooks.append)
    recorder, _ = run(HOOK, model=model, optimizer=optimizer)
    for _ in range(3):
        model.train(0.0)
        hooks[0](optimizer, (), {})
    assert recorder.record.steps == 3
    assert recorder.wander == 1


def test_a_callback_in_keras(run):
    class Callback:
        model = SimpleNamespace(trainable_variables=[np.zeros((2, 3)), np.zeros(3)])

    keras = SimpleNamespace(callbacks=SimpleNamespace(Callback=Callback))
    recording = run(KERAS, keras=keras)[1]["Recording"]()
    recording.on_train_begin()
    for batch in range(4):
        recording.model.trainable_variables[1] += 0.5
        recording.on_train_batch_end(batch, {"loss": 1.0})
    assert recording.recorder.path == 4 * 3 * 0.5


def test_a_loop_in_jax(run):
    params = {"hidden": {"w": np.zeros((2, 2))}, "out": np.zeros(2)}

    def apply_updates(params, updates):
        return {"hidden": {"w": params["hidden"]["w"] + updates}, "out": params["out"] - updates}

    recorder, _ = run(
        JAX,
        params=params,
        state=None,
        data=range(5),
        optax=SimpleNamespace(apply_updates=apply_updates),
        train_step=lambda params, state, batch: (0.5, 0.25, state),
    )
    assert recorder.path == 5 * 6 * 0.25


def test_a_loop_with_partial_fit(run):
    class Perceptron:
        def partial_fit(self, inputs, labels, classes=None):
            if classes is not None:
                self.coef_, self.intercept_ = np.zeros((3, 4)), np.zeros(3)
            self.coef_ += len(labels) / 32  # in place, as scikit-learn does

    rng = np.random.default_rng(1)
    recorder, _ = run(
        SCIKIT,
        model=Perceptron(),
        inputs=rng.normal(size=(96, 4)),
        labels=rng.integers(3, size=96),
    )
    assert recorder.record.steps == 2
    assert recorder.path == 2 * 12


@pytest.mark.skipif(not find_spec("torch"), reason="PyTorch is not installed: make torch")
@pytest.mark.parametrize("number", [PYTORCH, HOOK])
def test_both_in_a_real_training(run, number):
    import torch

    torch.manual_seed(1)
    model = torch.nn.Linear(8, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs = torch.randn(40, 16, 8)
    data = [(some, (some[:, 0] > 0).long()) for some in inputs]
    states = [[p.detach().clone() for p in model.parameters()]]

    def train_step(inputs, targets):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        states.append([p.detach().clone() for p in model.parameters()])
        return loss

    recorder, _ = run(number, model=model, optimizer=optimizer, data=data, train_step=train_step)
    if number == HOOK:
        for inputs, targets in data:
            train_step(inputs, targets)
    path = sum(
        float((new - old).abs().sum())
        for before, after in pairwise(states)
        for old, new in zip(before, after, strict=True)
    )
    assert recorder.record.steps == 40
    assert recorder.path == pytest.approx(path, rel=1e-5)
