// A picture in SVG: axes, marks by name, handles, a canvas for what moves.
"use strict";
(lim => {
  const { ceil, floor, log, log10, max, min } = Math;
  const NS = "http://www.w3.org/2000/svg";
  const DASHES = {
    orange: "5 2", green: "6 2 1.2 2", purple: "6 1.5 1.2 1.5 1.2 1.5", grey: "1.2 1.8",
  };

  const colour = tone => `var(--lim-${tone})`;
  const set = lim.set = (element, attributes) => {
    for (const name in attributes) element.setAttribute(name, attributes[name]);
  };
  const element = lim.element = (kind, attributes, parent) => {
    const made = document.createElementNS(NS, kind);
    set(made, attributes);
    parent?.append(made);
    return made;
  };

  // Round numbers between two ends, about as many as are wanted.
  const linearTicks = (low, high, wanted) => {
    const rough = (high - low) / wanted, power = 10 ** floor(log10(rough));
    const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough * 0.999);
    const ticks = [];
    for (let i = ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
      ticks.push([i * step, lim.number(i * step)]);
    return ticks;
  };
  const logTicks = (low, high, wanted) => {
    const first = ceil(log10(low) - 1e-9), last = floor(log10(high) + 1e-9);
    const step = max(1, ceil((last - first) / wanted)), ticks = [];
    for (let power = ceil(first / step) * step; power <= last; power += step)
      ticks.push([10 ** power, lim.number(10 ** power)]);
    return ticks;
  };

  // Where a value stands between two ends, as a share of the way; and what stands there.
  const along = lim.along = (value, [low, high], scale) => scale === "log"
    ? log(value / low) / log(high / low) : (value - low) / (high - low);
  const back = lim.back = (part, [low, high], scale) => scale === "log"
    ? low * (high / low) ** part : low + part * (high - low);

  lim.plot = (stage, {
    width = 480, height = 320, left = 62, right = 14, top = 12, bottom = 46, label = "",
  } = {}) => {
    width = min(width, stage.clientWidth || width);  // letters keep their size on a phone
    const inner = [width - left - right, height - top - bottom];
    const svg = element("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, class: "lim-plot", role: "group",
      "aria-label": label,
    });
    const holder = lim.make("div.lim-plot-holder", stage);
    holder.append(svg);
    const frame = element("g", { class: "lim-axes" }, svg);
    const clip = `clip-${lim.plots = (lim.plots ?? 0) + 1}`;
    element("rect", { x: left, y: top, width: inner[0], height: inner[1] },
      element("clipPath", { id: clip }, svg));
    const inside = element("g", { "clip-path": `url(#${clip})` }, svg);
    const over = element("g", {}, svg);
    const marks = new Map();
    let axes = null, named = null;

    const clamp = px => max(-1e4, min(1e4, px));
    const x = value => clamp(left + inner[0] * along(value, axes.x, axes.xscale));
    const y = value => clamp(top + inner[1] * (1 - along(value, axes.y, axes.yscale)));
    const invert = (px, py) => [back((px - left) / inner[0], axes.x, axes.xscale),
      back(1 - (py - top) / inner[1], axes.y, axes.yscale)];
    // Where an event happened, in the plot's own pixels.
    const place = event => {
      const box = svg.getBoundingClientRect();
      return [(event.clientX - box.left) * width / box.width,
        (event.clientY - box.top) * height / box.height];
    };

    const write = (x, y, text, anchor, turned) => {
      element("text", { x, y, fill: colour("ink"), "text-anchor": anchor, ...turned }, frame)
        .textContent = text;
    };
    const draw = given => {
      const next = { xlabel: "", ylabel: "", ...given };
      if (axes && JSON.stringify(next) === JSON.stringify(axes)) return;
      axes = next;
      frame.replaceChildren();
      const low = height - bottom, stroke = colour("ink");
      element("path", {
        d: `M${left} ${top}V${low}H${width - right}`, fill: "none", stroke,
      }, frame);
      const ticks = (name, wanted) => axes[`${name}ticks`]
        ?? (axes[`${name}scale`] === "log" ? logTicks : linearTicks)(...axes[name], wanted);
      for (const [value, text] of ticks("x", 6)) {
        element("path", { d: `M${x(value)} ${low}v5`, stroke }, frame);
        write(x(value), low + 18, text, "middle");
      }
      for (const [value, text] of ticks("y", 5)) {
        element("path", { d: `M${left} ${y(value)}h-5`, stroke }, frame);
        write(left - 8, y(value) + 4, text, "end");
      }
      write(left + inner[0] / 2, height - 6, axes.xlabel, "middle");
      write(0, 0, axes.ylabel, "middle",
        { transform: `translate(13 ${top + inner[1] / 2}) rotate(-90)` });
    };

    const mark = (name, kind, parent, attributes) => {
      let made = marks.get(name);
      if (made?.localName !== kind) {
        made?.remove();
        marks.set(name, made = element(kind, {}, parent));
      }
      set(made, attributes);
      named?.add(name);
      return made;
    };
    const stroked = ({ tone = "ink", ghost = false, dash = DASHES[tone] ?? "", width = 2 }) => ({
      stroke: colour(tone), "stroke-width": width, "stroke-dasharray": dash,
      opacity: ghost ? 0.35 : 1, fill: "none",
    });
    const path = (xs, ys) => {
      let d = "", pen = "M";
      xs.forEach((at, i) => {
        const there = isFinite(ys[i]);
        if (there) d += `${pen}${x(at).toFixed(2)} ${y(ys[i]).toFixed(2)}`;
        pen = there ? "L" : "M";
      });
      return d;
    };

    const plot = {
      svg, x, y, invert, place, axes: draw,
      begin() { named = new Set(); },
      end() {
        for (const name of [...marks.keys()]) if (!named.has(name)) plot.drop(name);
        named = null;
      },
      drop(name) {
        marks.get(name)?.remove();
        marks.delete(name);
      },
      line(name, xs, ys, how = {}) {
        mark(name, "path", inside, { d: path(xs, ys), ...stroked(how) });
      },
      band(name, xs, low, high, { tone = "blue" } = {}) {
        const d = `${path(xs, high)}${path([...xs].reverse(), [...low].reverse())}`
          .replace(/(?!^)M/g, "L");
        mark(name, "path", inside, { d: `${d}Z`, fill: colour(tone), opacity: 0.2 });
      },
      points(name, xs, ys, { tone = "ink", size = 3, ghost = false } = {}) {
        const arc = `a${size} ${size} 0 1 0 `;
        let d = "";
        xs.forEach((at, i) => {
          if (isFinite(ys[i]))
            d += `M${x(at) - size} ${y(ys[i])}${arc}${2 * size} 0${arc}${-2 * size} 0`;
        });
        mark(name, "path", inside, { d, fill: colour(tone), opacity: ghost ? 0.35 : 1 });
      },
      bars(name, edges, heights, { tone = "blue" } = {}) {
        let d = "";
        heights.forEach((height, i) => {
          if (height > 0) d += `M${x(edges[i])} ${y(0)}V${y(height)}H${x(edges[i + 1])}V${y(0)}Z`;
        });
        const look = { fill: colour(tone), stroke: colour("ground"), opacity: 0.8 };
        mark(name, "path", inside, { d, ...look });
      },
      // Across at a height, with a word above its end, or upright.
      rule(name, { x: at, y: height, tone = "grey", label }) {
        const d = at === undefined ? `M${left} ${y(height)}h${inner[0]}`
          : `M${x(at)} ${top}v${inner[1]}`;
        mark(name, "path", inside, { d, ...stroked({ tone, width: 1.5 }) });
        if (label)
          plot.text(`${name} label`, axes.x[1], height, label, { tone, anchor: "end", dy: -5 });
      },
      text(name, at, height, string, { tone = "ink", anchor = "start", dx = 0, dy = 0 } = {}) {
        mark(name, "text", over, {
          x: x(at) + dx, y: y(height) + dy, "text-anchor": anchor, fill: colour(tone),
        }).textContent = string;
      },
      // A knob that moves a control of the scene, by pointer and by keyboard; `read` tells the value
      // from where it is let go, if the axis shows something else.
      handle(name, { x: at, y: height, axis = "y", control, scene, tone = "blue", read = x => x }) {
        const old = marks.get(name), dial = scene.controls[control];
        const value = scene.state[control];
        const knob = mark(name, "circle", over, {
          cx: x(at), cy: y(height), r: 9, fill: colour(tone), class: "lim-handle",
          "data-axis": axis, role: "slider", tabindex: 0, "aria-label": dial.label,
          "aria-orientation": axis === "y" ? "vertical" : "horizontal",
          "aria-valuemax": 1,
          "aria-valuenow": along(value, [dial.low, dial.high], dial.scale).toFixed(4),
          "aria-valuetext": lim.told(dial, value),
        });
        if (knob === old) return;
        knob.onpointerdown = event => {
          knob.setPointerCapture(event.pointerId);
          event.preventDefault();
          knob.focus();
        };
        knob.onpointermove = event => {
          if (knob.hasPointerCapture(event.pointerId))
            scene.move(control, read(invert(...place(event))[axis === "y" ? 1 : 0]));
        };
        // No finger that drags it moves the page: a style says so of no part of an SVG.
        knob.addEventListener("touchstart", event => event.preventDefault(), { passive: false });
        knob.onkeydown = event => lim.stepped(event, scene, control);
      },
      canvas() {
        const density = devicePixelRatio || 1, canvas = lim.make("canvas", null, "", {
          width: width * density, height: height * density, ariaHidden: "true",
        }), context = canvas.getContext("2d");
        holder.prepend(canvas);
        context.scale(density, density);
        return { context, clear: () => context.clearRect(0, 0, width, height) };
      },
    };
    return plot;
  };
})(lim);
