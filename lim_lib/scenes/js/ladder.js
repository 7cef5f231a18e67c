// The ladder of a question, as lim_lib.workloads finds it: every input, then every line.
"use strict";
(lim => {
  const { isFinite } = Number;
  const { entries, fromEntries, hasOwn, keys } = Object;
  const made = new Map();
  const once = (key, make) => made.get(key) ?? made.set(key, make(key)).get(key);
  const evaluate = ({ at, of }, value) => once(at, () => lim.compile(at, of))(...of.map(value));
  const judge = (formula, values) => once(formula, lim.formula).at(values);
  const fail = text => { throw new Error(text); };
  const refuse = (name, value, allowed) => fail(`${name} must be ${allowed}, got ${value}`);
  const joined = texts => texts.filter(Boolean).join("; ");
  const either = names =>
    [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" or ");

  lim.ladder = (table, { workload = "own", task: asked = "", counting = "steps", given = {} }) => {
    const { inputs, rows, presets } = table, names = keys(inputs), run = presets[workload];
    const own = workload === "own", all = [...own ? [] : ["workload"], ...keys(given)];
    const known = {}, has = name => hasOwn(known, name), value = name => known[name]?.value ?? NaN;
    const told = name => has(name) && table.told.includes(known[name].origin);
    const tell = (key, values) => table.words[key].replace(
      /\{(\w+)(:(?:\.(\d))?g)?\}/g, (_, name, format, digits) =>
        format ? lim.general(values[name], +(digits ?? 6)) : values[name]);

    // The task, and what contradicts it.
    for (const [name, number] of entries(given)) {
      const { domain, allowed } = inputs[name];
      if (!rows[number] && !lim.inside(number, domain)) refuse(name, lim.general(number), allowed);
    }
    const [speaks, , inferred, words] = table.speaks.find(([name, beside]) => all.includes(name)
      && (!beside.length || beside.some(each => all.includes(each)))) ?? ["", [], "training", "nothing"];
    const further = !asked && inferred === "training" && run.start;
    const task = asked || (further ? "fine-tuning" : inferred);
    const why = asked ? tell("asked") : further ? tell("goes on", { workload, start: run.start })
      : tell(words, { name: speaks });
    const { lines: there, places, asked: onlyIf, tellers, counted, goesOn, cases } = table.tasks[task];
    for (const name of names)
      if (name in given && !(table.belongs[name] ?? [task]).includes(task))
        fail(tell("elsewhere", { name, task, tasks: table.belongs[name].map(t => `'${t}'`).join(" or ") }));
    if (task === "machine" && !own) refuse("workload", `'${workload}'`, tell("no workload"));

    // What the table knows of the run, as far as the task and the reader leave it so.
    const other = ["fine-tuning", "continual", "inference"].includes(task)
      && !(run.start && task === "fine-tuning");
    for (const [name, each] of entries(run.known))
      if (!other || table.ofTheModel.includes(name)) known[name] = each;
    const holds = new Set([table.countings[counting], ...cases.always, cases.counts[run.counted],
      run.once && cases.once, ...entries(table.caseOf)
        .map(([name, holding]) => (has(name) || name in given) && holding)]);
    const isGiven = name => name in given;
    for (const [some, none, holding, changed] of table.changed)
      if (some.some(isGiven) && !none.some(isGiven) && (!holding || holds.has(holding)))
        delete known[changed];
    for (const [name, number] of entries(given)) {
      const { ends, technology, source } = rows[number] ?? {}, row = ends && number;
      known[name] = { value: row ? ends[1] : number, origin: "given", reads: [], row,
        why: row ? `${technology} (${source})` : "" };
    }
    if (!has("model_size") && !has("spins"))
      fail(tell("lacks", { wanted: task === "machine" ? "spins" : tell("size") }));
    if (task === "continual" && !has("episodes")) fail(tell("lacks", { wanted: tell("episodes") }));

    // The rules, the first that applies, until none does; then what contradicts each other.
    const number = (expression, own = {}) => evaluate(expression, name =>
      (own[name] ?? known[name])?.value ?? inputs[name].neutral);
    const apply = rule => {
      const origin = rule.assumed ? "assumed" : "follows", row = (rule.chip && !other && run.chip) || rule.row;
      const { technology, source, ends } = rows[row] ?? {}, reads = (rule.of ?? []).filter(has);
      const free = reads.filter(name => inputs[name].neutral !== null);
      if (row) return { value: ends[1], origin, row, reads,
        why: `${[technology, rule.why].filter(Boolean).join(", ")} (${source})` };
      return { value: rule.at ? number(rule) : rule.value, origin,
        why: rule.why || rule.texts[free.join()], reads: [...reads, ...rule.needs] };
    };
    const next = name => !has(name) && inputs[name].rules.some(rule =>
      (!rule.when || holds.has(rule.when)) && rule.asks.every(has) && (known[name] = apply(rule)));
    while (names.some(next));
    const limited = (name, fine, ...allowed) =>
      fine || refuse(name, lim.general(value(name)), tell(...allowed));
    const atMost = (name, most, because = "") => limited(name, !(value(name) > value(most)),
      "at most", { most, limit: value(most), because });
    for (const name of table.countable)
      if (has(name)) limited(name, isFinite(value(name)), "countable", known[name]);
    if (has("spins")) limited("model_size", value("model_size") === value("spins"), "spins");
    for (const pair of entries(table.atMost)) atMost(...pair);
    for (const [name, [factor, last]] of entries(table.products))
      limited(last,
        !(Math.abs(value(factor) * value(last) - value(name)) > 0.01 * Math.abs(value(name))),
        "product", { name, factor, ratio: value(name) / value(factor) });

    const belongs = key => there.includes(key) && (!onlyIf[key] || onlyIf[key].some(told));
    const said = (name, each = known[name]) => {
      const { unit } = inputs[name], origin = each.why ? tell("why", each) : each.origin;
      return tell("said", { name, value: each.value, unit: unit === "1" ? "" : ` ${unit}`, origin });
    };
    const needs = missing => {
      const choices = new Map();
      const look = (name, ...seen) => {
        const choice = tellers[name] ?? [name], asks = tellers[name] ? [] : inputs[name].rules[0]?.asks ?? [];
        const unmet = asks.filter(each => !has(each) && each !== name && !seen.includes(each));
        if (!unmet.length) choices.set(choice.join(), choice);
        for (const each of unmet) look(each, name, ...seen);
      };
      for (const name of missing) look(name);
      const lists = [...choices.values()], fewest = lists.filter(list => !lists.some(less =>
        less.length < list.length && less.every(each => list.includes(each))));
      return tell("needs", { names: fewest.map(either).join("; ") });
    };
    const lines = [], uses = new Set([counted[1]]);
    const add = (rung, { title, kind, prices = "" }, remark, ends, assumes = "") => {
      const [low, joules, high] = ends ?? [NaN, NaN, NaN];
      lines.push({ rung, title, kind, prices, low, joules, high, assumes, remark });
    };

    // The rungs.
    const advice = (key, mine, times) => {
      if (mine.hops) {
        const commands = value("operations"), size = value("model_size");
        const way = value("transport") * (has("episodes") ? value("episodes") : 1) / size;
        return known.hops.origin !== "assumed" || value("hops") === commands ? ""
          : tell("few commands", { each: commands / size, way });
      }
      if (key === "landauer" && goesOn && !has("known_bits"))
        return tell("give known_bits", { when: goesOn });
      if (key === "landauer" && task === "machine" && times !== 1) return tell("any spins");
      return key === "memory_access" && task === "inference" && known.reuse.origin === "assumed"
        ? tell("give reuse", known.reuse) : "";
    };
    const price = ({ of, key, title, swaps, times: often }) => {
      const rung = { ...table.rungs[of], title }, mine = {};
      for (const name of rung.accepted) if (has(name)) mine[name] = known[name];
      for (const swap of swaps) {
        const { name, of, reads, why } = swap;
        if (of.every(each => mine[each] ?? has(each)))
          mine[name] = { value: number(swap, mine), origin: "follows", why,
            reads: [...of, ...reads, ...mine[name]?.reads ?? []].filter(has) };
      }
      const missing = rung.required.filter(name => !mine[name]), used = entries(mine);
      if (missing.length) return add(key, rung, needs(missing));
      const times = has(often) ? value(often) : 1;
      const { value: joules, refusal, warnings } = judge(rung.formula,
        fromEntries(used.map(([name, each]) => [name, each.value])));
      const remark = refusal || joined(warnings.map(text => text.slice(text.indexOf(":") + 2)));
      if (isNaN(joules) && used.some(([name]) =>
        table.refused.includes(name) && known[name]?.origin === "given")) fail(remark);
      const assumes = used.map(([name, each]) => said(name, each));
      if (times !== 1) assumes.push(tell("paid", { times }));
      if (rung.prices === "solution" && mine.bits && !has("known_bits"))
        assumes.push(tell(times === 1 ? "nothing known" : "each time"));
      for (const [name, { reads }] of used) for (const each of [name, ...reads]) uses.add(each);
      add(key, rung, remark || advice(key, mine, times), Array(3).fill(joules * times),
        joined(assumes));
    };
    if (belongs("reading")) lines.push({ rung: "reading", ...table.reading });
    for (const place of places)
      if (belongs(place.of) && (!place.given || has(place.given)) && !has(place.lacking)) price(place);
    const landauer = lines.find(({ rung }) => rung === "landauer").joules;

    // The lines that are no rungs.
    const sums = line => {
      const { key, instead } = line, mine = key === "own_device";
      if (instead && !has(line.tells.at(-1)) && told(instead.tells.at(-1))) line = instead;
      const writes = mine && value("operations") / value("model_size");
      const worn = writes > value("endurance") && tell("worn", { writes, survives: value("endurance") });
      const missing = line.needs.filter(name => !has(name)), { row: priced, origin } = known.operation_energy;
      if (mine) uses.add("endurance");
      if (missing.length) return add(key, line, joined([needs(missing), worn]));
      const own = line.calculates && origin !== "given";
      const row = own ? table.widths[value("bits")] : priced;
      if (own && !row) {
        uses.add("bits");
        const widths = keys(table.widths).join(", ");
        return add(key, line, tell("width", { widths }), undefined, said("bits"));
      }
      if (line.tells.includes("reuse")) atMost("reuse", "batch", tell("fetched"));
      const from = name => name === "operation_energy" ? row : known[name]?.row;
      let ends = [0, 1, 2].map(end => number(line, fromEntries(line.of.filter(from).map(name =>
        [name, { value: rows[from(name)].ends[end] }]))));
      let assumes = joined([...line.tells.filter(has).map(name => said(name)),
        line.calculates && (own ? tell("7 nm") : said("operation_energy"))]);
      if (key === "reported" && known.energy.origin === "table")
        [ends, assumes] = [run.energy[0], tell("table", run.energy[1])];
      const against = key === "reported" && ends[1] < landauer ? tell("less")
        : mine && ends[1] > value("energy") ? tell("more") : "";
      for (const name of line.tells) uses.add(name);
      add(key, line, joined([worn, against]), ends, assumes);
    };
    for (const line of table.lines) if (belongs(line.key)) sums(line);
    const [temperature, ambient] = ["temperature", "ambient"].map(value);
    if (belongs("carnot") && (temperature < table.cold
      || (known.ambient.origin === "given" && temperature < ambient))) {
      const warm = heat => {
        const { value: joules, refusal } = judge(table.carnot, { heat, temperature, ambient });
        return refusal ? fail(refusal) : joules;
      };
      add("carnot", { title: table.cooled, kind: "theorem" },
        tell("cold", { temperature, ambient, work: warm(1) - 1 }), Array(3).fill(warm(landauer)),
        tell("of Landauer", { rest: joined([said("temperature"), said("ambient")]) }));
      uses.add("temperature").add("ambient");
    }
    if (task === "training" && run.paper) lines.push({ rung: "paper", ...run.paper });

    // The inputs that a line uses, and what these were had from; and what was told.
    const reached = (some, found = new Set()) => {
      for (const name of some)
        if (has(name) && !found.has(name)) reached(known[name].reads, found.add(name));
      return found;
    };
    const needed = reached(uses), listed = reached([...uses, ...names.filter(told)]);
    const ratio = (a, b) => b ? a / b : NaN, listedValue = name => listed.has(name) ? value(name) : NaN;
    const rungs = lines.map(({ assumes, remark, ...line }) => {
      const { rung, low, joules, high } = line;
      const energy = rung === "paper" ? `${lim.energy(low)} to ${lim.energy(high)}`
        : isFinite(joules) ? lim.energy(joules) : "-";
      return { ...line, energy, over_landauer: ratio(joules, landauer),
        real_over_rung: joules > 0 ? listedValue("energy") / joules : NaN, assumes, remark,
        each: ratio(joules, listedValue(counted[1])) };
    });
    return { workload: own ? null : workload, name: run.name, counting, task, why, rungs, known,
      per: counted[0], inputs: names.filter(name => listed.has(name)).map(quantity => {
        const { value, origin, why } = known[quantity], { unit, meaning } = inputs[quantity];
        return { quantity, value, unit, meaning, origin,
          why: origin === "given" && !needed.has(quantity) ? tell("idle") : why };
      }) };
  };
})(lim);
