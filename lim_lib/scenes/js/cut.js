// A graph being cut: machines of spins with heat-bath rates, their ledger, and two drawn knobs.
"use strict";
(lim => {
  // A graph from its weighted edges: for each vertex its neighbours and their weights.
  const graphOf = (size, edges) => {
    const near = Array.from({ length: size }, () => []);
    for (const [i, j, weight] of edges) {
      near[i].push([j, weight]);
      near[j].push([i, weight]);
    }
    return near.map(all => ({
      to: Int32Array.from(all, ([j]) => j), by: Float64Array.from(all, ([, weight]) => weight),
    }));
  };
  const gain = ({ to, by }, spins, i) => {  // of H = -cut, by a flip of spin i
    let field = 0;
    for (let k = 0; k < to.length; k++) field += by[k] * spins[to[k]];
    return -spins[i] * field;
  };

  // The heaviest cut and how many partitions have it: all, each one flip away from the last.
  const enumerated = graph => {
    const spins = new Int8Array(graph.length).fill(1);
    let energy = 0, best = 0, count = 2;
    for (let turn = 1; turn < 2 ** (graph.length - 1); turn++) {
      const i = 31 - Math.clz32(turn & -turn);
      energy += gain(graph[i], spins, i);
      spins[i] = -spins[i];
      if (energy < best - 1e-9) [best, count] = [energy, 0];
      if (energy < best + 1e-9) count += 2;
    }
    return { best: -best, count };
  };

  // A machine at random. Energy is H = -cut; heat (into the bath) and work are in kT, as are scales.
  const machine = (graph, random, scale = 0) => {
    const spins = Int8Array.from(graph, () => random.uniform() < 0.5 ? -1 : 1);
    let energy = 0;
    graph.forEach(({ to, by }, i) => to.forEach((j, k) => {
      energy -= by[k] * (1 - spins[i] * spins[j]) / 4;
    }));
    return { spins, energy, scale, heat: 0, work: 0, hops: 0, flipped: new Int32Array(spins.length) };
  };
  // The scale moves, at held spins: work.
  const turned = (one, scale) => {
    one.work += (scale - one.scale) * one.energy;
    one.scale = scale;
  };
  // The spins move, at a held scale: each is tried twice a hop, and flips with probability
  // 1/(1 + exp(scale dH)), which gives -scale dH to the bath.
  const advanced = (one, graph, hops, random, step = 0) => {
    const { spins, scale } = one, size = spins.length;
    let left = 2 * size * hops;
    while ((left -= random.exponential()) > 0) {
      const i = random.below(size), added = gain(graph[i], spins, i);
      if (random.uniform() * (1 + Math.exp(scale * added)) >= 1) continue;
      spins[i] = -spins[i];
      one.energy += added;
      one.heat -= scale * added;
      one.hops++;
      one.flipped[i] = step;
    }
  };

  lim.cut = { graphOf, enumerated, machine, turned, advanced };

  const STEP = 0.01, LAST = 600, PER_FRAME = 25000, HIGH = 232;  // steps in decades from 10 ns
  const ageOf = step => 10 ** (step * STEP - 8);
  lim.scene?.("cut", scene => {
    const { data: { graphs, machines, attempts, presets, words }, stage } = scene;
    const curves = lim.drawn(scene), on = (label, extra = 0) =>
      lim.plot(stage, { height: 110 + extra, bottom: 22 + extra, right: 26, label });
    const value = (letter, step) => lim.between(curves.read(scene.state, letter), step * STEP);
    for (const name in presets) curves.button(name, () => presets[name]);
    scene.button("new start", () => {
      scene.move("seed", scene.state.seed % 999 + 1);
      scene.restart();
      scene.play();
    });

    const plane = lim.plot(stage, { height: HIGH, left: 0, right: 0, top: 0, bottom: 0, label: "graph" });
    const wide = plane.svg.viewBox.baseVal.width, part = 0.55 * wide;
    plane.axes({ x: [0, wide], y: [HIGH, 0], xticks: [], yticks: [] });
    plane.svg.firstChild.replaceChildren();
    plane.svg.tabIndex = 0;
    const plots = { l: on("λ against age"), b: on("barrier against age"), cuts: on("edges cut"),
      heat: on("heat", 20) };
    const ages = [0, 1, 2, 3, 4, 5, 6].map(i => ageOf(i / STEP));
    const axes = { x: [ageOf(0), ageOf(LAST)], xscale: "log",
      xticks: [0, 2, 4, 6].map(i => [ages[i], lim.energy(ages[i]).replace("J", "s")]) };
    plots.l.axes({ ...axes, y: [0, 13], ylabel: "λ (kT)" });
    plots.b.axes({ ...axes, y: [0, 26], ylabel: "barrier (kT)" });

    let key = "", was = "", marked = -1, given, edges, graph, best, price, all, step, left, carry, course;
    const mean = of => all.reduce((sum, one) => sum + of(one), 0) / machines;
    const record = () =>
      course.push([ageOf(step), mean(one => one.heat), ...all.map(one => -one.energy)]);
    const column = i => [course.map(row => row[0]), course.map(row => row[i])];
    const start = () => {
      all = Array.from({ length: machines }, () => machine(graph, scene.random, value("l", 0)));
      [step, left, carry, course] = [0, attempts * Math.exp(-value("b", 0)) * ageOf(0), 0, []];
      record();
    };
    const change = state => {
      given = graphs[state.graph];
      edges = given.edges.filter((_, k) => given.best || Math.floor(state.edges / 2 ** k) % 2);
      graph = graphOf(given.at.length, edges);
      best = given.best ? { best: given.best, count: 2 } : enumerated(graph);
      price = graph.length * Math.LN2 - Math.log(best.count);
      scene.restart();
    };
    // Control steps, each in portions for which a frame has time.
    const forward = decades => {
      carry = Math.min(carry + decades, 0.1);
      let spend = PER_FRAME / graph.length / machines;
      while (spend > 0 && (left > 0 || (carry >= STEP && step < LAST))) {
        if (left <= 0) {
          carry -= STEP;
          left = attempts * Math.exp(-value("b", step + 0.5)) * (ageOf(step + 1) - ageOf(step));
          for (const one of all) turned(one, value("l", step + 0.5));
          step++;
        }
        const hops = Math.min(left, spend);
        for (const one of all) advanced(one, graph, hops, scene.random, step);
        [left, spend] = [left - hops, spend - hops];
        if (left <= 0 && step % 5 === 0) record();
      }
      if (step === LAST && left <= 0) scene.pause();
    };

    // Vertices on their two sides, at a place and a size.
    const vertices = (name, { spins }, size, where) => [1, -1].forEach(side => {
      const on = given.at.filter((_, i) => spins[i] === side).map(where);
      plane.points(name + side, on.map(at => at[0]), on.map(at => at[1]),
        { tone: side > 0 ? "blue" : "orange", size });
    });
    const show = () => {
      const shown = all[scene.state.machine - 1], size = graph.length > 30 ? 4 : 6;
      const spot = ([x, y]) => [x * part, y * HIGH];
      plane.begin();
      for (const [name, look, chosen] of [
        ["taken out", { tone: "grey", ghost: true }, edge => !edges.includes(edge)],
        ["not cut", { tone: "grey", dash: "4 4" }, ([i, j]) => shown.spins[i] === shown.spins[j]],
        ["cut", {}, ([i, j]) => shown.spins[i] !== shown.spins[j]],
        ["marked", { tone: "green", width: 5, ghost: true }, edge => edge === given.edges[marked]],
      ]) {
        const ends = (/t.*k/.test(name) ? given.edges : edges).filter(chosen)
          .flatMap(([i, j]) => [spot(given.at[i]), spot(given.at[j]), [0, NaN]]);
        plane.line(name, ends.map(at => at[0]), ends.map(at => at[1]), look);
      }
      vertices("", shown, size, spot);
      all.forEach((one, m) => {
        const [left, top] = [part + (wide - part) * (m % 3 + 0.15) / 3, HIGH * Math.floor(m / 3) / 4];
        vertices(`${m} `, one, size / 3, ([x, y]) => [left + 0.2 * part * x, top + HIGH * y / 6]);
        plane.text(m, left + 0.1 * part, top + 53, lim.number(-one.energy),
          { anchor: "middle", tone: one === shown ? "ink" : "grey" });
      });
      plane.end();
      const { cuts, heat } = plots;
      cuts.axes({ ...axes, y: [0.4 * edges.length, 1.1 * best.best], ylabel: "edges cut" });
      cuts.rule("best", { y: best.best, label: `best ${best.best}` });
      all.forEach((_, m) => cuts.line(m, ...column(m + 2), { tone: "grey", dash: "", ghost: true, width: 1 }));
      cuts.line("shown", ...column(scene.state.machine + 1), { tone: "blue" });
      heat.axes({ ...axes, y: [-price / 2, 4 * price], ylabel: "heat (kT)", xlabel: "age" });
      heat.rule("price", { y: price, label: `a solution: ${lim.number(price)} kT` });
      heat.line("heat", ...column(1), { tone: "orange" });
    };
    const toggle = k => given.best
      || scene.move("edges", scene.state.edges + (edges.includes(given.edges[k]) ? -1 : 1) * 2 ** k);
    plane.svg.addEventListener("click", event => {
      const at = plane.place(event), gaps = given.edges.map(([i, j]) =>
        Math.hypot(...[part, HIGH].map((size, k) => (given.at[i][k] + given.at[j][k]) * size / 2 - at[k])));
      marked = gaps.indexOf(Math.min(...gaps));
      if (gaps[marked] < 20) toggle(marked);
    });
    plane.svg.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Enter: 0, " ": 0 }[event.key];
      if (step === undefined || given.best) return;
      event.preventDefault();
      marked = (marked + step + given.edges.length) % given.edges.length;
      if (step) show();
      else toggle(marked);
    });
    return {
      draw(state, first) {
        const drawn = ["l", "b"].map(letter => curves.read(state, letter)).join();
        if (key !== (key = `${state.graph} ${state.edges}`)) change(state);
        else if (drawn !== was && step === LAST) {  // a new try
          scene.restart();
          scene.play();
        }
        was = drawn;
        for (const [letter, tone] of [["l", "orange"], ["b", "blue"]]) {
          plots[letter].begin();
          curves.show(plots[letter], letter, ages, tone, [["start", first && curves.read(first, letter), "grey"]]);
          plots[letter].end();
        }
        show();
      },
      step(seconds) {
        if (step === LAST && left <= 0) scene.restart();
        forward(0.6 * seconds);
        show();
      },
      restart() {
        if (graph) start();
      },
      tell(state) {
        const heat = mean(one => one.heat);
        return lim.filled(words, {
          age: lim.energy(ageOf(step)).replace("J", "s"), scale: value("l", step),
          barrier: value("b", step), machine: state.machine, machines, best: best.best, heat,
          cut: -all[state.machine - 1].energy,
          solved: all.filter(one => -one.energy === best.best).length,
          error: Math.sqrt(mean(one => (one.heat - heat) ** 2) / (machines - 1)),
          frozen: 100 * mean(one => one.flipped.filter(at => step - at > 100).length) / graph.length,
        });
      },
    };
  });
})(globalThis.lim ??= {});
