#!/usr/bin/python3
"""The pages of runs and sweeps in a headless Chromium: page_in_browser_test.py CHASM [FOLDER]

Checks in light and dark, from narrow to wide: no message on the console, no request but the file itself, nothing wider than
the window, no label that is cut off or lies over another, texts that can be read on their ground; that tables sort and
filter; that it prints. With FOLDER, screenshots and the PDF stay there. Ends with 77 where there is no Chromium.
"""
import json
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
  const table = document.querySelector('#TABLE table');
  const column = [...table.tHead.rows[0].cells].findIndex((c) => c.textContent === 'COLUMN');
  const values = () => [...table.tBodies[0].rows].map((r) => r.cells[column].dataset.v).map((v) => v === undefined ? null : Number(v));
  const before = values(), button = table.tHead.rows[0].cells[column].querySelector('button');
  button.click();
  const falling = values();
  button.click();
  const rising = values();
  const sorted = before.filter((v) => v !== null).sort((a, b) => a - b), none = before.filter((v) => v === null);
  return JSON.stringify(rising) === JSON.stringify([...sorted, ...none])
      && JSON.stringify(falling) === JSON.stringify([...sorted.reverse(), ...none])
      && new Set(before).size > 1;
})()"""

FILTER = """(() => {
  const input = document.querySelector('#TABLE input');
  if (!input) return null;
  const rows = [...document.querySelector('#TABLE table').tBodies[0].rows];
  const shown = (text) => {
    input.value = text;
    input.dispatchEvent(new Event('input'));
    return rows.filter((r) => !r.hidden).length;
  };
  const word = rows[0].cells[3].textContent;
  return [shown(word), rows.filter((r) => r.textContent.includes(word)).length, shown('no such word'), shown(''), rows.length];
})()"""

RUNS = {
    "default": ["-a", "nasa-45nm", "-w", "nasa_hybrid_all_b_cifar10"],
    "pipelined": ["-a", "tiny", "-w", "toy_all_types", "--images", "8", "--schedule", "pipelined"],
    "one": ["-a", "systolic-16x16", "-w", "toy_mixed3", "--set", "chunks.SYS.reconfigurable.shift=1",
            "--set", "chunks.SYS.reconfigurable.adder=1"],
}

# Parameters with words and with numbers; two and three objectives; points that violate, that fail, and none.
SWEEPS = {
    "sweep": {
        "base": {"arch": "tiny", "workload": "toy_mixed3"},
        "axes": [{"path": "arch.dram.standard", "values": ["DDR3-1600", "DDR4-2400", "DDR4-3200", "LPDDR4-3200", "HBM2"]},
                 {"path": "options.objective", "values": ["edp", "latency", "energy"]},
                 {"path": "arch.clock_mhz", "name": "a clock with a rather long name", "values": [100, 250, 1000]}],
        "sampling": {"kind": "grid"}, "objectives": ["latency_s", "energy_j"]},
    "constrained sweep": {
        "base": {"arch": "tiny", "workload": "toy_mixed3"},
        "axes": [{"path": "arch.chunks.MUL.pe_array.rows", "name": "rows", "range": {"from": 0, "to": 40}},
                 {"path": "arch.chunks.MUL.pe_array.cols", "name": "cols", "range": {"from": 1, "to": 20}}],
        "sampling": {"kind": "latin-hypercube", "points": 40, "seed": 1}, "constraints": {"pes": {"max": 300}},
        "objectives": ["latency_s", "energy_j", "pes"]},
}
FEW = 8  # rows of a table that has no filter


def check_page(browser, name, page, keep, table, column):
    problems = []
    sort, filters = (text.replace("#TABLE", "#" + table).replace("COLUMN", column) for text in (SORT, FILTER))
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
    if not browser.evaluate(sort):
        problems.append(f"{name}: the table does not sort")
    found = browser.evaluate(filters)
    if found is None:
        rows = browser.evaluate(f"document.querySelector('#{table} tbody').rows.length")
        if rows >= FEW:
            problems.append(f"{name}: no filter for {rows} rows")
        found = [0, 0, 0, 0, 0]
    some, expected, none, rows, every = found
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
            problems += check_page(browser, name, pages[-1], keep, "layers", "cycles")
        for name, sweep in SWEEPS.items():
            words = ["sweep", f"{folder}/{name}.json", "-o", f"{folder}/{name}"]
            pathlib.Path(words[1]).write_text(json.dumps({"name": name.replace(" ", "-"), **sweep}), encoding="utf-8")
            subprocess.run([sys.argv[1], *words], check=True, capture_output=True)
            pages.append(f"{folder}/{name}/sweep.html")
            problems += check_page(browser, name, pages[-1], keep, "points", "latency")
        problems += [f"console: {text}" for text in browser.console]
        allowed = {pathlib.Path(page).as_uri() for page in pages} | {"data:,"}
        problems += [f"request: {url}" for url in set(browser.requests) - allowed]
    print("\n".join(problems) or "all is well")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
