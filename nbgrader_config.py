"""nbgrader reads this when it is started in this folder: every command of its own then works."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from course.grading.settings import for_nbgrader  # noqa: E402

for_nbgrader(get_config())  # noqa: F821
