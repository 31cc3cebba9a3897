"""Customer analytics that learners can read.

Subpackages follow the areas of customer relationship management; each is imported when it is
first used, so ``import crmlib`` costs next to nothing.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["data", "exercises", "explore", "plots", "segments", "value"],
)
