r"""Your own training run: what it commanded, wrote and moved, and the ladder of bounds for it.

A weight lies on a ladder of :math:`2^b` levels from -span to span. In a step an optimizer commands
every weight to change; most commands are shorter than a level and change nothing. Three numbers of
a run, at a depth b:

- N_op, its update commands: one for each weight and step;
- N_net, the levels that weights moved, up or down, step by step;
- W, the levels between first and last state.

Over a ladder that may lie anywhere a move of length :math:`|\Delta w|` crosses
:math:`|\Delta w|/\text{spacing}` levels on average (Buffon), so N_net is the length of the path
over the spacing, W the displacement over it, and their ratio, the *wander*, one number for all
depths. N_op/W is not: it must never be quoted without b.

`UpdateRecorder` counts while a network trains; no framework is imported. In PyTorch, without a
change in the loop (or, there, ``recorder.step(model, loss=loss)`` after each step)::

    recorder = UpdateRecorder(model, span=1.0)
    optimizer.register_step_post_hook(lambda *_: recorder.step(model))
    train(model, optimizer)
    recorder.save("record.json")

In Keras, by a callback::

    class Recording(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.recorder = UpdateRecorder(self.model.trainable_variables)
        def on_train_batch_end(self, batch, logs=None):
            self.recorder.step(self.model.trainable_variables, loss=logs["loss"])

In JAX with optax, and with scikit-learn's ``partial_fit``, in the loop::

    params = optax.apply_updates(params, updates)
    recorder.step(params, loss=loss)

    model.partial_fit(inputs, labels)
    recorder.step((model.coef_, model.intercept_))

Contents: `UpdateRecorder`, `Record` (what it has counted), `merge`, `read_codecarbon`, `load_runs`.
"""

from lim_lib.recorder.analysis import Depth, Fading
from lim_lib.recorder.record import Record, merge
from lim_lib.recorder.recording import UpdateRecorder
from lim_lib.recorder.sources import load_runs, read_codecarbon

__all__ = ["Depth", "Fading", "Record", "UpdateRecorder", "load_runs", "merge", "read_codecarbon"]
