"""Starts the course's commands: ``python3 -m course COMMAND``.

This file must stay readable to very old Pythons, so that it can tell which one it needs.
"""

from __future__ import print_function

import sys

OLDEST, NEWEST = (3, 11), (3, 13)


def say_version(version):
    """One sentence about a Python that is too old or not tested; True if it can be used."""
    tested = "Python %d.%d to %d.%d" % (OLDEST + NEWEST)
    this = "this is Python %d.%d" % version
    if version < OLDEST:
        print(
            "The course needs %s, and %s: install a newer Python (python.org has it) and start "
            "the command with that one, for example python%d.%d -m course."
            % ((tested, this) + NEWEST),
            file=sys.stderr,
        )
        return False
    if version > NEWEST:
        print("Note: the course is tested on %s, and %s." % (tested, this), file=sys.stderr)
    return True


if __name__ == "__main__":
    if not say_version(tuple(sys.version_info[:2])):
        sys.exit(1)
    from course import bootstrap

    sys.exit(bootstrap.main(sys.argv[1:]))
