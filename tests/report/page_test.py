#!/usr/bin/env python3
# Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
"""The report's page in headless Chromium: no errors, the numbers in its tables equal the CSV, pictures in every place; wide,
narrow, dark and in print. And the same checks on pages that are broken, where they must fail.

    tests/report/page_test.py LOCKWALK      all tests; screenshots stay in the folder that LOCKWALK_SCREENSHOTS names
"""
import csv
import html.parser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import chromium

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TRACE = os.path.join(ROOT, "tests/sizing/data/true.trc.zst")
PERL = os.path.join(ROOT, "traces/perl.trc.zst")
LOCKWALK = None


class Page(html.parser.HTMLParser):
    """What a DOM shows: tables as {id: {(row, column): text}}, figures, attributes of <html>."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.figures, self.root, self.svgs = {}, 0, {}, 0
        self._table = self._cell = self._kind = None
        self._row, self._head, self._name = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "html":
            self.root = attrs
        elif tag == "svg" and "aria-label" in attrs:
            self.svgs += 1
        elif tag == "figure" and "data-figure" in attrs:
            self.figures += 1
        elif tag == "table" and "data-table" in attrs:
            self._table = self.tables.setdefault(attrs["data-table"], {})
            self._head = []
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th") and self._table is not None:
            self._cell, self._kind = "", attrs.get("scope", "")

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._cell is not None:
            if self._kind == "col":
                self._head.append(self._cell)
            else:
                self._row.append(self._cell)
            self._cell = None
        elif tag == "tr" and self._row:
            for column, value in zip(self._head[1:], self._row[1:], strict=True):
                self._table[self._row[0], column] = value
        elif tag == "table":
            self._table = None


def differences(page, numbers):
    """Where the tables of a page and the lines of a CSV differ."""
    shown = {(table, row, column): value.replace(",", "") for table, cells in page.tables.items()
             for (row, column), value in cells.items()}
    meant = {tuple(line[:3]): line[3] for line in numbers[1:]}
    return ([f"{where}: {shown.get(where)} in the page, {meant.get(where)} in the CSV"
             for where in sorted(set(shown) | set(meant)) if shown.get(where) != meant.get(where)], len(shown))


def faults(dom, console, numbers):
    """All that is wrong with a page."""
    page = Page(dom)
    found = [f"console: {line}" for line in console]
    if page.root.get("data-check") != "good":
        found.append(f"the page's own check says {page.root.get('data-check')}")
    different, compared = differences(page, numbers)
    found += different
    if compared < 1000:
        found.append(f"only {compared} numbers were compared")
    if page.svgs < 10:
        found.append(f"only {page.svgs} pictures were drawn")
    return found


class ReportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="lockwalk-report-")
        cls.page, numbers = cls.path("report.html"), cls.path("numbers.csv")
        subprocess.run([LOCKWALK, "report", TRACE, PERL, "--stream", "data,fetch", "--compare", "cva6,rocket", "-o", cls.page,
                        "--csv", numbers], check=True, cwd=cls.folder)
        with open(numbers, newline="") as file:
            cls.numbers = list(csv.reader(file))
        with open(cls.page) as file:
            cls.text = file.read()

    @classmethod
    def tearDownClass(cls):
        kept = os.environ.get("LOCKWALK_SCREENSHOTS")
        if kept:
            os.makedirs(kept, exist_ok=True)
            for name in os.listdir(cls.folder):
                shutil.copy(cls.path(name), kept)
        shutil.rmtree(cls.folder)

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    def changed(self, name, old, new):
        """A copy of the page in which `old` has become `new`."""
        self.assertIn(old, self.text)
        with open(self.path(name), "w") as file:
            file.write(self.text.replace(old, new, 1))
        return self.path(name)

    def test_is_right(self):
        dom, console = chromium.dom(self.page)
        self.assertEqual(faults(dom, console, self.numbers), [])
        self.assertRegex(Page(dom).root["data-checked"], r"^\d+ numbers, \d\d+ pictures$")
        # What is hidden has its picture as well: all figures but the tables.
        self.assertEqual(Page(dom).svgs, Page(dom).figures - dom.count('class="wide"') + dom.count(">Every shape<"))

    def test_says_what_each_picture_is(self):
        dom, _ = chromium.dom(self.page)
        for text in ("Misses by entries", "Misses by ways", "Every shape", "Misses by policy", "Why it misses", "Phases",
                     "Pressure on the sets", "Storage against clocks", "Walk latency"):
            self.assertIn(f"<h4>{text}</h4>", dom)
            self.assertRegex(dom, f'<svg[^>]* aria-label="{text}"')
        for text in ("misses per 1000 instructions", "clocks lost per 1000 accesses", "storage of the whole MMU, bits",
                     "accesses of the trace"):
            self.assertRegex(dom, f"<text[^>]*>{text}</text>")
        # A cell of the heat map tells its number, which is that of the table.
        cell = re.search(r'aria-label="sets 16, 4\n([0-9.,]+) misses per 1000 instructions\n([0-9,]+) misses"', dom)
        table = Page(dom).tables["true/data/4K/grid/misses"]
        self.assertIn(cell.group(2), (table["16", "4"], Page(dom).tables["perl/data/4K/grid/misses"]["16", "4"]))

    def test_shows_what_the_address_asks_for(self):
        shown = re.compile(r"<section [^>]*>")
        for hash_, trace, stream in (("", "true", "data"), ("#trace=perl&stream=fetch", "perl", "fetch")):
            with open(self.path("asked.html"), "w") as file:
                file.write(self.text.replace("<script>", f"<script>location.hash = '{hash_}';</script><script>", 1))
            dom, console = chromium.dom(self.path("asked.html"))
            self.assertEqual(console, [])
            for section in shown.findall(dom):
                asked = all(f'data-{key}="' not in section or f'data-{key}="{value}"' in section
                            for key, value in (("trace", trace), ("stream", stream)))
                self.assertEqual("hidden" not in section, asked, section)

    def test_without_javascript_has_all_tables(self):
        with open(self.path("plain.html"), "w") as file:
            file.write(re.sub(r"<script.*?</script>", "", self.text, flags=re.S))
        dom, console = chromium.dom(self.path("plain.html"))
        self.assertEqual(console, [])
        self.assertEqual(differences(Page(dom), self.numbers)[0], [])
        self.assertNotIn(" hidden", dom.replace('role="alert" hidden', ""))

    def test_a_pointer_over_a_cell_shows_its_number(self):
        point = """<script>
            new MutationObserver(() => {
                const svg = document.querySelector("section:not([hidden]) figure.wide svg[role=img]");
                const cell = [...svg.querySelectorAll('[aria-label="cell"] rect')]
                    .find((rect) => rect.getAttribute("aria-label").startsWith("sets 16, 4\\n"));
                const { left, top, width, height } = cell.getBoundingClientRect();
                const at = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, pointerType: "mouse" };
                svg.dispatchEvent(new PointerEvent("pointerenter", at));
                svg.dispatchEvent(new PointerEvent("pointermove", at));
                setTimeout(() => {
                    const tip = svg.querySelector('[aria-label="tip"]');
                    document.title = `${cell.getAttribute("aria-label")}|${tip.textContent}`.replaceAll("\\n", " ");
                }, 500);
            }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-check"] });
            </script></body>"""
        dom, console = chromium.dom(self.changed("pointer.html", "</body>", point), height=6000)
        self.assertEqual(console, [])
        told, tip = re.search("<title>(.*?)</title>", dom).group(1).split("|")
        self.assertRegex(told, r"^sets 16, 4 [0-9.]+ misses per 1000 instructions \d+ misses$")
        self.assertEqual(tip.replace("\u200b", "").replace(" ", ""), told.replace(" ", ""))

    # ---- looks ------------------------------------------------------------------------------------------

    def test_light_and_dark_follow_the_reader(self):
        for name, dark, colour in (("light", False, (0xff, 0xff, 0xff)), ("dark", True, (0x10, 0x15, 0x1b))):
            path = self.path(name + ".png")
            chromium.screenshot(self.page, path, height=2600, dark=dark)
            self.assertEqual(chromium.first_pixel(path), colour)
            self.assertGreater(os.path.getsize(path), 100000)

    def test_fits_a_narrow_screen(self):
        with open(self.path("narrow.html"), "w") as file:
            file.write('<body style="margin:0"><iframe src="report.html#trace=true" style="border:0;width:360px;height:5200px"></iframe>')
        chromium.screenshot(self.path("narrow.html"), self.path("narrow.png"), width=500, height=5200)
        # What the page measures of itself, in a frame of 360 pixels.
        measured = self.changed("measured.html", "</body>", """<script>
            new MutationObserver(() => { document.title = `${innerWidth} ${document.documentElement.scrollWidth}`;
                parent.postMessage(document.title, "*"); }).observe(document.documentElement, { attributes: true });
            </script></body>""")
        with open(self.path("frame.html"), "w") as file:
            file.write(f'<iframe src="{os.path.basename(measured)}" style="border:0;width:360px;height:5000px"></iframe>'
                       "<script>onmessage = (e) => { document.title = e.data; };</script>")
        dom, _ = chromium.dom(self.path("frame.html"))
        width = re.search(r"<title>(\d+) (\d+)</title>", dom)
        self.assertEqual(width.group(1), "360")
        self.assertLessEqual(int(width.group(2)), 360)

    def test_prints(self):
        chromium.pdf(self.page, self.path("report.pdf"))
        with open(self.path("report.pdf"), "rb") as file:
            text = file.read()
        self.assertTrue(text.startswith(b"%PDF"))
        pages = len(re.findall(rb"/Type\s*/Page\b", text))
        # Summary, clocks and one stream of one trace, not all of them.
        self.assertTrue(2 <= pages <= 9, pages)

    def test_colours_stand_out(self):
        with open(os.path.join(ROOT, "model/report/page/page.css")) as file:
            css = file.read()
        light = css[css.index(":root"):css.index("@media screen")]
        dark = css[css.index("@media screen"):css.index("* {")]
        for block in (light, dark):
            colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))
            self.assertEqual(len(colours), 24)
            for name, colour in colours.items():
                if name in ("back", "card", "edge", "shade"):
                    continue
                # WCAG 2.1: 4.5 for text, 3 for what is drawn
                least = 3.0 if re.fullmatch(r"[cs]\d", name) else 4.5
                for ground in ("back", "card", "shade"):
                    self.assertGreaterEqual(contrast(colour, colours[ground]), least, (name, ground))
        self.assertLess(contrast("#66ccee", "#ffffff"), 3)

    # ---- the checks themselves: each must be able to fail ---------------------------------------------------

    def test_a_number_that_was_changed_in_a_table_is_seen(self):
        table = self.text.index('data-table="true/data/4K/grid/misses"')
        cell = re.compile(r"<td>(\d+)</td>").search(self.text, table)
        page = self.path("number.html")
        with open(page, "w") as file:
            file.write(self.text[:cell.start(1)] + "12345" + self.text[cell.end(1):])
        dom, console = chromium.dom(page)
        found = faults(dom, console, self.numbers)
        self.assertTrue(any("12345 in the page" in fault for fault in found), found)
        self.assertIn("the page's own check says failed", found)
        self.assertTrue(any("contradicts itself" in line for line in console), console)
        self.assertRegex(dom, r'<p id="check"[^>]*>This page contradicts itself in 1 places')

    def test_a_number_that_was_changed_in_the_data_is_seen(self):
        dom, console = chromium.dom(self.changed("data.html", '"cells":[[', '"cells":[[7654321,'))
        self.assertIn("the page's own check says failed", faults(dom, console, self.numbers))

    def test_a_number_that_was_changed_in_the_csv_is_seen(self):
        numbers = [line[:] for line in self.numbers]
        numbers[500][3] = "0.125"
        self.assertEqual(len(differences(Page(self.text), numbers)[0]), 1)
        self.assertEqual(len(differences(Page(self.text), numbers[:-1])[0]), 2)

    def test_a_script_that_breaks_is_seen(self):
        dom, console = chromium.dom(self.changed("broken.html", "const data = JSON.parse(", "const data = JSON.pars("))
        found = faults(dom, console, self.numbers)
        self.assertTrue(any(fault.startswith("console:") for fault in found), found)
        self.assertIn("the page's own check says None", found)
        self.assertIn("only 0 pictures were drawn", found)

    def test_a_picture_that_lost_a_mark_is_seen(self):
        dom, console = chromium.dom(self.changed("mark.html", "Plot.cell(list,", "Plot.cell(list.slice(1),"))
        found = faults(dom, console, self.numbers)
        self.assertTrue(any("319 marks are drawn for 320 numbers" in fault for fault in found), found)

    def test_a_page_that_loads_something_is_seen(self):
        page = self.changed("loads.html", "<main>", '<img src="http://example.com/x.png"><main>')
        dom, console = chromium.dom(page)
        self.assertTrue(any("Content Security Policy" in fault for fault in faults(dom, console, self.numbers)), console)


def contrast(one, other):
    """WCAG 2.1's contrast ratio of two colours."""
    def luminance(colour):
        parts = [int(colour[n:n + 2], 16) / 255 for n in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


if __name__ == "__main__":
    LOCKWALK = os.path.abspath(sys.argv.pop(1))
    unittest.main()
