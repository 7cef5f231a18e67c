"""Names that are loaded when they are first used; written by _ext/stubs.py."""

from lim_lib.figures import beyond as beyond
from lim_lib.figures import canvas as canvas
from lim_lib.figures import cell as cell
from lim_lib.figures import consolidation as consolidation
from lim_lib.figures import devices as devices
from lim_lib.figures import engine as engine
from lim_lib.figures import erasure as erasure
from lim_lib.figures import field as field
from lim_lib.figures import finite_time as finite_time
from lim_lib.figures import ladder as ladder
from lim_lib.figures import learner as learner
from lim_lib.figures import machines as machines
from lim_lib.figures import precision as precision
from lim_lib.figures import programs as programs
from lim_lib.figures import recorded as recorded
from lim_lib.figures import scale as scale
from lim_lib.figures import solution as solution
from lim_lib.figures import spins as spins
from lim_lib.figures import tones as tones
from lim_lib.figures import training as training
from lim_lib.figures import update_wall as update_wall
from lim_lib.figures import vector as vector
from lim_lib.figures import walls as walls
from lim_lib.figures import welcome as welcome
from lim_lib.figures import writes as writes
from lim_lib.figures.beyond import *
from lim_lib.figures.canvas import *
from lim_lib.figures.cell import *
from lim_lib.figures.consolidation import *
from lim_lib.figures.devices import *
from lim_lib.figures.engine import *
from lim_lib.figures.erasure import *
from lim_lib.figures.field import *
from lim_lib.figures.finite_time import *
from lim_lib.figures.ladder import *
from lim_lib.figures.learner import *
from lim_lib.figures.machines import *
from lim_lib.figures.precision import *
from lim_lib.figures.programs import *
from lim_lib.figures.recorded import *
from lim_lib.figures.scale import *
from lim_lib.figures.solution import *
from lim_lib.figures.spins import *
from lim_lib.figures.tones import *
from lim_lib.figures.training import *
from lim_lib.figures.update_wall import *
from lim_lib.figures.vector import *
from lim_lib.figures.walls import *
from lim_lib.figures.welcome import *
from lim_lib.figures.writes import *
