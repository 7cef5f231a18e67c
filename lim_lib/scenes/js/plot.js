// A picture in SVG: axes, marks by name, handles, a canvas for what moves, values under the pointer.
"use strict";
(lim => {
  const { ceil, floor, log, log10, max, min } = Math;
  const NS = "http://www.w3.org/2000/svg";
  const DASHES = {
    orange: "5 2", green: "6 2 1.2 2", purple: "6 1.5 1.2 1.5 1.2 1.5", grey: "1.2 1.8",
  };

  lim.element = (kind, attributes = {}, parent = null) => {
    const made = document.createElementNS(NS, kind);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
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
    const svg = lim.element("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, class: "lim-plot", role: "group",
      "aria-label": label,
    });
    const holder = lim.make("div", { className: "lim-plot-holder" }, stage);
    holder.append(svg);
    const frame = lim.element("g", { class: "lim-axes" }, svg);
    const clip = `lim-clip-${lim.plots = (lim.plots ?? 0) + 1}`;
    lim.element("rect", { x: left, y: top, width: inner[0], height: inner[1] },
      lim.element("clipPath", { id: clip }, svg));
    const inside = lim.element("g", { "clip-path": `url(#${clip})` }, svg);
    const over = lim.element("g", {}, svg);
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

    const write = (parent, px, py, text, attributes = {}) => {
      lim.element("text", { x: px, y: py, fill: "var(--lim-ink)", ...attributes }, parent)
        .textContent = text;
    };
    const draw = given => {
      const next = { xscale: "linear", yscale: "linear", xlabel: "", ylabel: "", ...given };
      if (axes && JSON.stringify(next) === JSON.stringify(axes)) return;
      axes = next;
      frame.replaceChildren();
      const low = height - bottom, stroke = "var(--lim-ink)";
      lim.element("path", {
        d: `M${left} ${top}V${low}H${width - right}`, fill: "none", stroke,
      }, frame);
      const ticks = (name, wanted) => axes[`${name}ticks`]
        ?? (axes[`${name}scale`] === "log" ? logTicks : linearTicks)(...axes[name], wanted);
      for (const [value, text] of ticks("x", 6)) {
        lim.element("path", { d: `M${x(value)} ${low}v5`, stroke }, frame);
        write(frame, x(value), low + 18, text, { "text-anchor": "middle" });
      }
      for (const [value, text] of ticks("y", 5)) {
        lim.element("path", { d: `M${left} ${y(value)}h-5`, stroke }, frame);
        write(frame, left - 8, y(value) + 4, text, { "text-anchor": "end" });
      }
      write(frame, left + inner[0] / 2, height - 6, axes.xlabel, { "text-anchor": "middle" });
      write(frame, 0, 0, axes.ylabel, {
        "text-anchor": "middle", transform: `translate(13 ${top + inner[1] / 2}) rotate(-90)`,
      });
    };

    const mark = (name, kind, parent, attributes) => {
      let made = marks.get(name);
      if (made?.localName !== kind) {
        made?.remove();
        marks.set(name, made = lim.element(kind, {}, parent));
      }
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      named?.add(name);
      return made;
    };
    const stroked = ({ tone = "ink", ghost = false, dash = DASHES[tone] ?? "", width = 2 }) => ({
      stroke: `var(--lim-${tone})`, "stroke-width": width, "stroke-dasharray": dash,
      opacity: ghost ? 0.35 : 1, fill: "none",
    });
    const path = (xs, ys) => {
      let d = "", pen = "M";
      for (let i = 0; i < xs.length; i++) {
        if (!Number.isFinite(ys[i])) pen = "M";
        else {
          d += `${pen}${x(xs[i]).toFixed(2)} ${y(ys[i]).toFixed(2)}`;
          pen = "L";
        }
      }
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
        if (how.label) {
          const last = xs.length - 1;
          plot.text(`${name} label`, xs[last], ys[last], how.label,
            { tone: how.tone, anchor: "end", dy: -6 });
        }
      },
      band(name, xs, low, high, { tone = "blue" } = {}) {
        const d = `${path(xs, high)}${path([...xs].reverse(), [...low].reverse())}`
          .replace(/(?!^)M/g, "L");
        mark(name, "path", inside, { d: `${d}Z`, fill: `var(--lim-${tone})`, opacity: 0.2 });
      },
      points(name, xs, ys, { tone = "ink", size = 3, ghost = false } = {}) {
        let d = "";
        for (let i = 0; i < xs.length; i++)
          if (Number.isFinite(ys[i]))
            d += `M${x(xs[i]) - size} ${y(ys[i])}a${size} ${size} 0 1 0 ${2 * size} 0`
              + `a${size} ${size} 0 1 0 ${-2 * size} 0`;
        mark(name, "path", inside, { d, fill: `var(--lim-${tone})`, opacity: ghost ? 0.35 : 1 });
      },
      bars(name, edges, heights, { tone = "blue", ghost = false } = {}) {
        const low = axes.yscale === "log" ? axes.y[0] : max(0, axes.y[0]);
        let d = "";
        for (let i = 0; i < heights.length; i++)
          if (heights[i] > low)
            d += `M${x(edges[i])} ${y(low)}V${y(heights[i])}H${x(edges[i + 1])}V${y(low)}Z`;
        mark(name, "path", inside, {
          d, fill: `var(--lim-${tone})`, stroke: "var(--lim-ground)", opacity: ghost ? 0.35 : 0.8,
        });
      },
      rule(name, { x: at, y: height, tone = "grey", label: text }) {
        const d = at === undefined ? `M${left} ${y(height)}h${inner[0]}`
          : `M${x(at)} ${top}v${inner[1]}`;
        mark(name, "path", inside, { d, ...stroked({ tone, width: 1.5 }) });
        if (!text) return;
        if (at === undefined)
          plot.text(`${name} label`, axes.x[1], height, text, { tone, anchor: "end", dy: -5 });
        else plot.text(`${name} label`, at, axes.y[1], text, { tone, dx: 5, dy: 12 });
      },
      text(name, at, height, string, { tone = "ink", anchor = "start", dx = 0, dy = 0 } = {}) {
        mark(name, "text", over, {
          x: x(at) + dx, y: y(height) + dy, "text-anchor": anchor, fill: `var(--lim-${tone})`,
        }).textContent = string;
      },
      // A knob that moves a control of the scene, by pointer and by keyboard; `read` tells the value
      // from where it is let go, if the axis shows something else.
      handle(name, { x: at, y: height, axis = "y", control, scene, tone = "blue", read = x => x }) {
        const old = marks.get(name), dial = scene.controls[control];
        const value = scene.state[control], text = lim.told(dial, value);
        const knob = mark(name, "circle", over, {
          cx: x(at), cy: y(height), r: 9, fill: `var(--lim-${tone})`, class: "lim-handle",
          "data-axis": axis, role: "slider", tabindex: 0, "aria-label": dial.label,
          "aria-orientation": axis === "y" ? "vertical" : "horizontal",
          "aria-valuemin": 0, "aria-valuemax": 1,
          "aria-valuenow": along(value, [dial.low, dial.high], dial.scale).toFixed(4),
          "aria-valuetext": text,
        });
        if (knob === old) return;
        knob.addEventListener("pointerdown", event => {
          knob.setPointerCapture(event.pointerId);
          event.preventDefault();
          knob.focus();
        });
        knob.addEventListener("pointermove", event => {
          if (knob.hasPointerCapture(event.pointerId))
            scene.move(control, read(invert(...place(event))[axis === "y" ? 1 : 0]));
        });
        // No finger that drags it moves the page: a style says so of no part of an SVG.
        knob.addEventListener("touchstart", event => event.preventDefault(), { passive: false });
        knob.addEventListener("keydown", event => lim.stepped(event, scene, control));
      },
      canvas() {
        const density = devicePixelRatio || 1, canvas = lim.make("canvas", {
          width: width * density, height: height * density, ariaHidden: "true",
        }), context = canvas.getContext("2d");
        holder.prepend(canvas);
        context.scale(density, density);
        return { context, canvas, clear: () => context.clearRect(0, 0, width, height) };
      },
      // What stands under the pointer, in words, beside it.
      hover(read) {
        const tip = lim.make("output", { className: "lim-tip", ariaHidden: "true" }, holder);
        svg.addEventListener("pointermove", event => {
          const [px, py] = place(event), inPlot = px >= left && px <= width - right;
          tip.textContent = (inPlot && read(...invert(px, py), px, py)) || "";
          tip.style.left = `${100 * px / width}%`;
          tip.style.top = `${100 * py / height}%`;
          tip.classList.toggle("lim-tip-left", px > width / 2);
        });
        svg.addEventListener("pointerleave", () => { tip.textContent = ""; });
      },
    };
    return plot;
  };
})(globalThis.lim ??= {});
