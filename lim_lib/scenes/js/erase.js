// A bit erased in the page, in four stages or by hand, with the ledger of each particle.
"use strict";
(lim => {
  const { floor, max, min } = Math;
  const FRAMES = 120, EDGES = lim.series(57, i => i / 4 - 4);
  const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;

  // Barrier and tilt at a stage, between corners of barrier (in even ratios) and share of the tilt.
  lim.knobs = (corners, tilt, stage) => {
    const at = min(floor(stage), corners.length - 2), part = stage - at;
    const [[low, lean], [high, leant]] = corners.slice(at);
    return [low ** (1 - part) * high ** part, tilt * (lean + part * (leant - lean))];
  };

  // Particles from equilibrium in both wells, under knobs that follow the stage.
  lim.erasure = (data, count, duration, knobs, random) => {
    const well = lim.well(data.well), begun = knobs(0), frames = [];
    const draw = lim.drawer(at => Math.exp(-well.energy(at, ...begun)), -3, 3, random);
    const start = Float64Array.from({ length: count }, draw);
    const before = mean(start.map(at => well.energy(at, ...begun)));
    const cells = lim.langevin(well, start.slice(), random, ...begun), { x, work, heat } = cells;
    const run = {
      x, work, heat, well, frames, stage: 0,
      advance(end) {
        while (run.stage < end - 1e-9) {
          const part = min(4 / duration * lim.wellStep(...knobs(run.stage)), 0.01,
            end - run.stage);
          cells.turn(...knobs(run.stage + part / 2));
          cells.move(part * duration / 4);
          run.stage += part;
          if (run.stage * FRAMES / 4 >= frames.length) keep();
        }
      },
      // One row for each particle; the books are what the first law leaves over.
      results() {
        cells.turn(...knobs(run.stage));
        const [first, last] = [start, x].map(each => each.slice().sort());
        return Array.from(x, (to, i) => ({
          work: work[i], heat: heat[i], left: +(to < 0), way: (last[i] - first[i]) ** 2,
          weight: to < 0 ? 0 : Math.exp(-work[i]), books: work[i] - heat[i]
            - well.energy(to, ...knobs(run.stage)) + well.energy(start[i], ...begun),
        }));
      },
    };
    const keep = () => {
      const now = knobs(run.stage);
      cells.turn(...now);
      frames.push({ stage: run.stage, now, x: x.slice(), work: mean(work), heat: mean(heat),
        energy: mean(x.map(at => well.energy(at, ...now))) - before });
    };
    keep();
    return run;
  };

  // Means and standard errors over rows, and the least work for the errors made and the way gone.
  lim.ledger = (data, rows, duration) => {
    const all = name => {
      const values = rows.map(row => row[name]), middle = mean(values);
      return [middle, Math.sqrt(mean(values.map(each => (each - middle) ** 2)) / rows.length)];
    };
    const [left] = all("left"), least = lim.compile(data.least, ["left", "way", "duration"]);
    return { work: all("work"), heat: all("heat"), weight: all("weight"), left,
      least: least(max(left, 1e-99), all("way")[0], duration) };
  };

  lim.scene?.("erase", scene => {
    const { data, stage, state } = scene, xs = lim.series(97, i => i / 24 - 2);
    const wells = lim.plot(stage, { height: 240, label: "Particles in a well" });
    const books = lim.plot(stage, { height: 180, label: "Mean work and heat" });
    const works = lim.plot(stage, { height: 180, label: "Work of the runs" });
    const canvas = wells.canvas(), atRest = data.corners[0], hand = () => state.mode === "hand";
    const settings = ({ mode, duration, tilt, particles }) => [mode, duration, tilt, particles] + "";
    let run, rows, told, asked, viewed, rest, first, turn, moved;
    // By hand, the knobs go in each frame from where they were to where the handles are.
    const goal = () => [state.barrier, 2 * state.lift];
    const byHand = at => turn.from.map((from, i) => from + (turn.to[i] - from)
      * min((at - turn.start) / (turn.end - turn.start), 1));
    const begin = () => {
      rest = 0;
      moved = false;
      turn = { from: atRest, to: goal(), start: 0, end: 1 };
      run = lim.erasure(data, state.particles, state.duration,
        hand() ? byHand : at => lim.knobs(data.corners, state.tilt, at), scene.random);
    };
    const afresh = () => {
      rows = [];
      begin();
      result();
    };
    const over = () => !hand() && run.stage > 4 - 1e-9;

    const picture = () => {
      const { frames } = run, away = each => Math.abs(each.stage - state.stage);
      const frame = hand() ? frames.at(-1) : frames.reduce((a, b) => away(b) < away(a) ? b : a);
      const energy = at => run.well.energy(at, ...frame.now);
      wells.line("well", xs, xs.map(energy));
      lim.swarm(wells, canvas, energy, frame.x);
      books.axes({ x: [0, max(4.05, run.stage)], y: [-12, 8], ylabel: "energy (kT)",
        xticks: lim.series(5, i => [i, i]),
        xlabel: hand() ? "quarters of the duration" : "stages done" });
      const line = (key, from, how) => books.line(`${key} ${how.ghost}`,
        from.map(each => each.stage), from.map(each => each[key]), how);
      [["work", "orange"], ["heat", "blue"], ["energy", "ink"]].forEach(([key, tone], row) => {
        if (row < 2) {
          line(key, asked === settings(scene.start) ? [] : first ?? [], { tone, ghost: true });
          line(key, frames, { tone });
        }
        books.text(key, 0.08, -6.2 - 2.4 * row,
          `${["", "= ", "+ "][row]}${key} ${lim.fixed(frame[key], 2)} kT`, { tone });
      });
      books.rule("zero", { y: 0 });
      if (hand()) {
        books.drop("now");
        wells.handle("top", { x: 0, y: state.barrier, control: "barrier", scene });
        wells.handle("lift", { x: -1, y: state.lift, control: "lift", scene });
      } else {
        ["top", "lift"].forEach(wells.drop);
        books.handle("now", { x: frame.stage, y: 0, axis: "x", control: "stage", scene });
      }
    };
    const result = () => {
      const counts = EDGES.slice(1).fill(0);
      for (const { work } of rows) {
        const bin = floor(4 * (work - EDGES[0]));
        if (bin in counts) counts[bin] += 4 / rows.length;
      }
      works.begin();
      works.axes({ x: [-4, 10], y: [0, 2 * max(0.3, ...counts)], xlabel: "work (kT)",
        ylabel: "density" });
      works.bars("works", EDGES, counts, { tone: "orange" });
      works.rule("landauer", { x: Math.LN2 });
      told = rows.length ? lim.ledger(data, rows, run.stage * state.duration / 4) : null;
      if (told) {
        works.rule("least", { x: told.least, tone: "green" });
        Object.entries({ orange: `${rows.length} runs, mean ${lim.withError(told.work)} kT`,
          green: `least in this time ${lim.fixed(told.least, 3)} kT`,
          grey: "Landauer: ln 2 = 0.693 kT",
          ink: `exp(−W/kT), ends right: ${lim.withError(told.weight)}` }).forEach(
          ([tone, text], row) => works.text(tone, 10, works.invert(0, 26 + 17 * row)[1], text,
            { anchor: "end", tone }));
      }
      works.end();
    };
    scene.button("New particles", afresh);
    return {
      draw() {
        if (asked !== settings(state)) {
          asked = settings(state);
          viewed = state.stage;
          wells.axes({ x: [-1.9, 1.9], y: [-17, 36], xlabel: "position (a)", ylabel: "energy (kT)" });
          afresh();
          wells.line("start", xs, xs.map(at => run.well.energy(at, ...atRest)), { ghost: true });
        }
        if (hand()) {
          if (`${turn.to}` !== `${goal()}`) scene.play();
        } else if (state.stage !== viewed) scene.pause();
        viewed = state.stage;
        picture();
      },
      // Eight seconds are the duration, if the machine keeps up.
      step(seconds) {
        const late = performance.now() + 12, end = run.stage + seconds / 2;
        rest -= seconds;
        if (rest > 0 || seconds <= 0 || state.stage !== viewed) return;
        if (over()) begin();
        if (hand()) turn = { from: byHand(run.stage), to: goal(), start: run.stage, end };
        const last = hand() ? end : min(run.stage + seconds / 2, 4);
        while (run.stage < last - 1e-9 && performance.now() < late)
          run.advance(min(run.stage + 2e-3, last));
        if (over()) {
          rows = rows.concat(run.results());
          rest = 1;
          if (asked === settings(scene.start)) first = run.frames;
          result();
        } else if (hand()) {
          const rests = `${byHand(run.stage)}` === `${atRest}`;
          moved ||= !rests;
          rows = moved && rests ? run.results() : [];
          if (told || rows.length) result();
        }
        if (!hand()) state.stage = viewed = run.stage;
        picture();
      },
      restart() { asked = ""; },
      tell() {
        const { work, heat } = run.frames.at(-1), { fixed, number, withError } = lim;
        return told ? lim.filled(data.words.done, {
          runs: `${rows.length}`, work: withError(told.work), least: fixed(told.least, 3),
          left: number(100 * told.left, 2), weight: withError(told.weight),
        }) : lim.filled(data.words[hand() ? "by_hand" : "going"], {
          stage: fixed(run.stage, 1), time: number(run.stage * state.duration / 4, 2),
          work: fixed(work, 2), heat: fixed(heat, 2),
        });
      },
    };
  });
})(lim);
