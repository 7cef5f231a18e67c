"""Pictures that compute in the page: each is a function that returns a `Scene`."""

from lim_lib.scenes.answer import Answer
from lim_lib.scenes.barrier import barrier
from lim_lib.scenes.cut import cut
from lim_lib.scenes.erase import erase
from lim_lib.scenes.marble import marble
from lim_lib.scenes.scene import Dial, Menu, Scene

__all__ = ["Answer", "Dial", "Menu", "Scene", "barrier", "cut", "erase", "marble"]
