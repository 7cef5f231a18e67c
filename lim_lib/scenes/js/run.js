// Your run: inputs that may be typed or slid, every line on one axis, why each number, a table.
"use strict";
lim.scene("run", scene => {
  const { isFinite, isNaN } = Number;
  const { entries, fromEntries, keys, values } = Object;
  const { data, root, stage, state } = scene, { inputs, rows, small } = data, { make } = lim;
  const names = small ? small.inputs : keys(inputs);
  const told = x => isFinite(x) ? lim.number(x) : "–";
  // What the library says of an input, without names from code.
  const inWords = text => text.replaceAll("_", " ")
    .replace(/\b\d[.\d]*e[-+]\d+/g, number => lim.number(Number(number), 4))
    .replace(/\b([a-z])([a-z]+)((?:19|20)\d\d)\w*/g, (_, first, rest, year) =>
      `${first.toUpperCase()}${rest} ${year}`);
  const belongs = (name, task) => (data.belongs[name] ?? [task]).includes(task);
  const set = (element, about) =>
    entries(about).forEach(([name, value]) => element.setAttribute(name, value));
  let shown = null, picked = "landauer", arranged = "", refusal = "", plot = null;

  // A number with its unit, in the unit of the input; or the id of a row of hardware; or null.
  const factors = name => data.units[inputs[name].unit] ?? {};
  const parse = (name, text) => {
    if (inputs[name].fits.includes(rows[text]?.unit)) return text;
    const [, digits, unit] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(.*)$/i
      .exec(text.trim().replace("−", "-")) ?? [];
    const factor = [undefined, "", inputs[name].unit].includes(unit) ? 1 : factors(name)[unit];
    return digits && factor ? Number(digits) * factor : null;
  };
  const question = ({ workload, task, counting, ...typed }) => ({ workload, task, counting,
    given: fromEntries(names.filter(name => typed[name])
      .map(name => [name, parse(name, typed[name])]).filter(([, value]) => value !== null)) });
  const begun = lim.ladder(data, question(scene.start));

  // Rows of inputs: what it is, a slider, an entry, a way back, and why it is what it is.
  root.classList.add("lim-run");
  const board = make("div", { className: "lim-board" }), main = make("div");
  const folds = make("div", { className: "lim-folds" }), groups = new Map();
  stage.before(board);
  stage.after(folds);
  board.append(root.querySelector(".lim-rows"), main);
  for (const unit of new Set(names.flatMap(name => inputs[name].fits))) {
    const list = make("datalist", { id: `lim-${unit}` }, board);
    for (const [value, row] of entries(rows))
      if (row.unit === unit) make("option", { value, label: row.technology }, list);
  }
  const shows = names.map(name => {
    const { unit, meaning, group, fits, slide: [low, high, log] } = inputs[name];
    const word = name.replaceAll("_", " ");
    const label = word + (["1", "bit"].includes(unit) ? "" : ` (${unit.replace("**", "^")})`);
    const row = make("div", { className: "lim-row", title: meaning });
    make("span", { textContent: label }, row);
    const common = { autocomplete: "off", ariaLabel: label };
    const range = make("input", { type: "range", min: 0, max: 1, step: "any", ...common }, row);
    const entry = make("input", { type: "text", spellcheck: false, ...common,
      ariaLabel: `${label}, as a number` }, row);
    if (fits[0]) entry.setAttribute("list", `lim-${fits[0]}`);
    const clear = scene.button("×", () => scene.move(name, ""), row);
    const why = make("small", {}, row);
    clear.ariaLabel = `${word}: as assumed`;
    range.addEventListener("input", () => scene.move(name, lim.general(
      lim.back(Number(range.value), [low, high], log && "log"), 3)));
    entry.addEventListener("change", () => {
      const value = entry.value.trim() && parse(name, entry.value), units = keys(factors(name));
      if (value !== null) scene.move(name, typeof value === "number" ? lim.general(value, 12) : value);
      else scene.note(`${word}: a number${units.length ? `, alone or with ${units.join(" ")}` : ""}${
        fits[0] ? ", or a row of hardware" : ""}; got “${entry.value}”`);
      entry.value = state[name];
    });
    if (!small && !groups.has(group)) {
      groups.set(group, make("details", {}, folds));
      make("summary", { textContent: group }, groups.get(group));
    }
    return { name, group, row, show(known) {
      const given = state[name], { value, origin, why: because } = known[name] ?? {};
      const place = lim.along(value, [low, high], log && "log");
      range.value = isFinite(place) ? place : 0;
      range.setAttribute("aria-valuetext", told(value));
      if (document.activeElement !== entry) entry.value = given;
      entry.placeholder = origin ? lim.general(value, 4) : "";
      row.classList.toggle("lim-open", !given);
      clear.disabled = !given;
      why.textContent = given ? rows[given]?.technology ?? "given"
        : origin ? inWords(`${origin}: ${because}`) : "not known";
    } };
  });
  const arrange = task => {
    const { open } = small ?? data.tasks[task], of = name => shows.find(each => each.name === name).row;
    main.replaceChildren(...open.map(of));
    for (const [group, fold] of groups) {
      const own = shows.filter(each => each.group === group && !open.includes(each.name)
        && belongs(each.name, task));
      fold.replaceChildren(fold.firstChild, ...own.map(({ row }) => row));
      fold.hidden = !own.length;
    }
  };
  // What a new task or run asks for, and what no longer belongs.
  const settled = ({ task, workload }) => {
    const changes = fromEntries(names.filter(name => task && state[name] && !belongs(name, task))
      .map(name => [name, ""]));
    if (task === "machine" && workload !== "own") workload = changes.workload = "own";
    if (task === "machine" && state.model_size) changes.model_size = "";
    const sizes = { "": ["model_size", "spins"], machine: ["spins"] }[task] ?? ["model_size"];
    if ((workload === "own" && !sizes.some(name => state[name]))
      || (task === "continual" && !state.episodes)) {
      for (const [name, value] of entries(data.tasks[task || "training"].example))
        if (!state[name]) changes[name] = lim.general(
          (task ? null : shown?.known[name]?.value) ?? value, 12);
    }
    return keys(changes).length ? changes : null;
  };

  // The picture: for each line a row, its mark on the axis, its name beside it.
  const marks = new Map();
  const markOf = rung => {
    if (marks.has(rung)) return marks.get(rung);
    const g = lim.element("g", { role: "button", tabindex: 0, class: "lim-rung" });
    const part = (kind, about) => lim.element(kind, about, g);
    const pick = () => {
      picked = rung;
      scene.redraw();
    };
    for (const event of ["click", "focus"]) g.addEventListener(event, pick);
    marks.set(rung, { g, ground: part("rect", { x: 0, height: 24, fill: "none", "pointer-events": "all" }),
      trail: part("path", { "stroke-width": 1.5, stroke: "var(--lim-grey)" }),
      ghost: part("circle", { r: 4, fill: "var(--lim-ground)", stroke: "var(--lim-grey)" }),
      bar: part("path", { "stroke-width": 6, opacity: 0.45 }), dot: part("circle", { r: 5 }),
      text: part("text", {}) });
    return marks.get(rung);
  };
  const picture = (lines, before) => {
    if (plot?.count !== lines.length) {
      plot?.svg.parentNode.remove();
      plot = lim.plot(stage, { width: 560, height: 24 * lines.length + 52, left: 12, right: 12, top: 6,
        label: "every line on one axis of energy" });
      plot.count = lines.length;
      stage.prepend(plot.svg.parentNode);
    }
    const ends = [...lines, ...before].flatMap(({ low, high }) => [low, high])
      .filter(x => x > 0 && x < Infinity).map(Math.log10);
    const x = [10 ** (4 * Math.floor(Math.min(...ends) / 4)), 10 ** (4 * Math.ceil(Math.max(...ends) / 4))];
    const wide = plot.svg.viewBox.baseVal.width;
    plot.axes({ x, y: [lines.length, 0], xscale: "log", yticks: [], xlabel: "energy (J)" });
    for (const { g } of marks.values()) g.remove();
    lines.forEach(({ rung, title, kind, low, joules, high, energy }, i) => {
      const { g, ground, trail, ghost, bar, dot, text } = markOf(rung), y = plot.y(i + 0.5);
      const there = joules > 0 && joules < Infinity, tone = `var(--lim-${there ? data.tones[kind] : "grey"})`;
      const old = before.find(line => line.rung === rung)?.joules, was = old > 0 && there;
      const at = plot.x(there ? joules : x[0]), from = was ? plot.x(old) : at;
      const left = plot.x(there ? low : x[0]), right = plot.x(there ? high : x[0]);
      const whole = `${title}, ${joules >= 0 ? energy : "no number"}`, most = Math.max(left, wide - right);
      const told = whole.length * 6.5 + 14 < most ? whole : title, room = told.length * 6.5 + 14;
      const after = wide - right > Math.min(room, left) && (at >= from || left < room);
      set(g, { "aria-pressed": rung === picked, "aria-label": `${title}, ${kind}: ${energy}` });
      set(ground, { y: y - 12, width: wide });
      set(trail, { d: was ? `M${from} ${y}H${at}` : "" });
      set(ghost, { cx: from, cy: y, visibility: was ? "visible" : "hidden" });
      set(bar, { d: there ? `M${left} ${y}H${right}` : "", stroke: tone });
      set(dot, { cx: at, cy: y, fill: tone, visibility: there ? "visible" : "hidden" });
      set(text, { x: after ? right + 9 : left - 9, y: y + 4, fill: tone,
        "text-anchor": after ? "start" : "end" });
      text.textContent = told;
      plot.svg.append(g);
    });
  };

  // Why this number, and the table.
  const panel = make("section", { className: "lim-panel", ariaLabel: "the chosen line" }, stage);
  const tabled = make("details", { open: innerWidth > 600, hidden: Boolean(small) }, root);
  make("summary", { textContent: "All lines as a table" }, tabled);
  const table = make("table", { className: "lim-lines" }, tabled);
  const say = line => {
    panel.replaceChildren();
    if (!line) return;
    const { title, kind, energy, prices, low, high, over_landauer: over, real_over_rung: real } = line;
    const of = data.about[line.rung];
    const parts = [energy + (low < high ? ` (${lim.energy(low)} to ${lim.energy(high)})` : ""), kind,
      prices && `prices ${prices === "moves" ? "moves alone" : "the solution"}`,
      over > 0 && over !== 1 && `${told(over)} times Landauer`,
      real > 0 && real !== 1 && `the real run took ${told(real)} times it`];
    make("strong", { textContent: `${title}: ` }, panel);
    panel.append(parts.filter(Boolean).join("; "));
    for (const text of [line.remark, of?.conditions && `It holds when: ${of.conditions}.`])
      if (text) make("p", { textContent: text }, panel);
    const list = make("ul", {}, panel);
    for (const text of line.assumes.split("; ").filter(Boolean))
      make("li", { textContent: inWords(text) }, list);
    if (of?.chapter) make("a", { href: `${of.chapter}.html`, textContent: "Where it comes from" }, panel);
  };
  const listed = ({ rungs, per }) => {
    const titles = ["line", "kind", "energy", per ? `J/${per}` : "/ Landauer", "real / it", "remark"];
    const head = make("tr"), body = make("tbody");
    for (const title of titles) make("th", { scope: "col", textContent: title }, head);
    for (const line of rungs) {
      const row = make("tr", {}, body);
      make("th", { scope: "row", textContent: line.title }, row);
      [line.kind, line.energy, told(per ? line.each : line.over_landauer), told(line.real_over_rung),
        line.remark].forEach((text, i) => {
        make("td", { textContent: text }, row).dataset.head = titles[i + 1];
      });
    }
    table.replaceChildren(make("thead"), body);
    table.firstChild.append(head);
  };

  // What may be taken along.
  const save = (name, text) => {
    const href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
    make("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1e4);
  };
  scene.csv = () => [keys(shown.rungs[0]), ...shown.rungs.map(values)]
    .map(row => `${row.map(cell => isNaN(cell) ? "" : cell > -Infinity ? lim.general(cell)
      : /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell).join()}\n`).join("");
  scene.json = () => {
    const { workload, name, counting, task, why, inputs, rungs } = shown, { version, credit } = data;
    return JSON.stringify(
      { lim_lib: version, workload, name, counting, task, why, credit, inputs, rungs }, null, 1);
  };
  scene.picture = () => new XMLSerializer().serializeToString(plot.svg).replace(/var\((--[\w-]+)\)/g,
    (_, name) => getComputedStyle(root).getPropertyValue(name).trim());
  scene.command = () => {
    const { workload, task, counting, given } = question(state);
    return ["lim-lib ladder", workload !== "own" && workload, task && `--task ${task}`,
      `--counting ${counting}`, ...entries(given).map(([name, value]) =>
        `--${name.replaceAll("_", "-")} ${value}`)].filter(Boolean).join(" ");
  };
  if (!small) {
    scene.button("CSV", () => save("ladder.csv", scene.csv()));
    scene.button("JSON", () => save("ladder.json", scene.json()));
    scene.button("SVG", () => save("ladder.svg", scene.picture()));
    scene.button("Copy command", () => scene.copy(scene.command(), `Copied: ${scene.command()}`));
  }
  root.addEventListener("toggle", scene.redraw, true);
  const link = make("a", { textContent: small?.link ?? "" }, folds);

  return {
    draw(_, ghost) {
      const changes = settled(state);
      if (changes) return scene.set(changes);
      try {
        shown = lim.ladder(data, question(state));
        refusal = "";
      } catch (error) {
        refusal = error.message;
      }
      scene.note(refusal);
      shown ??= begun;
      if (shown.task !== arranged) arrange(arranged = shown.task);
      for (const { row, show } of shows) if (row.parentNode?.open ?? true) show(shown.known);
      picture(shown.rungs, ghost && shown.task === begun.task ? begun.rungs : []);
      say(shown.rungs.find(({ rung }) => rung === picked));
      if (small) link.href = `${small.page}.html#${scene.address().split("#")[1]}`;
      else if (tabled.open) listed(shown);
    },
    tell() {
      const [least, real] = ["landauer", "reported"].map(key => shown.rungs.find(({ rung }) => rung === key));
      const why = shown.workload ? "" : ` (${shown.why})`;
      const told = `${shown.name}, ${shown.task}${why}. ${least.title}: ${least.energy}.`;
      return refusal || (real ? `${told} The real run took ${real.energy}, ${
        lim.number(real.over_landauer)} times that.` : told);
    },
  };
});
