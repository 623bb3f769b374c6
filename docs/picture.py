"""Makes docs/page.png, the picture of the README: python docs/picture.py (needs playwright and /usr/bin/chromium)."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "Do I need a degree to become a data engineer?"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = [sys.executable, "chat_app.py", "--index", f"{folder}/index", "--port", "0"]
        page = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            told = next(each for each in page.stdout if "is open at" in each)  # type: ignore[union-attr]
            draw(re.search(r"http://\S+", told)[0], Path(folder, "page.png"))  # type: ignore[index]
            picture = Image.open(f"{folder}/page.png").convert("RGB")
            picture.quantize(64, dither=Image.Dither.NONE).save(ROOT / "docs" / "page.png", optimize=True)
        finally:
            page.terminate()
            page.wait(30)


def draw(address: str, to: Path) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": 1180, "height": 720}, locale="en-GB")
        page.goto(address)
        page.wait_for_function("window.kb !== undefined")
        page.fill("#kb-ask textarea", QUESTION)
        page.keyboard.press("Enter")
        page.locator("#chat .bot-row .kb-actions").wait_for()
        page.locator("#chat a.kb-cite").last.click()
        page.locator("#kb-panel mark").first.wait_for()
        page.wait_for_timeout(1500)
        page.screenshot(path=to)
        chromium.close()


if __name__ == "__main__":
    main()
