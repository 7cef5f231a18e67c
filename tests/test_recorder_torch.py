"""The recorder beside a real training in PyTorch, where that is installed."""

import warnings

import numpy as np
import pytest

from lim_lib.recorder import UpdateRecorder

torch = pytest.importorskip("torch")


@pytest.fixture
def training():
    """A network with a normalization, its optimizer, and a step of it that gives the loss."""
    torch.manual_seed(1)
    inputs = torch.randn(200, 8)
    labels = (inputs[:, 0] * inputs[:, 1] > 0).long()
    model = torch.nn.Sequential(
        torch.nn.Linear(8, 16), torch.nn.BatchNorm1d(16), torch.nn.Tanh(), torch.nn.Linear(16, 2)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    def step():
        some = torch.randint(200, (32,))
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(inputs[some]), labels[some])
        loss.backward()
        optimizer.step()
        return loss

    return model, optimizer, step


def flat(model):
    return torch.cat([p.detach().reshape(-1) for p in model.parameters()]).double().numpy()


def test_a_training_is_counted_as_a_recount_of_its_states_has_it(training):
    model, _, step = training
    states, losses = [flat(model)], []
    recorder = UpdateRecorder(model, span=2.0, bits=(4, 8))
    for _ in range(100):
        loss = step()
        recorder.step(model, loss=loss)
        states.append(flat(model))
        losses.append(float(loss.detach()))
    states = np.array(states)
    assert recorder.path == pytest.approx(np.abs(np.diff(states, axis=0)).sum())
    assert recorder.losses()[1].tolist() == losses
    for bits in (4, 8):
        ladder = np.linspace(-2, 2, 2**bits)
        middles = (ladder[1:] + ladder[:-1]) / 2
        levels = np.searchsorted(middles, states, side="right")  # zero, an edge, goes up
        row = recorder.summary().loc[bits]
        assert row["N_net"] == np.abs(np.diff(levels, axis=0)).sum()
        assert row["N_written"] == np.count_nonzero(np.diff(levels, axis=0))
        assert row["W"] == np.abs(levels[-1] - levels[0]).sum()


def test_a_hook_on_the_optimizer_records_by_itself(training):
    model, optimizer, step = training
    recorder = UpdateRecorder(model)
    optimizer.register_step_post_hook(lambda *_: recorder.step(model))
    for _ in range(5):
        step()
    assert recorder.record.steps == 5
    assert recorder.record.model_size == sum(p.numel() for p in model.parameters())


def test_module_parameters_and_state_are_the_same_weights(training):
    model, _, step = training
    kinds = {
        "module": lambda: model,
        "parameters": model.parameters,
        "named parameters": model.named_parameters,
        "dictionary": lambda: dict(model.named_parameters()),
        "state": model.state_dict,
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "UpdateRecorder: passed over")
        recorders = {kind: UpdateRecorder(weights()) for kind, weights in kinds.items()}
    for _ in range(3):
        step()
        for kind, recorder in recorders.items():
            recorder.step(kinds[kind]())
    paths = {recorder.path for recorder in recorders.values()}
    assert len(paths) == 1
    assert paths.pop() > 0


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
@pytest.mark.parametrize("sample", [None, 30])
def test_tensors_of_every_precision_are_read(kind, sample):
    weights = torch.zeros(5, 20, dtype=kind, requires_grad=True)
    recorder = UpdateRecorder(weights, sample=sample, span=1.0)
    with torch.no_grad():
        for _ in range(4):
            weights += 0.125
            recorder.step(weights)
    assert recorder.path == pytest.approx(50.0)
    assert recorder.displacement == pytest.approx(50.0)


def test_a_frozen_layer_is_not_commanded(training):
    model, _, _ = training
    model[0].requires_grad_(False)
    recorder = UpdateRecorder(model)
    assert recorder.record.model_size == 16 + 16 + 2 * 16 + 2
    model[0].requires_grad_(True)
    with pytest.raises(ValueError, match="step 1: weights must have 66 entries, got 210"):
        recorder.step(model)
