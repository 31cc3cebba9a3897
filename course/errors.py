"""The one error that a command shows as a sentence instead of a traceback."""


class CourseError(Exception):
    """Something the user can mend; the text says what and how."""
