"""Pictures that compute in the page: each is a function that returns a `Scene`."""

from lim_lib.scenes.barrier import barrier
from lim_lib.scenes.cut import cut
from lim_lib.scenes.run import run
from lim_lib.scenes.scene import Dial, Entry, Menu, Scene

__all__ = ["Dial", "Entry", "Menu", "Scene", "barrier", "cut", "run"]
