// An explorer on a page: its controls choose among the pictures that Python drew.
//
// The pictures come as one packed stream: all their elements, and for each combination of values
// the numbers of its own. It is unpacked when the reader comes to the explorer. Behind a picture
// the lines of the start stay, pale. What differs from the start is in the page's address.
"use strict";
(globalThis.lim ??= {}).explore ??= root => {
  if (!globalThis.DecompressionStream) return;
  const { abs, hypot, max, min } = Math;
  const all = what => [...root.querySelectorAll(what)];
  const [svg] = all("svg"), [note] = all(".lim-note"), [tip] = all(".lim-tip");
  const told = JSON.parse(all("script")[0].textContent), alt = svg.ariaLabel;
  const inputs = all("[name]"), outputs = all("output"), start = inputs.map(each => each.value);
  const position = () => inputs.reduce((sum, each, i) => sum * told.texts[i].length + +each.value, 0);
  const here = root.closest("figure[id]")?.id, first = position();
  let pictures, loading, hovered;

  const load = () => loading ??= new Response(
    new Blob([Uint8Array.from(atob(told.pictures), letter => letter.charCodeAt(0))])
      .stream().pipeThrough(new DecompressionStream("deflate")),
  ).json().then(found => pictures = found);

  const paint = () => {
    const [elements, states] = pictures, now = states[position()], then = states[first];
    root.dataset.shown = position();
    svg.classList.toggle("lim-past", !now);
    if (!now) return;
    const ghost = then?.at(-1) !== now.at(-1) ? []
      : then.filter(i => elements[i].includes('class="m"') && !now.includes(i));
    const drawn = list => list.map(i => elements[i]).join("");
    root.classList.toggle("lim-haunted", ghost.length);
    svg.innerHTML = `<g class="lim-ghost">${drawn(ghost)}</g>${drawn(now)}`;
    hovered = null;
  };

  const update = () => {
    const texts = inputs.map((each, i) => told.texts[i][each.value]), moved = position() !== first;
    inputs.forEach((each, i) => {
      if (each.type === "range") each.setAttribute("aria-valuetext", texts[i]);
      outputs[i].textContent = texts[i];
    });
    const now = texts.map((text, i) => `${told.labels[i]} ${text}`).join(", ");
    svg.ariaLabel = moved ? `${alt} Now: ${now}.` : alt;
    note.textContent = told.notes[position()] ?? "";
    root.classList.toggle("lim-moved", moved);
    tip.hidden = true;
    if (pictures) paint();
    else load().then(paint);
  };
  const set = values => {
    inputs.forEach((each, i) => each.value = values[i]);
    update();
  };

  const write = () => {
    const changed = inputs.flatMap((each, i) =>
      each.value === start[i] ? [] : [[each.name, told.values[i][each.value]]]);
    const query = changed.length ? `?${new URLSearchParams(changed)}` : "";
    if (here) history.replaceState(null, "", `#${here}${query}`);
  };
  const read = () => {
    const [place, query] = location.hash.slice(1).split("?"), asked = new URLSearchParams(query);
    if (!query || place !== here) return;
    const found = inputs.map((each, i) => told.values[i].indexOf(asked.get(each.name)));
    set(found.map((at, i) => at < 0 ? start[i] : at));
    root.scrollIntoView({block: "nearest"});
  };

  // The marks as straight pieces: where each begins, and its steps across and down.
  const pieces = () => all(".m").flatMap(path => path.getAttribute("d").slice(1).split("M"))
    .flatMap(run => {
      let [x, y, ...steps] = run.match(/-?\d+/g).map(Number);
      if (!/^[-\d]+ ?[-\d]+l/.test(run)) steps = [0, 0];
      return steps.flatMap((dx, i) => {
        if (i % 2) return [];
        const piece = [x, y, dx, steps[i + 1]];
        [x, y] = [x + dx, y + steps[i + 1]];
        return [piece];
      });
    });
  const said = (axis, share) => {
    if (!axis) return "";
    const [low, high, log, name, unit] = axis, exact = low + share * (high - low);
    const value = log ? low * (high / low) ** share
      : abs(exact) * 999 < abs(high - low) ? 0 : exact;
    const [digits, power] = value.toExponential(2).split("e");
    const raised = `${+power}`.replace(/./g, sign => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
    const number = abs(power) < 5 ? `${+value.toPrecision(3)}` : `${+digits} × 10${raised}`;
    return `${name} ${number.replace("-", "−")}\u00a0${unit}\n`;
  };
  const hover = event => {
    const {x, y} = new DOMPoint(event.x, event.y).matrixTransform(svg.getScreenCTM().inverse());
    const {width, height} = svg.viewBox.baseVal;
    hovered ??= [JSON.parse(svg.lastElementChild.dataset.frames), pieces()];
    let least = 600, words = "";
    for (const {box: [left, top, right, bottom], across, up} of hovered[0]) {
      for (const [ax, ay, dx, dy] of hovered[1]) {
        const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
        const part = min(1, max(0, along)), px = ax + part * dx, py = ay + part * dy;
        const h = (px - left) / (right - left), v = (bottom - py) / (bottom - top);
        const far = hypot(x - px, y - py);
        if (far > least || abs(h - 0.5) > 0.51 || abs(v - 0.5) > 0.51) continue;
        [least, words] = [far, said(across, h) + said(up, v)];
        tip.style = `--x:${px / width};--y:${py / height}`;
      }
    }
    tip.textContent = words;
    tip.hidden = !words;
  };

  const on = (target, kinds, act, once) => {
    for (const kind of kinds.split(" ")) target.addEventListener(kind, act, {once});
  };
  on(root, "input", update);
  on(root, "change", write);
  on(root, "pointerover focusin", load, true);
  on(svg, "pointermove pointerdown", hover);
  on(svg, "pointerleave", event => tip.hidden ||= event.pointerType === "mouse");
  on(globalThis, "load hashchange", read);
  on(all("button")[0], "click", () => {
    set(start);
    write();
    inputs[0].focus();
  });
  for (const part of all(".lim-tools, .lim-controls")) part.hidden = false;
};
