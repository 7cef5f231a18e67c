// The marble: many cells that hop over a barrier which the reader raises, and how long they wait.
"use strict";
(lim => {
  const { exp, floor, max, min, round } = Math;
  const BINS = 20, WIDTH = 0.25; // of the histogram, in exact means
  const LEAST = 5; // marbles to be seen through a bin before it is drawn

  // Marbles that were at the left bottom last, at rest otherwise, so that the share of them that
  // hops in any time is exact from the beginning: their density is Boltzmann's times the chance of
  // having come from the left, which is that of getting back there first.
  lim.marbles = (data, count, barrier, random) => {
    const well = lim.well(data.well), mean = lim.compile(data.escape, ["barrier"])(barrier);
    const energy = at => well.energy(at, barrier, 0);
    const step = lim.wellStep(barrier), parts = 500, ahead = new Float64Array(parts + 1);
    for (let i = parts; i-- > 0;)
      ahead[i] = ahead[i + 1] + exp(energy((2 * i + 1) / parts - 1) - barrier);
    const draw = lim.drawer(at => exp(-energy(at)) * (at <= -1 ? 1
      : ahead[round((at + 1) / 2 * parts)] / ahead[0]), -3.5, 1, random);
    const cells = lim.langevin(well, Float64Array.from({ length: count }, draw), random, barrier);
    const last = new Float64Array(count).fill(NaN); // when each hopped
    const ended = new Float64Array(BINS), watched = new Float64Array(BINS);
    const book = (wait, watched) => {
      const at = wait / mean / WIDTH;
      for (let bin = 0; bin < min(at, BINS); bin++) watched[bin] += min(at - bin, 1);
      return floor(at);
    };
    const all = {
      ...cells, energy, mean, barrier, count, hops: 0, clock: 0,
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
        const seen = watched.slice();
        last.forEach(start => book(all.clock - start, seen));
        let left = 1;
        return Array.from(seen, (time, bin) => {
          const before = left;
          left *= exp(-ended[bin] / (time || 1));
          return time < LEAST ? NaN : (before - left) / WIDTH;
        });
      },
    };
    const arrive = i => {
      const now = all.clock - step / 2, bin = book(now - last[i], watched);
      if (bin < BINS) ended[bin]++;
      last[i] = now;
      all.hops++;
    };
    return all;
  };

  // A time in the largest unit that it fills, to two digits.
  const lasting = (spans, seconds) => {
    const [size, unit] = spans.find(([least]) => seconds >= least) ?? spans.at(-1);
    const told = lim.number(seconds / size, 2);
    return `${told}\u00a0${unit}${unit.length > 2 && told !== "1" ? "s" : ""}`;
  };

  lim.scene?.("marble", scene => {
    const { data, stage, state } = scene, xs = lim.series(121, i => i / 30 - 2);
    const edges = lim.series(BINS + 1, i => i * WIDTH);
    const wells = lim.plot(stage, { height: 270, label: "Marbles in a double well" });
    const waits = lim.plot(stage, { height: 190, label: "How long they waited" });
    const canvas = wells.canvas();
    let all = null, top = 0, held = false, owed = 0;
    const afresh = () => {
      all = lim.marbles(data, state.marbles, state.barrier, scene.random);
    };
    // While the top is dragged, the axis stays.
    const hold = ({ type }) => {
      held = type === "pointerdown";
      scene.redraw();
    };
    wells.svg.onpointerdown = hold;
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, hold);

    const show = () => {
      lim.swarm(wells, canvas, all.energy, all.x, all.side);
      waits.bars("waits", edges, all.histogram());
      [`${all.hops} hops in ${lim.number(all.clock)} a²/D`,
        `mean wait ${all.hops ? lim.withError(all.waited()) : "?"} a²/D`,
        `exactly ${lim.number(all.mean)} a²/D`].forEach((text, row) =>
        waits.text(row, 5, 1.2, text, { anchor: "end", dy: 14 + 18 * row }));
    };
    return {
      draw({ barrier, marbles }, ghost) {
        if (all.barrier !== barrier || all.count !== marbles) afresh();
        if (!held) top = max(8, 1.6 * barrier);
        wells.axes({ x: [-1.9, 1.9], y: [0, top], xlabel: "position (a)", ylabel: "energy (kT)" });
        waits.axes({ x: [0, 5], y: [0, 1.2], xlabel: "wait (exact means)", ylabel: "density" });
        const heights = xs.map(all.energy), scale = ghost?.barrier / barrier;
        wells.line("start", xs, heights.map(height => scale * height), { ghost: true });
        wells.line("well", xs, heights);
        waits.line("law", edges, edges.map(wait => exp(-wait)));
        wells.handle("top", { x: 0, y: barrier, control: "barrier", scene });
        show();
      },
      // What a frame has no time for is left out: the clock tells what was computed.
      step(seconds) {
        const late = performance.now() + 12, part = max(0.005, 20 / all.count);
        for (owed += seconds * state.pace; owed > part; owed -= part) {
          all.advance(part);
          if (performance.now() > late) owed = 0;
        }
        show();
      },
      restart: afresh,
      tell({ pace }) {
        const { hops, mean, count, barrier } = all, { words, spans, rate } = data;
        const real = mean / rate, due = mean / count / pace, values = {
          barrier, mean, hops: `${hops}`, count: `${count}`, slower: rate / pace,
          real: lasting(spans, real), due: lasting(spans, due),
          waited: hops && lim.withError(all.waited()),
        };
        return lim.filled(lim.filled(words.all, {
          ...values, seen: hops ? words.seen : words.none,
          patience: real > 60 ? words.patience : "", next: due > 20 ? words.next : "",
        }), values);
      },
    };
  });
})(lim);
