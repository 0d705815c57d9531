"""A benchmark of meta-learning methods, compressions and optimizers for speech recognition.

Importing the package, reading a suite and planning a run import no torch.
"""

__version__ = "0.1.0"
