"""The commands that are more than a call to another part of the course, one file each."""
