#!/usr/bin/python3
"""Makes docs/figures/report.png, the picture of a page in README.md: scripts/update_report_figure.py [build/release/chasm]

Needs Chromium (Debian's package chromium).
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
from browser import Browser

# The top of the page, with the first layers only.
SHORTEN = """
for (const row of document.querySelectorAll('#layers tbody tr:nth-child(n+6)')) row.remove();
document.querySelector('#layers tbody').insertRow().insertCell().textContent = '...';
document.querySelector('#cycles .figure').getBoundingClientRect().bottom + 8
"""


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/chasm")
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        subprocess.run([program, "run", "-a", "nasa-45nm", "-w", "nasa_hybrid_all_b_cifar10", "-o", folder],
                       check=True, capture_output=True)
        browser.view(1000)
        browser.open(folder + "/report.html")
        bottom = browser.evaluate(SHORTEN)
        browser.screenshot(ROOT / "docs/figures/report.png", height=bottom)


if __name__ == "__main__":
    main()
