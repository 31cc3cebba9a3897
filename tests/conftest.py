"""What all tests share: those in a browser are left out, in one line, where there is none."""

from course.browser import find_browser


def pytest_collection_modifyitems(config, items):
    if find_browser():
        return
    needing = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=needing)
    items[:] = [item for item in items if item not in needing]


def pytest_terminal_summary(terminalreporter):
    if not find_browser():
        terminalreporter.write_line("Left out: the tests in a browser, for no Chromium was found.")
