"""What can go wrong in the simulator.

SimulationError
├── BadOptions        the options contradict each other or name something unknown
└── InterfaceRefused  frames cannot be sent on the interface
"""


class SimulationError(Exception):
    """Base of the tree; the text says what is wrong and what to do."""


class BadOptions(SimulationError):
    """The options contradict each other or name something unknown."""


class InterfaceRefused(SimulationError):
    """Frames cannot be sent on the interface."""
