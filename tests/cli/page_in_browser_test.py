#!/usr/bin/python3
"""The page of a run in a headless Chromium: page_in_browser_test.py CHASM [FOLDER]

Checks in light and dark, from narrow to wide: no message on the console, no request but the file itself, nothing wider than
the window, no label that is cut off or lies over another, texts that can be read on their ground; that tables sort and
filter; that it prints. With FOLDER, screenshots and the PDF stay there. Ends with 77 where there is no Chromium.
"""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from browser import Browser, chromium

WIDTHS = (340, 600, 800, 1280)

# Labels of each drawing that are shown: outside of it, or over one another by more than a pixel.
LABELS = """(() => {
  const bad = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const boxes = [...svg.querySelectorAll('text')].map((t) => [t.textContent, t.getBoundingClientRect()]);
    for (const [text, box] of boxes)
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        bad.push(`cut off: ${text} (${svg.getAttribute('aria-label')})`);
    for (let i = 0; i < boxes.length; ++i)
      for (let k = i + 1; k < boxes.length; ++k) {
        const [a, b] = [boxes[i][1], boxes[k][1]];
        const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (x > 1 && y > 3) bad.push(`over one another: ${boxes[i][0]} and ${boxes[k][0]} (${svg.getAttribute('aria-label')})`);
      }
  }
  return bad.slice(0, 10);
})()"""

# Contrast of every text against the page or the card it stands on (WCAG 2.1, 1.4.3: at least 4.5).
CONTRAST = """(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const bad = new Set();
  for (const e of document.querySelectorAll('h1, h2, h3, p, a, dt, dd, th, td, li, summary, svg text, footer, button, label')) {
    const style = getComputedStyle(e);
    const ink = light(rgb(e instanceof SVGElement ? style.fill : style.color)), below = light(ground(e));
    const contrast = (Math.max(ink, below) + 0.05) / (Math.min(ink, below) + 0.05);
    if (contrast < 4.5) bad.add(`${e.tagName} ${e.className.baseVal ?? e.className}: ${contrast.toFixed(2)}`);
  }
  return [...bad];
})()"""

SORT = """(() => {
  const table = document.querySelector('#layers table');
  const column = [...table.tHead.rows[0].cells].findIndex((c) => c.textContent === 'cycles');
  const cycles = () => [...table.tBodies[0].rows].map((r) => Number(r.cells[column].dataset.v));
  const before = cycles(), button = table.tHead.rows[0].cells[column].querySelector('button');
  button.click();
  const falling = cycles();
  button.click();
  const rising = cycles();
  const sorted = [...before].sort((a, b) => a - b);
  return JSON.stringify(rising) === JSON.stringify(sorted) && JSON.stringify(falling) === JSON.stringify(sorted.reverse())
      && new Set(before).size > 1;
})()"""

FILTER = """(() => {
  const input = document.querySelector('#layers input');
  const rows = [...document.querySelector('#layers table').tBodies[0].rows];
  const shown = (text) => {
    input.value = text;
    input.dispatchEvent(new Event('input'));
    return rows.filter((r) => !r.hidden).length;
  };
  const chunk = rows[0].cells[3].textContent;
  return [shown(chunk), rows.filter((r) => r.textContent.includes(chunk)).length, shown('no such layer'), shown(''), rows.length];
})()"""

RUNS = {
    "default": ["-a", "nasa-45nm", "-w", "nasa_hybrid_all_b_cifar10"],
    "pipelined": ["-a", "tiny", "-w", "toy_all_types", "--images", "8", "--schedule", "pipelined"],
    "one": ["-a", "systolic-16x16", "-w", "toy_mixed3", "--set", "chunks.SYS.reconfigurable.shift=1",
            "--set", "chunks.SYS.reconfigurable.adder=1"],
}


def check_page(browser, name, page, keep):
    problems = []
    for dark in (False, True):
        for width in WIDTHS:
            what = f"{name}, {width} wide, {'dark' if dark else 'light'}"
            browser.view(width, dark=dark)
            browser.open(page)
            room = browser.evaluate("document.documentElement.scrollWidth")
            if room > width:
                problems.append(f"{what}: the page is {room} wide")
            problems += [f"{what}: {text}" for text in browser.evaluate(LABELS) + browser.evaluate(CONTRAST)]
            if keep:
                browser.screenshot(f"{keep}/{name}-{width}-{'dark' if dark else 'light'}.png")
    if not browser.evaluate(SORT):
        problems.append(f"{name}: the layers do not sort")
    some, expected, none, rows, every = browser.evaluate(FILTER)
    if (some, none, rows) != (expected, 0, every):
        problems.append(f"{name}: the filter shows {some} of {expected}, {none} of 0, {rows} of {every}")
    pdf = pathlib.Path(keep or pathlib.Path(page).parent) / f"{name}.pdf"
    browser.pdf(pdf)
    if pdf.stat().st_size < 10_000:
        problems.append(f"{name}: the print has only {pdf.stat().st_size} bytes")
    return problems


def main():
    if chromium() is None:
        print("there is no Chromium here")
        return 77
    keep = sys.argv[2] if len(sys.argv) > 2 else None
    problems = []
    with tempfile.TemporaryDirectory(prefix="chasm-pages-") as folder, Browser() as browser:
        pages = []
        for name, words in RUNS.items():
            subprocess.run([sys.argv[1], "run", *words, "-o", f"{folder}/{name}"], check=True, capture_output=True)
            pages.append(f"{folder}/{name}/report.html")
            problems += check_page(browser, name, pages[-1], keep)
        problems += [f"console: {text}" for text in browser.console]
        allowed = {pathlib.Path(page).as_uri() for page in pages} | {"data:,"}
        problems += [f"request: {url}" for url in set(browser.requests) - allowed]
    print("\n".join(problems) or "all is well")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
