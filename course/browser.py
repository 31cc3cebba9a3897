"""Where this machine's Chromium is: the website's tests look at the pages in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


def find_browser() -> Path | None:
    """The program that shows pages: CRM_BROWSER, or what is installed; None if there is none."""
    named = os.environ.get("CRM_BROWSER")
    found = [shutil.which(name) for name in ([named] if named else NAMES)]
    found += [] if named else [place for place in PLACES if Path(place).is_file()]
    return next((Path(place) for place in found if place), None)
