#!/usr/bin/python3
"""Makes docs/figures/report.png and sweep.png, README.md's pictures of pages: scripts/update_report_figure.py [build/release/chasm]

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
REPORT = """
for (const row of document.querySelectorAll('#layers tbody tr:nth-child(n+6)')) row.remove();
document.querySelector('#layers tbody').insertRow().insertCell().textContent = '...';
document.querySelector('#cycles .figure').getBoundingClientRect().bottom + 8
"""
# Down to the first parameter's effects, with the first points of the front only.
SWEEP = """
for (const row of document.querySelectorAll('#front tbody tr:nth-child(n+6)')) row.remove();
document.querySelector('#front tbody').insertRow().insertCell().textContent = '...';
document.querySelector('#sensitivity .figure').getBoundingClientRect().bottom + 8
"""


def picture(browser, page, bottom, name):
    browser.view(1000)
    browser.open(page)
    browser.screenshot(ROOT / "docs/figures" / name, height=browser.evaluate(bottom))


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/chasm")
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        def chasm(*arguments):
            subprocess.run([program, *arguments], check=True, capture_output=True, cwd=folder)

        chasm("run", "-a", "nasa-45nm", "-w", "nasa_hybrid_all_b_cifar10", "-o", "results")
        picture(browser, folder + "/results/report.html", REPORT, "report.png")
        chasm("sweep", "nasa-pe-allocation", "-j", "2", "-o", "sweep")
        picture(browser, folder + "/sweep/sweep.html", SWEEP, "sweep.png")


if __name__ == "__main__":
    main()
