// Curves that a reader draws: handles on knots, each a control named by a letter and its number.
"use strict";
(lim => {
  // The straight line between the values at 0, 1, 2 ...
  lim.between = (values, at) => {
    const i = Math.min(Math.floor(at), values.length - 2);
    return values[i] + (at - i) * (values[i + 1] - values[i]);
  };
  lim.drawn = scene => {
    const read = (state, letter) =>
      Object.keys(scene.start).filter(name => name[0] === letter && name[1] < 10).map(name => state[name]);
    return {
      read,
      // A button that draws curves, a row of values for each letter, and what follows.
      button: (label, curves, then = () => {}) => scene.button(label, () => {
        const changes = Object.entries(curves()).flatMap(([letter, values]) =>
          values.map((value, i) => [letter + i, value]));
        scene.set(Object.fromEntries(changes));
        scene.move(...changes[0]);  // into the address
        then();
      }),
      show(plot, letter, xs, tone, paler = []) {
        const values = read(scene.state, letter);
        for (const [name, its, ghost] of paler)
          if (its) plot.line(name, xs, its, { tone: ghost, ghost: true });
        plot.line(letter, xs, values, { tone, dash: "", width: 2.5 });
        values.forEach((y, i) =>
          plot.handle(letter + i, { x: xs[i], y, control: letter + i, scene, tone }));
      },
    };
  };
})(globalThis.lim ??= {});
