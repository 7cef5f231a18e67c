// Your run: inputs that may be typed or slid, every line on one axis, why each number, a table.
"use strict";
lim.scene("run", scene => {
  const { isFinite, isNaN } = Number;
  const { entries, fromEntries, keys, values } = Object;
  const { data, root, stage, state } = scene, { inputs, rows, small } = data;
  const { element, energy: joulesOf, general, make, number, set } = lim;
  const names = small?.inputs ?? keys(inputs);
  const lineOf = (key, lines = shown.rungs) => lines.find(({ rung }) => rung === key);
  const told = x => isFinite(x) ? number(x) : "–";
  // What the library says of an input, without names from code.
  const inWords = text => text.replaceAll("_", " ")
    .replace(/\b\d[.\d]*e[-+]\d+/g, digits => number(+digits, 4))
    .replace(/\b([a-z])([a-z]+)((?:19|20)\d\d)\w*/g, (_, first, rest, year) =>
      `${first.toUpperCase()}${rest} ${year}`);
  // Chapters lie beside this page, or in a folder of the page that is the book's root.
  const place = document.documentElement.dataset.content_root;
  const chapters = place ? `${place}chapters/` : "";
  const belongs = (name, task) => (data.belongs[name] ?? [task]).includes(task);
  let picked = "landauer", arranged = "", refusal = "", plot = null;

  // A number with its unit, in the unit of the input; or the id of a row of hardware; or null.
  const factors = name => data.units[inputs[name].unit] ?? {};
  const parse = (name, text) => {
    if (inputs[name].fits.includes(rows[text]?.unit)) return text;
    const [, digits, unit] = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(.*)$/i
      .exec(text.trim().replace("−", "-")) ?? [];
    const factor = !unit || unit === inputs[name].unit ? 1 : factors(name)[unit];
    return digits && factor ? digits * factor : null;
  };
  const question = ({ workload, task, counting, ...typed }) => ({ workload, task, counting,
    given: fromEntries(names.filter(name => typed[name])
      .map(name => [name, parse(name, typed[name])]).filter(([, value]) => value !== null)) });
  const begun = lim.ladder(data, question(scene.start));
  let shown = begun;

  // Rows of inputs: what it is, a slider, an entry, a way back, and why it is what it is.
  root.classList.add("lim-run");
  const board = make("div.lim-board"), main = make("div"), folds = make("div.lim-folds");
  const groups = new Map();
  stage.before(board);
  stage.after(folds);
  board.append(root.querySelector(".lim-rows"), main);
  for (const unit of new Set(names.flatMap(name => inputs[name].fits))) {
    const list = make("datalist", board, "", { id: `lim-${unit}` });
    for (const [value, row] of entries(rows))
      if (row.unit === unit) make("option", list, "", { value, label: row.technology });
  }
  const shows = names.map(name => {
    const { unit, meaning, group, fits, slide: [low, high, log] } = inputs[name];
    const word = name.replaceAll("_", " ");
    const label = word + (["1", "bit"].includes(unit) ? "" : ` (${unit.replace("**", "^")})`);
    const { row, range, entry, show: write } = lim.row(null, label), scale = log && "log";
    row.title = meaning;
    entry.spellcheck = false;
    if (fits[0]) entry.setAttribute("list", `lim-${fits[0]}`);
    const clear = scene.button("×", () => scene.move(name, ""), row);
    const why = make("small", row);
    clear.ariaLabel = `${word}: as assumed`;
    range.oninput = () =>
      scene.move(name, general(lim.back(+range.value, [low, high], scale), 3));
    entry.onchange = () => {
      const value = entry.value.trim() && parse(name, entry.value), units = keys(factors(name));
      if (value !== null) scene.move(name, value.toFixed ? general(value, 12) : value);
      else scene.note(`${word}: a number${units.length ? `, alone or with ${units.join(" ")}` : ""}${
        fits[0] ? ", or a hardware row" : ""}; got “${entry.value}”`);
      entry.value = state[name];
    };
    if (!small && !groups.has(group)) {
      groups.set(group, make("details", folds));
      make("summary", groups.get(group), group);
    }
    return { name, group, row, show(known) {
      const given = state[name], { value, origin, why: because } = known[name] ?? {};
      const place = lim.along(value, [low, high], scale);
      write(isFinite(place) ? place : 0, told(value), given);
      entry.placeholder = origin ? general(value, 4) : "";
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
        if (!state[name]) changes[name] = general(
          (task ? null : shown.known[name]?.value) ?? value, 12);
    }
    return keys(changes).length ? changes : null;
  };

  // The picture: for each line a row, its mark on the axis, its name beside it.
  const marks = new Map();
  const markOf = rung => {
    if (marks.has(rung)) return marks.get(rung);
    const g = element("g", { role: "button", tabindex: 0, class: "lim-rung" });
    const part = (kind, about) => element(kind, about, g);
    g.onclick = g.onfocus = () => {
      picked = rung;
      scene.redraw();
    };
    marks.set(rung, { g, ground: part("rect", { x: 0, height: 24, fill: "none", "pointer-events": "all" }),
      trail: part("path", { "stroke-width": 1.5, stroke: "var(--lim-grey)" }),
      ghost: part("circle", { fill: "var(--lim-ground)", stroke: "var(--lim-grey)" }),
      bar: part("path", { "stroke-width": 6, opacity: 0.45 }), dot: part("circle"),
      text: part("text") });
    return marks.get(rung);
  };
  const picture = (lines, before) => {
    if (plot?.count !== lines.length) {
      plot?.svg.parentNode.remove();
      plot = lim.plot(stage, { width: 560, height: 24 * lines.length + 52, left: 12, right: 12, top: 6,
        label: "lines by energy" });
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
      const old = lineOf(rung, before)?.joules, was = old > 0 && there;
      const [left, at, right] = [low, joules, high].map(end => plot.x(there ? end : x[0]));
      const from = was ? plot.x(old) : at;
      const whole = `${title}, ${joules >= 0 ? energy : "no value"}`, most = Math.max(left, wide - right);
      const told = whole.length * 6.2 + 14 < most ? whole : title, room = told.length * 6.2 + 14;
      const after = wide - right > Math.min(room, left) && (at >= from || left < room);
      set(g, { "aria-pressed": rung === picked, "aria-label": `${title}, ${kind}: ${energy}` });
      set(ground, { y: y - 12, width: wide });
      set(trail, { d: was ? `M${from} ${y}H${at}` : "" });
      set(ghost, { cx: from, cy: y, r: was ? 4 : 0 });
      set(bar, { d: there ? `M${left} ${y}H${right}` : "", stroke: tone });
      set(dot, { cx: at, cy: y, fill: tone, r: there ? 5 : 0 });
      set(text, { x: after ? right + 9 : left - 9, y: y + 4, fill: tone,
        "text-anchor": after ? "start" : "end" });
      text.textContent = told;
      plot.svg.append(g);
    });
  };

  // Why this number, and the table.
  const panel = make("section.lim-panel", stage, "", { ariaLabel: "the chosen line" });
  const tabled = make("details", root, "", { open: innerWidth > 600, hidden: small });
  make("summary", tabled, "Table");
  const table = make("table.lim-lines", tabled);
  const say = line => {
    panel.replaceChildren();
    if (!line) return;
    const { title, kind, energy, prices, low, high, over_landauer: over, real_over_rung: real } = line;
    const of = data.about[line.rung];
    const parts = [energy + (low < high ? ` (${joulesOf(low)} to ${joulesOf(high)})` : ""), kind,
      prices && `prices ${prices === "moves" ? "moves alone" : "the solution"}`,
      over > 0 && over !== 1 && `${told(over)} times Landauer`,
      real > 0 && real !== 1 && `the real run took ${told(real)} times it`];
    make("strong", panel, `${title}: `);
    panel.append(parts.filter(Boolean).join("; "));
    for (const text of [line.remark, of?.conditions && `It holds when: ${of.conditions}.`])
      if (text) make("p", panel, text);
    const list = make("ul", panel);
    for (const text of line.assumes.split("; ").filter(Boolean))
      make("li", list, inWords(text));
    if (of?.chapter)
      make("a", panel, "Its chapter", { href: `${chapters}${of.chapter}.html` });
  };
  const listed = ({ rungs, per }) => {
    const titles = ["line", "kind", "energy", per ? `J/${per}` : "/ Landauer", "real / it", "remark"];
    table.replaceChildren();
    const head = make("tr", make("thead", table)), body = make("tbody", table);
    for (const title of titles) make("th", head, title, { scope: "col" });
    for (const line of rungs) {
      const row = make("tr", body);
      make("th", row, line.title, { scope: "row" });
      [line.kind, line.energy, told(per ? line.each : line.over_landauer), told(line.real_over_rung),
        line.remark].forEach((text, i) => {
        make("td", row, text).dataset.head = titles[i + 1];
      });
    }
  };

  // What may be taken along.
  const save = (name, text) => {
    const href = URL.createObjectURL(new Blob([text]));
    make("a", null, "", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1e4);
  };
  scene.csv = () => [keys(shown.rungs[0]), ...shown.rungs.map(values)]
    .map(row => `${row.map(cell => isNaN(cell) ? "" : cell > -Infinity ? general(cell)
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
    for (const [kind, text] of entries({ csv: scene.csv, json: scene.json, svg: scene.picture }))
      scene.button(kind.toUpperCase(), () => save(`ladder.${kind}`, text()));
    scene.button("Copy command", () => scene.copy(scene.command(), `Copied: ${scene.command()}`));
  }
  root.addEventListener("toggle", scene.redraw, true);
  const link = make("a", folds, small?.link);

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
      if (shown.task !== arranged) arrange(arranged = shown.task);
      for (const { row, show } of shows) if (row.parentNode?.open ?? true) show(shown.known);
      picture(shown.rungs, ghost && shown.task === begun.task ? begun.rungs : []);
      say(lineOf(picked));
      if (small) link.href = `${chapters}${small.page}.html#${scene.address().split("#")[1]}`;
      else if (tabled.open) listed(shown);
    },
    tell() {
      const [least, chip, real] = ["landauer", "chip_limit", "reported"].map(key => lineOf(key));
      const why = shown.workload ? "" : ` (${shown.why})`;
      const told = [`${shown.name}, ${shown.task}${why}.`, ...[least, chip].filter(Boolean)
        .map(({ title, energy }) => `${title}: ${energy}.`)].join(" ");
      return refusal || (real ? `${told} The real run took ${real.energy}, ${
        number(real.over_landauer)} times Landauer.` : told);
    },
  };
});
