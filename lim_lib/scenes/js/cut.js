// A graph being cut: machines of spins with heat-bath rates, their ledger, and two drawn knobs.
"use strict";
(lim => {
  const { clz32, exp, floor, min } = Math;
  // A graph from its weighted edges: for each vertex its neighbours and their weights.
  const graphOf = (size, edges) => {
    const graph = lim.series(size, () => ({ to: [], by: [] }));
    for (const [i, j, weight] of edges)
      for (const [from, to] of [[i, j], [j, i]]) {
        graph[from].to.push(to);
        graph[from].by.push(weight);
      }
    return graph;
  };
  // What a flip of spin i adds to H = -cut.
  const added = ({ to, by }, spins, i) => {
    let field = 0;
    for (let k = 0; k < to.length; k++) field += by[k] * spins[to[k]];
    return -spins[i] * field;
  };

  // The heaviest cut and how many partitions have it: all, each one flip away from the last.
  const enumerated = graph => {
    const spins = new Int8Array(graph.length).fill(1);
    let energy = 0, best = 0, count = 2;
    for (let turn = 1; turn < 2 ** (graph.length - 1); turn++) {
      const i = 31 - clz32(turn & -turn);
      energy += added(graph[i], spins, i);
      spins[i] = -spins[i];
      if (energy < best - 1e-9) [best, count] = [energy, 0];
      if (energy < best + 1e-9) count += 2;
    }
    return { best: -best, count };
  };

  // A machine at random. Heat (into the bath), work and scales are in kT.
  const machine = (graph, random, scale = 0) => {
    const spins = new Int8Array(graph.length).fill(1);
    let energy = 0;
    graph.forEach((near, i) => {
      if (random.uniform() < 0.5) return;
      energy += added(near, spins, i);
      spins[i] = -1;
    });
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
      const i = random.below(size), change = added(graph[i], spins, i);
      if (random.uniform() * (1 + exp(scale * change)) >= 1) continue;
      spins[i] = -spins[i];
      one.energy += change;
      one.heat -= scale * change;
      one.hops++;
      one.flipped[i] = step;
    }
  };

  const columns = (rows, ...which) => which.map(i => rows.map(row => row[i]));

  lim.cut = { graphOf, enumerated, machine, turned, advanced };

  // Control steps are even in the logarithm of age: hundredths of a decade from 10 ns.
  const STEP = 0.01, LAST = 600, PER_FRAME = 6000, HIGH = 232;
  const ageOf = step => 10 ** (step * STEP - 8);
  lim.scene?.("cut", scene => {
    const { data: { graphs, machines, attempts, presets, words }, stage } = scene;
    const curves = lim.drawn(scene), grey = { tone: "grey", ghost: true, dash: "", width: 1 };
    const value = (letter, step) => lim.between(curves.read(scene.state, letter), step * STEP);
    const rate = step => attempts * exp(-value("b", step));
    const again = () => {
      scene.restart();
      scene.play();
    };
    for (const name in presets) curves.button(name, () => presets[name], again);
    scene.button("new start", () => {
      scene.move("seed", scene.state.seed % 999 + 1);
      again();
    });

    const plane = lim.plot(stage, { height: HIGH, left: 0, right: 0, top: 0, bottom: 0, label: "graph" });
    const wide = plane.svg.viewBox.baseVal.width, part = 0.55 * wide;
    plane.axes({ x: [0, wide], y: [HIGH, 0], xticks: [], yticks: [] });
    plane.svg.firstChild.replaceChildren();
    plane.svg.tabIndex = 0;
    const ages = lim.series(7, i => ageOf(i / STEP));
    const xticks = [0, 2, 4, 6].map(i => [ages[i], lim.energy(ages[i]).replace("J", "s")]);
    const [scales, walls, cuts, heats] = ["λ (kT)", "barrier (kT)", "edges cut", "heat (kT)"].map(ylabel => {
      const plot = lim.plot(stage, { height: 116, bottom: 24, right: 26, label: `${ylabel} against age` });
      return { ...plot, within: y =>
        plot.axes({ x: [ages[0], ages[6]], xscale: "log", xticks, y, ylabel }) };
    });
    scales.within([-1.5, 13]);
    walls.within([-3, 26]);

    let key, was, marked = -1, given, edges, graph, best, price, all, step, left, carry, course;
    const mean = of => all.reduce((sum, one) => sum + of(one), 0) / machines;
    const record = () => course.push([ageOf(step), mean(one => one.heat), ...all.map(one => -one.energy)]);
    const change = state => {
      given = graphs[state.graph];
      edges = given.edges.filter((_, k) => given.best || floor(state.edges / 2 ** k) % 2);
      graph = graphOf(given.at.length, edges);
      best = given.best ? { best: given.best, count: 1 } : enumerated(graph);
      price = graph.length * Math.LN2 - Math.log(best.count);
      scene.restart();
    };
    // Steps, each in portions for which a frame has time.
    const forward = decades => {
      carry = min(carry + decades, 0.1);
      let spend = PER_FRAME / graph.length / machines;
      while (spend > 0 && (left > 0 || (carry >= STEP && step < LAST))) {
        if (left <= 0) {
          carry -= STEP;
          left = rate(step + 0.5) * (ageOf(step + 1) - ageOf(step));
          for (const one of all) turned(one, value("l", step + 0.5));
          step++;
        }
        const hops = min(left, spend);
        for (const one of all) advanced(one, graph, hops, scene.random, step);
        [left, spend] = [left - hops, spend - hops];
        if (left <= 0 && step % 5 === 0) record();
      }
      if (step === LAST && left <= 0) scene.pause();
    };

    const vertices = (name, { spins }, size, spot) => [1, -1].forEach(side => {
      const on = given.at.filter((_, i) => spins[i] === side).map(spot);
      plane.points(name + side, ...columns(on, 0, 1), { tone: side > 0 ? "blue" : "orange", size });
    });
    const show = () => {
      const shown = all[scene.state.machine - 1], size = graph.length > 30 ? 4 : 6;
      const spot = ([x, y]) => [x * part, y * HIGH];
      const lines = (name, some, look) => {
        const ends = some.flatMap(([i, j]) => [spot(given.at[i]), spot(given.at[j]), [0, NaN]]);
        plane.line(name, ...columns(ends, 0, 1), look);
      };
      const isCut = ([i, j]) => shown.spins[i] !== shown.spins[j];
      plane.begin();
      lines("all", given.edges, grey);
      lines("kept", edges.filter(edge => !isCut(edge)), { tone: "grey", dash: "4 4" });
      lines("cut", edges.filter(isCut));
      lines("marked", given.edges.slice(marked, marked + 1), { tone: "green", width: 5, ghost: true });
      vertices("", shown, size, spot);
      all.forEach((one, m) => {
        const x = part + (wide - part) * (m % 3 + 0.15) / 3, y = HIGH * floor(m / 3) / 4;
        vertices(`${m} `, one, size / 3, at => [x + 0.2 * part * at[0], y + HIGH * at[1] / 6]);
        plane.text(m, x + 0.1 * part, y + 53, lim.number(-one.energy),
          { anchor: "middle", tone: one === shown ? "ink" : "grey" });
      });
      plane.end();
      cuts.within([0.4 * edges.length, 1.1 * best.best + 1]);
      cuts.rule("best", { y: best.best, label: `best ${best.best}` });
      all.forEach((_, m) => cuts.line(m, ...columns(course, 0, m + 2), grey));
      cuts.line("shown", ...columns(course, 0, scene.state.machine + 1), { tone: "blue" });
      heats.within([-price / 2 - 1, 4 * price + 1]);
      heats.rule("price", { y: price, label: `${given.best ? "N ln 2" : "a best cut"}: ${lim.number(price)} kT` });
      heats.line("heat", ...columns(course, 0, 1), { tone: "orange" });
    };
    const toggle = () => given.best || scene.move("edges",
      scene.state.edges + (edges.includes(given.edges[marked]) ? -1 : 1) * 2 ** marked);
    plane.svg.onclick = event => {
      const at = plane.place(event), gaps = given.edges.map(([i, j]) =>
        Math.hypot(...[part, HIGH].map((size, k) => (given.at[i][k] + given.at[j][k]) * size / 2 - at[k])));
      marked = gaps.indexOf(min(...gaps));
      if (gaps[marked] < 20) toggle();
    };
    plane.svg.onkeydown = event => {
      const count = given.edges.length, by = { ArrowRight: 1, ArrowLeft: -1, Enter: 0 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      marked = (Math.max(marked, 0) + by + count) % count;
      if (by) show();
      else toggle();
    };
    return {
      draw(state, first) {
        const drawn = ["l", "b"].flatMap(letter => curves.read(state, letter)).join();
        if (key !== (key = state.graph + state.edges)) {
          change(state);
          if (was) scene.play();
        } else if (was !== drawn && step === LAST) again();  // a new try
        was = drawn;
        for (const [plot, letter, tone] of [[scales, "l", "orange"], [walls, "b", "blue"]]) {
          plot.begin();
          curves.show(plot, letter, ages, tone, [["start", first && curves.read(first, letter), "grey"]]);
          plot.end();
        }
        show();
      },
      step(seconds) {
        if (step === LAST && left <= 0) scene.restart();
        forward(0.6 * seconds);
        show();
      },
      restart() {
        if (!graph) return;
        all = lim.series(machines, () => machine(graph, scene.random, value("l", 0)));
        [step, left, carry, course] = [0, rate(0) * ageOf(0), 0, []];
        record();
      },
      tell(state) {
        const heat = mean(one => one.heat);
        return lim.filled(words, {
          age: lim.energy(ageOf(step)).replace("J", "s"), scale: value("l", step),
          barrier: value("b", step), machine: state.machine, machines, best: best.best, heat,
          cut: -all[state.machine - 1].energy,
          solved: all.filter(one => -one.energy === best.best).length,
          error: +Math.sqrt(mean(one => (one.heat - heat) ** 2) / (machines - 1)).toPrecision(2),
          frozen: 100 * mean(one => one.flipped.filter(at => step - at > 100).length) / graph.length,
        });
      },
    };
  });
})(lim);
