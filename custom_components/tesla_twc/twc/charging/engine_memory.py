"""What the decisions have learnt and must survive a restart; storage/schema.py and memory_json.py keep each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..protocol.codes import TwcId
from .full_car import KeptFull
from .main_fuse.load_shedding import FuseStop
from .main_fuse.watch import FuseMemory
from .meter.learner import MeterMemory
from .wear import Wear


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineMemory:
    """What the engine has learnt and must survive a restart."""

    wear: Mapping[TwcId, Wear] = field(default_factory=dict)
    phases: Mapping[TwcId, int] = field(default_factory=dict)
    """How many phases the last car at each wall connector loaded."""
    phases_measured: frozenset[TwcId] = frozenset()
    """Of which of these wall connectors the phase currents told it, and not the energy counter."""
    intervals: Mapping[str, float] = field(default_factory=dict)
    """How often each reading of the house is reported, in s, by name."""
    meter: MeterMemory | None = None
    fuse: FuseMemory = FuseMemory()
    """What was learnt about the sensors of the main fuse."""
    feeders: Mapping[str, FuseMemory] = field(default_factory=dict)
    """The same of the sensors of each feeder, by its name."""
    stops: Mapping[TwcId, FuseStop] = field(default_factory=dict)
    """Which cars the main fuse has stopped."""
    full: Mapping[TwcId, KeptFull] = field(default_factory=dict)
    """Which cars have ended their charge by themselves, and whether they have finished."""
