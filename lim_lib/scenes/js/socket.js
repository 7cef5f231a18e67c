// The way to the wall socket: a knob in the range of each factor, and what it does to the total.
"use strict";
(lim => {
  // The energy of each stage, and their sum, from the values of the factors.
  lim.socket = ({ energies, names, given }) => {
    const stages = Object.entries(energies).map(([name, text]) => [name, lim.compile(text, names)]);
    return factors => {
      const values = names.map(name => factors[name] ?? given[name]), found = { total: 0 };
      for (const [name, energy] of stages) found.total += found[name] = energy(...values);
      return found;
    };
  };

  // Where an energy that rises, or falls, with a factor has a value: halved on a log scale.
  lim.halved = (energy, wanted, { low, high }) => {
    const falls = energy(high) < energy(low);
    for (let halving = 0; halving < 60; halving++) {
      const middle = Math.sqrt(low) * Math.sqrt(high);
      if ((energy(middle) > wanted) === falls) low = middle;
      else high = middle;
    }
    return low;
  };

  const LEAST = 1e-12, WIDEST = 6;
  const POWERS = [-12, -6, 0, 6, 12].map(n => [10 ** n, lim.number(10 ** n)]);
  lim.scene?.("socket", scene => {
    const { data: { rows, ranges }, controls, stage, root, start } = scene;
    const run = lim.socket(scene.data), assumed = run(start), all = rows.length;
    const moved = (factor, value) => run({ ...scene.state, [factor]: value });
    const picture = (count, space, label) =>
      lim.plot(stage, { height: space * count + 72, left: 172, top: 24, label });
    const chain = picture(all, 32, "energy of each stage, with its range");
    const tornado = picture(WIDEST, 26, "what each factor alone does to the total");
    const bar = (plot, name, ends, y, tone) =>
      plot.band(name, ends, [y - 0.34, y - 0.34], [y + 0.34, y + 0.34], { tone });
    chain.axes({ x: [LEAST, 1e15], y: [0, all], xscale: "log", xticks: POWERS,
      xlabel: "energy of the stage (J)", yticks: rows.map(([label], i) => [all - i - 0.5, label]) });
    for (const [end, which] of ["best", "worst"].entries())
      scene.button(`All to ${which}`, () => {
        for (const name in ranges) scene.move(name, ranges[name][end]);
      });

    const numbers = root.querySelector(".lim-rows"), fold = lim.make("details");
    lim.make("summary", fold, "Type your own numbers");
    numbers.before(fold);
    fold.append(numbers);

    let now = assumed, levers = [];
    return {
      draw(state, before) {
        now = run(state);
        levers = Object.entries(ranges)
          .map(([name, ends]) => [controls[name].label, ends.map(end => moved(name, end).total)])
          .sort(([, a], [, b]) => b[1] / b[0] - a[1] / a[0]);
        const place = i => WIDEST - i - 0.5, widest = levers.slice(0, WIDEST);
        tornado.axes({ x: [1e8, 1e15], y: [0, WIDEST], xscale: "log",
          yticks: widest.map(([label], i) => [place(i), label]),
          xlabel: "total, by one factor alone (J)" });
        for (const plot of [chain, tornado]) {
          plot.begin();
          if (before) plot.rule("start", { x: assumed.total });
          plot.line("total", [now.total, now.total], [0, all], { dash: "none" });
        }
        chain.text("at the socket", now.total, all, `at the socket ${lim.energy(now.total)}`,
          { anchor: "end", dx: 12, dy: -8 });
        widest.forEach(([label, ends], i) => bar(tornado, label, ends, place(i), "ink"));
        rows.forEach(([label, part, factor, tone], i) => {
          const shown = energies => Math.max(energies[part], LEAST);
          const x = shown(now), y = all - i - 0.5;
          chain.line(`stem ${label}`, [LEAST, x], [y, y], { tone, dash: "none", width: 1 });
          if (!factor) return chain.points(label, [x], [y], { tone, size: 5 });
          const ends = ranges[factor].map(end => shown(moved(factor, end)));
          bar(chain, `range of ${label}`, ends, y, tone);
          if (before)
            chain.points(`start of ${label}`, [shown(assumed)], [y], { tone, size: 7, ghost: true });
          chain.handle(label, { x, y, axis: "x", control: factor, scene, tone, read: energy =>
            lim.halved(value => moved(factor, value)[part], energy, controls[factor]) });
        });
        chain.end();
        tornado.end();
      },
      tell() {
        const [label, [least]] = levers.reduce((a, b) => a[1][0] <= b[1][0] ? a : b);
        const times = lim.number(now.total / assumed.total), more = least < now.total * 0.999;
        return `At the socket ${lim.energy(now.total)}`
          + (scene.changed ? `, ${times} times what was assumed. ` : ". ")
          + (more ? `The ${label} could take most off: alone down to ${lim.energy(least)}.`
            : "No factor could take off more.");
      },
    };
  });
})(lim);
