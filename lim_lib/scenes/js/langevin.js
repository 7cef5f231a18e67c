// Overdamped Langevin motion in the double well, with lengths in a, times in a²/D, energies in kT.
// The scheme and the ledger of lim_lib.simulate.diffusion: knobs are turned between steps, which is
// work; a step is one of the stochastic Heun method under fixed knobs, and the energy it loses heat.
"use strict";
(lim => {
  const NAMES = ["position", "barrier", "tilt"];
  lim.well = ({ energy, force }) => ({
    energy: lim.compile(energy, NAMES), force: lim.compile(force, NAMES),
  });

  // Steps whose stiffness times length is 0.16: at most 0.3 % of bias in an escape below 12 kT.
  lim.wellStep = (barrier, tilt = 0) => Math.min(0.005, 0.16 / (8 * barrier + 2 * Math.abs(tilt)));

  // A value and its standard error, to two digits of the error; and with so many places.
  lim.fixed = (value, places) => value.toFixed(places).replace("-", "−");
  lim.withError = ([value, error]) => {
    const places = Math.max(0, 1 - Math.floor(Math.log10(error || 1)));
    return `${lim.fixed(value, places)} ± ${lim.fixed(error, places)}`;
  };

  // A function that draws positions with a given density.
  lim.drawer = (density, low, high, random, parts = 2048) => {
    const sums = new Float64Array(parts + 1), width = (high - low) / parts;
    for (let i = 0; i < parts; i++) sums[i + 1] = sums[i] + density(low + (i + 0.5) * width);
    return () => {
      const wanted = random.uniform() * sums[parts];
      let at = 0, end = parts;
      while (end - at > 1) {
        const middle = (at + end) >> 1;
        if (sums[middle] <= wanted) at = middle;
        else end = middle;
      }
      return low + (at + (wanted - sums[at]) / (sums[end] - sums[at])) * width;
    };
  };

  // Particles on their potential, each at its own height above it, in a tone for each side.
  lim.swarm = (plot, { context, clear }, energy, x, side) => {
    const style = getComputedStyle(plot.svg);
    clear();
    x.forEach((at, i) => {
      const height = plot.y(energy(at)) - 4 - i * 0.618 % 1 * 22;
      context.fillStyle = style.getPropertyValue(side?.[i] > 0 ? "--lim-orange" : "--lim-blue");
      if (height > 12) context.fillRect(plot.x(at) - 1.5, height - 1.5, 3, 3);
    });
  };

  lim.langevin = (well, x, random, barrier, tilt = 0) => {
    const { energy, force } = well, count = x.length;
    const work = new Float64Array(count), heat = new Float64Array(count);
    const side = new Int8Array(count).fill(-1); // the bottom that each was at last
    const reference = Float64Array.from(x, at => energy(at, barrier, tilt));
    return {
      x, work, heat, side,
      // New knobs, or the same to settle the accounts.
      turn(height, lean) {
        for (let i = 0; i < count; i++) {
          const before = energy(x[i], barrier, tilt), after = energy(x[i], height, lean);
          heat[i] += reference[i] - before;
          work[i] += after - before;
          reference[i] = after;
        }
        [barrier, tilt] = [height, lean];
      },
      // One step; tells who arrived at the other bottom, as a Brownian bridge may between its ends.
      move(step, arrived) {
        const size = Math.sqrt(2 * step);
        for (let i = 0; i < count; i++) {
          const from = x[i], kick = size * random.normal(), pull = force(from, barrier, tilt);
          const guess = force(from + step * pull + kick, barrier, tilt);
          const to = x[i] = from + step / 2 * (pull + guess) + kick;
          if (!arrived) continue;
          const left = 1 + side[i] * to, chance = (1 + side[i] * from) * left / step;
          if (left > 0 && (chance > 40 || random.uniform() >= Math.exp(-chance))) continue;
          side[i] = -side[i];
          arrived(i);
        }
      },
    };
  };
})(globalThis.lim ??= {});
