"""Learning in a bath: bad input is refused; closed forms in rest and at the start."""

import numpy as np
import pytest

from lim_lib.learning import learned, loss_bound, quadratic_loss

VALLEY = {"losses": [1.0, 2.0], "curvatures": [3.0, 0.5], "coupling": 4.0, "diffusivity": 1.0}
BOUND = {"loss": 1.0, "pl_constant": 2.0, "curvature": 3.0, "coupling": 4.0, "diffusivity": 1.0}


def test_a_valley_goes_from_its_initial_loss_to_half_kT_an_axis():
    assert quadratic_loss(0.0, **VALLEY) == pytest.approx(3.0)
    assert quadratic_loss([0.0, 1e6], **VALLEY) == pytest.approx([3.0, 2 / (2 * 4.0)])


def test_what_is_at_rest_has_an_infinite_time():
    flat = VALLEY | {"curvatures": [3.0, 0.0]}
    assert quadratic_loss(np.inf, **VALLEY) == pytest.approx(2 / (2 * 4.0))
    assert quadratic_loss([0.0, np.inf], **flat) == pytest.approx([3.0, 1 / 8 + 2.0])
    assert loss_bound(np.inf, **BOUND) == pytest.approx(3.0 / 16)


def test_the_bound_goes_from_the_loss_to_what_the_noise_keeps_up():
    assert loss_bound([0.0, 1e6], **BOUND) == pytest.approx([1.0, 3.0 / (2 * 2.0 * 4.0)])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"coupling": 0.0}, "coupling must be a finite number > 0, got 0"),
        ({"diffusivity": -1.0}, "diffusivity must be a finite number > 0"),
        ({"coupling": [1.0, 2.0]}, "coupling must be one number"),
        ({"time": -1.0}, "time must be a number >= 0, or infinite, got -1.0"),
        ({"losses": [1.0, np.nan]}, r"losses\[1\] must be a finite number >= 0"),
        ({"losses": [1.0]}, r"losses and curvatures must be two rows of equal length"),
        ({"losses": 1.0, "curvatures": 1.0}, r"losses and curvatures must be two rows"),
        ({"curvatures": "flat"}, "curvatures must be"),
        ({"loss": -1.0}, "loss must be a finite number >= 0"),
        ({"pl_constant": 0.0}, "pl_constant must be a finite number > 0"),
        ({"curvature": np.inf}, "curvature must be a finite number >= 0"),
    ],
)
def test_bad_input_is_refused_in_one_line(changed, message):
    name = next(iter(changed))
    function, good = (quadratic_loss, VALLEY) if name in VALLEY else (loss_bound, BOUND)
    with pytest.raises((ValueError, TypeError), match=message) as refusal:
        function(**({"time": 1.0} | good | changed))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.float16])
def test_numbers_of_any_type_give_what_floats_give(kind):
    one, other = (
        [
            quadratic_loss(
                k(2),
                losses=np.array([100, 120]).astype(k),
                curvatures=np.array([100, 3]).astype(k),
                coupling=k(100),
                diffusivity=k(1),
            ),
            loss_bound(
                k(2),
                loss=k(100),
                pl_constant=k(100),
                curvature=k(120),
                coupling=k(2),
                diffusivity=k(3),
            ),
            learned(k(120), k(100), k(3)).cost,
        ]
        for k in (kind, float)
    )
    assert one == pytest.approx(other, rel=1e-12)
