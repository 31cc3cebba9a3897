"""The course's own tools: what authors and instructors work with."""
