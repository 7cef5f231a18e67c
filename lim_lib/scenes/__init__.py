"""Pictures that compute in the page: each is a function that returns a `Scene`."""

from lim_lib.scenes.answer import Answer
from lim_lib.scenes.barrier import barrier
from lim_lib.scenes.cut import cut
from lim_lib.scenes.erase import erase
from lim_lib.scenes.marble import marble
from lim_lib.scenes.run import headline, run
from lim_lib.scenes.scene import Dial, Entry, Menu, Scene
from lim_lib.scenes.socket import socket

__all__ = [
    "Answer",
    "Dial",
    "Entry",
    "Menu",
    "Scene",
    "barrier",
    "cut",
    "erase",
    "headline",
    "marble",
    "run",
    "socket",
]
