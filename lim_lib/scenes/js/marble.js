// The marble: many cells that hop over a barrier which the reader raises, and how long they wait.
"use strict";
(lim => {
  const BINS = 20, WIDTH = 0.25; // of the histogram, in exact means

  // Marbles that were at the left bottom last, at rest otherwise: so the share of them that hops in
  // any time is exact from the beginning. A density is Boltzmann's times the chance of having come
  // from the left, which is that of getting back there first.
  lim.marbles = (data, count, barrier, random) => {
    const well = lim.well(data.well), mean = lim.compile(data.escape, ["barrier"])(barrier);
    const step = lim.wellStep(barrier), parts = 500, ahead = new Float64Array(parts + 1);
    for (let i = parts; i-- > 0;)
      ahead[i] = ahead[i + 1] + Math.exp(well.energy((2 * i + 1) / parts - 1, barrier, 0) - barrier);
    const draw = lim.drawer(at => Math.exp(-well.energy(at, barrier, 0))
      * (at <= -1 ? 1 : ahead[Math.round((at + 1) / 2 * parts)] / ahead[0]), -3.5, 1, random);
    const cells = lim.langevin(well, Float64Array.from({ length: count }, draw), random, barrier);
    const since = new Float64Array(count).fill(NaN); // its last hop
    const ended = new Float64Array(BINS), watched = new Float64Array(BINS);
    const book = (wait, exposure) => {
      const at = wait / mean / WIDTH, last = Math.min(Math.floor(at), BINS);
      for (let bin = 0; bin < last; bin++) exposure[bin]++;
      if (last < BINS) exposure[last] += at - last;
      return last;
    };
    const all = {
      ...cells, well, mean, barrier, count, hops: 0, clock: 0,
      advance(time) {
        for (const end = all.clock + time - step / 2; all.clock < end;) {
          all.clock += step;
          cells.move(step, arrive);
        }
      },
      // Marbles times time over hops, and its standard error.
      waited: () => [count * all.clock / all.hops, count * all.clock / all.hops ** 1.5],
      // Density of the waits in units of the mean: those not over yet count as long as they last.
      histogram() {
        const exposure = watched.slice();
        for (const start of since) if (start >= 0) book(all.clock - start, exposure);
        let left = 1;
        return Array.from(exposure, (time, bin) => {
          const before = left;
          left *= Math.exp(time > 0 ? -ended[bin] / time : 0);
          return (before - left) / WIDTH;
        });
      },
    };
    const arrive = i => {
      const now = all.clock - step / 2;
      all.hops++;
      if (since[i] >= 0) {
        const bin = book(now - since[i], watched);
        if (bin < BINS) ended[bin]++;
      }
      since[i] = now;
    };
    return all;
  };

  // A time in the largest unit that it fills, of two digits.
  const lasting = (spans, seconds) => {
    const [size, unit] = spans.find(([least]) => seconds >= least) ?? spans.at(-1);
    const told = lim.number(seconds / size, 2);
    return `${told}\u00a0${unit}${unit.length > 2 && told !== "1" ? "s" : ""}`;
  };

  lim.scene?.("marble", scene => {
    const { data, stage, state } = scene, xs = Array.from({ length: 121 }, (_, i) => i / 30 - 2);
    const wells = lim.plot(stage, {
      height: 270, label: "Marbles in a double well; its barrier can be dragged.",
    });
    const waits = lim.plot(stage, { height: 190, label: "How long the marbles waited." });
    const canvas = wells.canvas(), edges = Array.from({ length: BINS + 1 }, (_, i) => i * WIDTH);
    let all = null, top = 8, held = false, owed = 0;
    const hold = on => () => {
      held = on;
      scene.redraw();
    };
    wells.svg.addEventListener("pointerdown", hold(true));
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, hold(false));

    const show = () => {
      const { context } = canvas, style = getComputedStyle(stage);
      canvas.clear();
      for (const [side, tone] of [[-1, "blue"], [1, "orange"]]) {
        context.fillStyle = style.getPropertyValue(`--lim-${tone}`);
        for (let i = 0; i < all.count; i++) {
          const height = wells.y(all.well.energy(all.x[i], all.barrier, 0)) - 3 - i * 0.618 % 1 * 22;
          if (all.side[i] === side && height > 12)
            context.fillRect(wells.x(all.x[i]) - 1.5, height - 1.5, 3, 3);
        }
      }
      waits.bars("waits", edges, all.histogram());
      waits.line("law", edges, edges.map(wait => Math.exp(-wait)), { tone: "ink" });
      [`${all.hops} hops in ${lim.number(all.clock)} a²/D`,
        `mean wait ${all.hops ? lim.withError(all.waited()) : "?"} a²/D`,
        `exactly ${lim.number(all.mean)} a²/D`].forEach((text, row) =>
        waits.text(`row ${row}`, 5, 1.2, text, { anchor: "end", dy: 14 + 18 * row }));
    };
    return {
      draw({ barrier, marbles }, ghost) {
        if (!all || all.barrier !== barrier || all.count !== marbles)
          all = lim.marbles(data, marbles, barrier, scene.random);
        if (!held) top = Math.max(8, 1.6 * barrier);
        wells.axes({ x: [-1.9, 1.9], y: [0, top], xlabel: "position (a)", ylabel: "energy (kT)" });
        waits.axes({ x: [0, 5], y: [0, 1.2], xlabel: "wait (exact means)", ylabel: "density" });
        const height = at => xs.map(x => all.well.energy(x, at, 0));
        if (ghost) wells.line("start", xs, height(ghost.barrier), { ghost: true });
        else wells.drop("start");
        wells.line("well", xs, height(barrier));
        wells.handle("top", { x: 0, y: barrier, control: "barrier", scene });
        show();
      },
      // What a frame has no time for is left out: the clock tells the time that was computed.
      step(seconds) {
        const late = performance.now() + 12;
        owed = Math.min(owed + seconds * state.pace, 1e3);
        const part = Math.max(0.005, 20 / all.count);
        while (owed > part && performance.now() < late) {
          all.advance(part);
          owed -= part;
        }
        if (performance.now() >= late) owed = 0;
        show();
      },
      restart() { all = null; },
      tell({ pace }) {
        const { hops, mean, count, barrier } = all, real = mean / data.rate;
        const due = mean / count / pace;
        const seen = hops ? `${hops} hops of ${count} marbles: each waits `
          + `${lim.withError(all.waited())} a²/D`
          : `no hop of ${count} marbles yet`;
        return `At ${lim.number(barrier)} kT ${seen}; the exact mean is ${lim.number(mean)} a²/D. `
          + `Where D/a² is 1 GHz, that is ${lasting(data.spans, real)}`
          + `${real > 60 ? ": come back then" : ""}. This film is ${lim.number(data.rate / pace)} `
          + `times slower${due > 20 ? `, and its next hop is due in ${lasting(data.spans, due)}` : ""}.`;
      },
    };
  });
})(globalThis.lim ??= {});
