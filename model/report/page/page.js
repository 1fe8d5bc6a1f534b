// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// The report's page: draws the pictures from the JSON in the page, lets the reader choose what is shown, and checks that
// the tables hold the numbers that are drawn. Without it the page is headings, sentences and tables.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const kinds = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `var(--c${n})`);
  const steps = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `var(--s${n})`);
  const symbols = ["circle", "square", "triangle", "diamond", "cross", "star", "wye", "asterisk"];

  // 1234567.5 as "1,234,567.50", as the tables have it.
  const grouped = (value, decimals) =>
    value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const short = (value) =>
    value >= 1e6 ? `${+(value / 1e6).toPrecision(4)} M` : value >= 1e4 ? `${+(value / 1e3).toPrecision(4)} k`
      : `${+value.toPrecision(4)}`;

  // A table as a list of {x, row, column, series, value, more}; more: what the figure's other tables say of it.
  function points(figure) {
    const [table, ...others] = figure.tables;
    return table.cells.flatMap((cells, row) => cells.flatMap((value, column) => value === null ? [] : [{
      x: table.x[row], row: table.rows[row], series: table.columns[column], value, column, at: row,
      more: others.filter((o) => o.cells[row]?.[column] != null)
        .map((o) => `${grouped(o.cells[row][column], o.decimals[column])} ${o.title}`),
      text: `${grouped(value, table.decimals[column])} ${table.title}`,
    }]));
  }
  const told = (figure) => (p) =>
    [`${figure.tables[0].row} ${p.row}, ${p.series}`, p.text, ...p.more].join("\n");

  // At most so many of a list, evenly, ends included where they fit.
  const thinned = (list, most) => {
    const step = Math.ceil(list.length / Math.max(most, 1));
    return list.filter((_, n) => n % step === 0);
  };

  // A logarithmic axis says the powers of ten; over less than two decades also 2 and 5 of each, or all.
  const rounded = (values) => {
    const decades = Math.log10(Math.max(...values) / Math.min(...values));
    const said = decades >= 2 ? [1] : decades >= 0.7 ? [1, 2, 5] : [1, 2, 3, 4, 5, 6, 7, 8, 9];
    return (v) => said.includes(Math.round(v / 10 ** Math.floor(Math.log10(v) + 1e-9))) ? short(v) : "";
  };
  // Over a decade and more the axis ends at powers of ten.
  const logarithmic = (values) => {
    const wide = Math.max(...values) >= 10 * Math.min(...values);
    const ends = [10 ** Math.floor(Math.log10(Math.min(...values))), 10 ** Math.ceil(Math.log10(Math.max(...values)))];
    return { tickFormat: rounded(wide ? ends : values), nice: wide };
  };
  const doubling = (values) => values.every((v) => Number.isInteger(Math.log2(v)));
  // The points of a line that get its symbol: all of few, some of many.
  const dotted = (figure) => {
    const step = Math.ceil(figure.tables[0].rows.length / 24);
    return points(figure).filter((p) => step === 1 || p.at % step === Math.floor(step * p.column / figure.tables[0].columns.length));
  };

  const common = (figure, width, height) => ({
    width, height, marginLeft: 58, marginRight: 16, marginBottom: 40, marginTop: 24,
    style: { background: "transparent", fontSize: "12px", "--plot-background": "var(--card)" },
    ariaLabel: figure.title,
    ariaDescription: `${figure.x.label ?? ""} across, ${figure.value ?? figure.y.label ?? ""}; the numbers are in the table below`,
  });
  const pointed = (list, options, figure) =>
    Plot.tip(list, Plot.pointer({ ...options, title: told(figure), fontSize: 12, fill: "var(--card)", stroke: "var(--faint)" }));

  // ---- one function for each kind of picture -------------------------------------------------------------
  const draw = {
    lines(figure, width) {
      const list = points(figure), table = figure.tables[0];
      const range = figure.ordered ? steps : kinds;
      const on = { x: "x", y: "value", stroke: "series" };
      return Plot.plot({
        ...common(figure, width, Math.max(260, Math.min(400, width * 0.62))),
        x: {
          type: figure.x.log ? "log" : "linear", base: 2, label: figure.x.label, labelAnchor: "center", labelArrow: "none",
          ...(!figure.x.log ? { tickFormat: short } : doubling(table.x)
            ? { ticks: thinned(table.x, width / 60), tickFormat: (v) => grouped(v, 0) } : { tickFormat: rounded(table.x) }),
        },
        y: {
          type: figure.y.log ? "log" : "linear", label: figure.y.label, labelArrow: "none", grid: true,
          ...(figure.y.log ? logarithmic(list.map((p) => p.value)) : { tickFormat: short, ticks: 6, zero: figure.y.zero }),
        },
        color: { domain: table.columns, range },
        symbol: { domain: table.columns, range: symbols, legend: true },
        marks: [
          Plot.line(list, { ...on, strokeWidth: 1.75, curve: figure.steps ? "step-after" : "linear" }),
          Plot.dot(dotted(figure), { ...on, symbol: "series", fill: "var(--card)", r: 3.5 }),
          pointed(list, { x: "x", y: "value" }, figure),
        ],
      });
    },

    heat(figure, width) {
      const list = points(figure), table = figure.tables[0];
      const values = list.map((p) => p.value), low = Math.min(...values), high = Math.max(...values);
      const on = { x: "series", y: "row" };
      const mark = figure.mark && list.filter((p) => p.at === figure.mark.row && p.column === figure.mark.column);
      return Plot.plot({
        ...common(figure, width, 80 + 26 * table.rows.length),
        x: { type: "band", domain: table.columns, label: figure.x.label, labelAnchor: "center", labelArrow: "none",
          ticks: table.columns.filter((_, n) => width > 640 || n === 0 || n % 4 === 3), padding: 0 },
        y: { type: "band", domain: table.rows, label: figure.y.label, labelArrow: "none", padding: 0 },
        color: { type: low > 0 && low < high ? "log" : "linear", scheme: "viridis", reverse: true, legend: true,
          label: figure.value, tickFormat: low > 0 && low < high ? rounded(values) : short, width: Math.min(360, width - 20) },
        marks: [
          Plot.cell(list, { ...on, fill: "value", inset: 0.5, ariaLabel: told(figure) }),
          ...(mark ? [Plot.dot(mark, { ...on, symbol: "star", r: 5, fill: "#ffffff", stroke: "#000000" })] : []),
          pointed(list, on, figure),
        ],
      });
    },

    bars(figure, width) {
      const table = figure.tables[0], list = points(figure).filter((p) => p.column === 0);
      return Plot.plot({
        ...common(figure, width, Math.max(220, Math.min(320, width * 0.5))),
        x: { type: "band", domain: table.rows, label: figure.x.label, labelAnchor: "center", labelArrow: "none",
          ticks: thinned(table.rows, width / 48), padding: table.rows.length > 40 ? 0 : 0.15 },
        y: { label: figure.y.label, labelArrow: "none", grid: true, tickFormat: short, ticks: 5, zero: true },
        marks: [
          Plot.barY(list, { x: "row", y: "value", fill: kinds[0] }),
          Plot.ruleY([0], { stroke: "var(--faint)" }),
          pointed(list, { x: "row", y: "value" }, figure),
        ],
      });
    },

    stack(figure, width) {
      const table = figure.tables[0], list = points(figure);
      return Plot.plot({
        ...common(figure, width, Math.max(260, Math.min(400, width * 0.62))),
        x: { type: "band", domain: table.rows, label: figure.x.label, labelAnchor: "center", labelArrow: "none",
          ticks: thinned(table.rows, width / 48), padding: 0.15 },
        y: { label: figure.y.label, labelArrow: "none", grid: true, tickFormat: short, ticks: 5, zero: true },
        color: { domain: table.columns, range: kinds, legend: true },
        marks: [
          Plot.barY(list, { x: "row", y: "value", fill: "series", order: table.columns,
            title: told(figure), tip: { fontSize: 12, fill: "var(--card)", stroke: "var(--faint)" } }),
          Plot.ruleY([0], { stroke: "var(--faint)" }),
        ],
      });
    },

    scatter(figure, width) {
      const table = figure.tables[0];
      const list = table.cells.map(([x, y, front, variant], row) => ({ x, y, front, variant, row: table.rows[row] }))
        .filter((p) => p.y !== null);
      const best = list.filter((p) => p.front === 1).sort((a, b) => a.x - b.x);
      const named = list.filter((p) => p.variant === 0);
      const middle = Math.sqrt(Math.min(...list.map((p) => p.x)) * Math.max(...list.map((p) => p.x)));
      const domain = ["a configuration", "a variant"], kind = (p) => domain[p.variant];
      const title = (p) => [p.row, `${grouped(p.x, table.decimals[0])} ${table.columns[0]}`,
        `${grouped(p.y, table.decimals[1])} ${table.columns[1]}`, ...(p.front === 1 ? ["on the front"] : [])].join("\n");
      // Names of neighbours go up and down.
      const near = (a, b) => Math.abs(Math.log2(a.x / b.x)) < 1.2 && Math.abs(Math.log2(a.y / b.y)) < 0.6;
      const placed = named.map((p, n) => ({ ...p, dy: 14 * [0, -1, 1, -2, 2][named.slice(0, n).filter((q) => near(p, q)).length % 5] }));
      const label = { x: "x", y: "y", text: "row", fill: "var(--front)", stroke: "var(--card)", strokeWidth: 4, fontSize: 12 };
      return Plot.plot({
        ...common(figure, width, Math.max(300, Math.min(460, width * 0.62))),
        x: { type: "log", label: figure.x.label, labelAnchor: "center", labelArrow: "none", inset: 8,
          tickFormat: rounded(list.map((p) => p.x)) },
        y: { type: figure.y.log ? "log" : "linear", label: figure.y.label, labelArrow: "none", grid: true, inset: 8,
          ...(figure.y.log ? logarithmic(list.map((p) => p.y)) : { ticks: 6 }) },
        color: { domain, range: [kinds[1], kinds[0]] },
        symbol: { domain, range: ["diamond", "circle"], legend: true },
        marks: [
          Plot.line(best, { x: "x", y: "y", curve: "step-after", stroke: "var(--faint)", strokeDasharray: "4 3" }),
          Plot.dot(list, { x: "x", y: "y", symbol: kind, stroke: kind, fill: "var(--card)", r: 5, strokeWidth: 2 }),
          Plot.dot(best, { x: "x", y: "y", symbol: kind, stroke: kind, fill: kind, r: 5, strokeWidth: 2, ariaLabel: "front" }),
          ...placed.map((p) => Plot.text([p], { ...label, dx: p.x <= middle ? 10 : -10, dy: p.dy,
            textAnchor: p.x <= middle ? "start" : "end" })),
          Plot.tip(list, Plot.pointer({ x: "x", y: "y", title, fontSize: 12, fill: "var(--card)", stroke: "var(--faint)" })),
        ],
      });
    },
  };

  // ---- pictures in their places --------------------------------------------------------------------------
  const places = [...document.querySelectorAll("figure[data-figure]")].map((element) => ({
    element, figure: data.figures[element.dataset.figure], picture: element.querySelector(".picture"), width: 0,
  }));

  function show(place, width) {
    if (!place.picture || place.width === width) return;
    place.width = width;
    place.picture.replaceChildren(draw[place.figure.kind](place.figure, width));
    place.picture.querySelector("svg[aria-label]").setAttribute("role", "img");
  }
  const seen = (place) => place.picture && place.element.offsetParent !== null;
  function showAllSeen() {
    for (const place of places) if (seen(place)) show(place, Math.floor(place.picture.clientWidth));
  }

  // ---- the choice ----------------------------------------------------------------------------------------
  const sections = [...document.querySelectorAll("main > section")];
  const choices = [["trace", "Trace"], ["stream", "Accesses"], ["page", "Pages"]].map(([key, label]) => ({
    key, label, values: [...new Set(sections.map((s) => s.dataset[key]).filter((v) => v !== undefined))],
  })).filter(({ values }) => values.length > 1);

  function choose() {
    const wanted = Object.fromEntries(choices.map(({ select, key }) => [key, select.value]));
    for (const section of sections)
      section.hidden = choices.some(({ key }) => section.dataset[key] !== undefined && wanted[key] !== "" &&
        section.dataset[key] !== wanted[key]);
    showAllSeen();
  }
  function fromAddress() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const { key, values, select } of choices)
      if (wanted.get(key) === "" || values.includes(wanted.get(key))) select.value = wanted.get(key);
    choose();
  }
  for (const choice of choices) {
    const label = document.createElement("label"), select = document.createElement("select");
    select.name = choice.key;
    select.append(...choice.values.map((value) => new Option(value, value)), new Option("all", ""));
    select.addEventListener("change", () => {
      history.replaceState(null, "", "#" + new URLSearchParams(choices.map((c) => [c.key, c.select.value])));
      choose();
    });
    label.append(choice.label + " ", select);
    document.getElementById("choice").append(label);
    choice.select = select;
  }
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
  // On paper: as wide as a page is.
  window.addEventListener("beforeprint", () => {
    for (const place of places) if (seen(place)) show(place, Math.min(place.width, 610));
  });
  window.addEventListener("afterprint", showAllSeen);
  new ResizeObserver(showAllSeen).observe(document.querySelector("main"));

  // ---- the check: the tables hold what is drawn, and every number of a picture's table is in the picture -------
  function check() {
    const faults = [];
    let numbers = 0, pictures = 0;
    const tables = new Map([...document.querySelectorAll("table[data-table]")].map((t) => [t.dataset.table, t]));
    for (const place of places) {
      for (const table of place.figure.tables) {
        const rows = tables.get(table.id)?.tBodies[0].rows ?? [];
        if (rows.length !== table.rows.length) faults.push(`${table.id}: ${rows.length} rows, not ${table.rows.length}`);
        table.cells.forEach((cells, r) => cells.forEach((value, c) => {
          const shown = rows[r]?.cells[c + 1]?.textContent, meant = value === null ? "" : grouped(value, table.decimals[c]);
          numbers++;
          if (shown !== meant) faults.push(`${table.id}: row ${table.rows[r]}, ${table.columns[c]}: the table says ${shown}, the picture's data ${meant}`);
        }));
      }
      if (!place.picture) continue;
      pictures++;
      const marks = { lines: '[aria-label="dot"] path, [aria-label="dot"] circle', heat: '[aria-label="cell"] rect',
        bars: '[aria-label="bar"] rect', stack: '[aria-label="bar"] rect', scatter: '[aria-label="dot"] path, [aria-label="dot"] circle' };
      const drawn = place.picture.querySelectorAll(marks[place.figure.kind]).length;
      const due = { lines: (f) => dotted(f).length, heat: (f) => points(f).length,
        bars: (f) => f.tables[0].rows.length, stack: (f) => points(f).length, scatter: (f) => f.tables[0].cells.filter((c) => c[1] !== null).reduce((n, c) => n + 1 + c[2], 0) };
      const expected = due[place.figure.kind](place.figure);
      if (drawn !== expected) faults.push(`${place.figure.tables[0].id}: ${drawn} marks are drawn for ${expected} numbers`);
    }
    const verdict = faults.length === 0 ? "good" : "failed";
    document.documentElement.dataset.check = verdict;
    document.documentElement.dataset.checked = `${numbers} numbers, ${pictures} pictures`;
    document.getElementById("checked").textContent = faults.length === 0
      ? `${grouped(numbers, 0)} numbers in the tables were compared with the data of ${pictures} pictures when the page opened: equal.` : "";
    if (faults.length === 0) return;
    const notice = document.getElementById("check");
    notice.textContent = `This page contradicts itself in ${faults.length} places. ${faults.slice(0, 5).join("; ")}`;
    notice.hidden = false;
    console.error(notice.textContent);
  }

  // The pictures that are not seen yet, a few at a time; then the check.
  const width = places.find(seen)?.picture.clientWidth ?? 640;
  const rest = places.filter((place) => place.picture && place.width === 0);
  (function more() {
    const end = performance.now() + 30;
    while (rest.length > 0 && performance.now() < end) show(rest.pop(), Math.floor(width));
    if (rest.length > 0) setTimeout(more, 0);
    else check();
  })();
})();
