// Beat the matched barrier: curves of barrier and tilt are drawn, and stand where a promise is kept.
"use strict";
(lim => {
  const { SQRT1_2, abs, exp, expm1, log, min } = Math;
  const STEPS = 600, GAMMA = 1 - SQRT1_2, STEEPEST = 40;

  // A drawn curve at the ends of all steps, or in their middles.
  const sampled = (values, offset = 0) => Array.from({ length: offset ? STEPS : STEPS + 1 },
    (_, n) => lim.between(values, (n + offset) / STEPS * (values.length - 1)));
  const total = values => values.reduce((sum, value) => sum + value, 0);

  // A weight with a given drift, of variance 1 at first, over a noise D = size exp(-barrier), with
  // the size that leaves 4^-bits after so many convergence times. The barrier is straight between
  // its knots, so what noise adds is exact; the heat, s/D - 1 a second, is Simpson's sum.
  const driven = ({ times, bits }, barrier) => {
    const h = times / STEPS, decay = exp(-2 * h), heights = sampled(barrier), noise = [0];
    for (let n = 1; n <= STEPS; n++) {
      const fall = heights[n] - heights[n - 1] - 2 * h;
      const mean = fall ? expm1(fall) / fall : 1;
      noise.push(noise[n - 1] * decay + 2 * h * exp(-heights[n]) * mean);
    }
    const size = (4 ** -bits - exp(-2 * times)) / noise[STEPS];
    const simpson = terms =>
      total(terms.map((term, n) => term * (n % STEPS ? 2 + 2 * (n % 2) : 1))) * h / 3;
    const stiffness = heights.map(height => exp(height) / size);
    return {
      heat: simpson(stiffness.map((k, n) => k * (decay ** n + size * noise[n]))) - times,
      hops: simpson(stiffness.map(k => 1 / k)), size, tilts: stiffness,
    };
  };

  // A cell on a ladder, uniform at first and tilted towards the middle level: heat and error after
  // steps of given hop budgets at given tilts (kT a level). Levels on both sides count together,
  // by their distance. Each step is solved by an implicit rule of second order.
  const settled = (levels, budgets, tilts) => {
    const far = (levels - 1) / 2, p = new Float64Array(far + 1).fill(2 / levels);
    const half = p.slice(), ratio = p.slice();
    p[0] /= 2;
    let heat = 0, before = levels / 4 - 1 / (4 * levels);  // the mean distance
    for (let n = 0; n < budgets.length; n++) {
      const inward = GAMMA * budgets[n] * exp(tilts[n] / 2);
      const outward = GAMMA * budgets[n] * exp(-tilts[n] / 2);
      for (const stage of [0, 1]) {
        const to = stage ? p : half;
        let leaving = 0, below = 0;
        for (let d = 0; d <= far; d++) {
          const leaves = d === far ? 0 : d ? outward : 2 * outward;
          const pivot = 1 + leaves + (d ? inward - leaving * ratio[d - 1] : 0);
          const right = stage ? p[d] + (half[d] - p[d]) * (1 / GAMMA - 1) : p[d];
          ratio[d] = inward / pivot;
          to[d] = below = (right + leaving * below) / pivot;
          leaving = leaves;
        }
        for (let d = far - 1; d >= 0; d--) to[d] += ratio[d] * to[d + 1];
      }
      let now = 0;
      for (let d = 1; d <= far; d++) now += d * p[d];
      heat += tilts[n] * (before - now);
      before = now;
    }
    return { heat, error: 1 - p[0] };
  };

  // The same for drawn curves: hops in all as given, or as the barrier lets pass if its lowest
  // allows so many a second; and with the size of the tilt at which the error is as asked for.
  const written = ({ levels, error, budget, rate, duration }, barrier, tilt) => {
    const open = sampled(barrier, 0.5).map(height => exp(-height) * duration / STEPS);
    const factor = rate ?? budget / total(open), shape = sampled(tilt, 0.5);
    const budgets = open.map(each => each * factor), hops = total(budgets);
    let last = 0, was = log((levels - 1) / levels / error), size = 5;
    for (let turn = 0; turn < 40; turn++) {
      const tilts = shape.map(each => size * each), run = settled(levels, budgets, tilts);
      const miss = log(run.error / error);
      if (abs(miss) < 1e-8) return { ...run, hops, size, tilts };
      const next = size - miss * (size - last) / (miss - was);
      [last, was] = [size, miss];
      size = next > 0.1 && next < STEEPEST ? next : (size + (next > 1 ? STEEPEST : 0.1)) / 2;
    }
    return { heat: NaN, hops, size, tilts: shape };
  };

  lim.barrier = { driven, settled, written };

  lim.scene?.("barrier", scene => {
    const { data: { conditions, times, words, hopeless }, stage } = scene, best = {}, matched = {};
    const curves = lim.drawn(scene);
    const solve = (name, { b, x }) =>
      (conditions[name].times ? driven : written)(conditions[name], b, x);
    for (const name in conditions) matched[name] = solve(name, conditions[name].curves.matched).heat;
    for (const name in conditions.drift.curves)
      curves.button(name, () => conditions[scene.state.held].curves[name]);
    const mine = curves.button("your best", () => best[scene.state.held].drawn);

    const upper = lim.plot(stage, { height: 200, bottom: 24, label: "barrier against time" });
    const lower = lim.plot(stage, { height: 160, label: "tilt against time" });
    const line = lim.plot(stage, { height: 128, left: 14, label: "heat" });
    const axes = { x: [0, times.at(-1)], y: [-1.2, 12], ylabel: "barrier + constant (kT)" };
    upper.axes(axes);
    line.axes({ x: [2, 300], y: [0, 5], xscale: "log", yticks: [], xlabel: "heat (kT)" });
    const place = (name, heat, row, tone) => {
      const at = min(heat, 300), end = at > 90;
      line.points(name, [at], [row - 0.5], { tone, size: 5 });
      line.text(`${name} in words`, at, row - 0.5, `${name} ${lim.number(heat)}`,
        { tone, anchor: end ? "end" : "start", dx: end ? -10 : 10, dy: 4 });
    };
    let found = null;
    return {
      draw(state, start) {
        const { held } = state, { landauer, bound, name, curves: known } = conditions[held];
        const drawn = { b: curves.read(state, "b"), x: curves.read(state, "x") }, text = JSON.stringify(drawn);
        found = solve(held, drawn);
        if (found.heat < (best[held]?.heat ?? Infinity)
          && !Object.values(known).some(each => JSON.stringify(each) === text))
          best[held] = { heat: found.heat, drawn };
        mine.disabled = !best[held];
        for (const plot of [upper, lower, line]) plot.begin();
        line.band("closed", [2, bound], [0, 0], [5, 5], { tone: "green" });
        place("Landauer", landauer, 5, "grey");
        place(name, bound, 4, "green");
        place("matched", matched[held], 3, "purple");
        if (best[held]) place("your best", best[held].heat, 2, "orange");
        if (found.heat > 0) place("yours", found.heat, 1, "blue");
        const show = (plot, letter, tone) => curves.show(plot, letter, times, tone, [
          ["start", start && curves.read(start, letter), "grey"],
          ["best", best[held]?.drawn[letter], "orange"],
        ]);
        show(upper, "b", "blue");
        const below = { ...axes, xlabel: "time (s)" };
        if (held === "drift") {
          lower.axes({ ...below, y: [0.1, 1e5], yscale: "log", ylabel: "spring (kT)" });
          lower.line("spring", found.tilts.map((_, n) => axes.x[1] * n / STEPS), found.tilts, { tone: "purple" });
        } else {
          lower.axes({ ...below, y: [-0.13, 1.1], ylabel: "tilt over its largest" });
          show(lower, "x", "purple");
        }
        for (const plot of [upper, lower, line]) plot.end();
      },
      tell({ held, b0 }) {
        const { heat, hops, size } = found, given = conditions[held];
        return lim.filled(heat > 0 ? words : hopeless, {
          ...given, heat, times: heat / given.bound, share: heat / matched[held], matched: matched[held],
          hops: hops * given.cells, first: given.ground - log(size) + b0,
        });
      },
    };
  });
})(globalThis.lim ??= {});
