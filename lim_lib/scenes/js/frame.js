// What all scenes share: controls, motion, the state in the address, the ghost of the start, words.
"use strict";
(lim => {
  const { abs, max, min, round, sign } = Math, { entries } = Object;
  const part = (value, { low, high, scale }) => lim.along(value, [low, high], scale);
  const valueAt = (at, { low, high, scale }) => lim.back(at, [low, high], scale);
  const rounded = (value, dial) => dial.scale === "whole" ? round(value) : value;
  const within = (value, dial) => max(dial.low, min(dial.high, rounded(value, dial)));
  const plain = (value, dial) => {
    if (dial.scale === "whole") return `${value}`;
    const size = abs(value), short = +value.toPrecision(dial.digits);
    return size >= 1e5 || (size < 1e-3 && size > 0)
      ? short.toExponential().replace("e+", "e") : `${short}`;
  };

  // A control's value as the reader sees it.
  lim.told = (control, value) => {
    if (control.choices) return control.choices.find(([name]) => name === value)[1];
    return lim.number(+plain(value, control), control.digits)
      + (control.unit ? `\u00a0${control.unit}` : "");
  };

  // The keys of a slider, for a handle in a picture.
  lim.stepped = (event, scene, name) => {
    const dial = scene.controls[name], least = dial.scale === "whole" ? 1 / (dial.high - dial.low) : 0;
    const step = { ArrowUp: 0.01, ArrowRight: 0.01, ArrowDown: -0.01, ArrowLeft: -0.01,
      PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const size = max(abs(step), least) * sign(step);
    scene.move(name, valueAt(part(scene.state[name], dial) + size, dial));
  };

  // An element of a kind and a class, as in "p.lim-note", with a text if it has one.
  const make = lim.make = (kind, parent, text = "", properties = {}) => {
    const [name, className = ""] = kind.split("."), made = document.createElement(name);
    Object.assign(made, { className, textContent: text, autocomplete: "off" }, properties);
    parent?.append(made);
    return made;
  };

  // A row: its label, a slider, an entry, and a function that shows a value in both.
  lim.row = (parent, label, slider) => {
    const row = make("div.lim-row", parent);
    make("span", row, label, { ariaHidden: true });
    const range = make("input", row, "", { type: "range", ariaLabel: label,
      min: 0, max: 1, step: "any", ...slider });
    const entry = make("input", row, "", { type: "text", ariaLabel: `${label}, as a number` });
    return { row, range, entry, show(place, words, typed) {
      range.value = place;
      range.ariaValueText = words;
      if (document.activeElement !== entry) entry.value = typed;
    } };
  };
  // The rows of a number and of a choice; each returns what shows a value.
  const dialRow = (scene, name, dial, parent) => {
    const { label, unit, low, high, scale } = dial, whole = scale === "whole";
    const { range, entry, show } = lim.row(parent, unit ? `${label} (${unit})` : label,
      whole && { min: low, max: high, step: 1 });
    const ends = `from ${plain(low, dial)} to ${plain(high, dial)}`;
    entry.inputMode = "decimal";
    range.oninput = () => scene.move(name, whole ? range.value : valueAt(+range.value, dial));
    entry.onchange = () => {
      const typed = entry.value.trim().replace(/,(?!\d{3}$)/, ".").replace("\u2212", "-");
      if (!typed || !isFinite(typed))
        scene.note(`${label}: a number ${ends}, got \u201c${entry.value}\u201d`);
      else {
        scene.move(name, typed);
        if (scene.state[name] !== rounded(+typed, dial)) scene.note(`${label}: ${ends}`);
      }
      entry.value = plain(scene.state[name], dial);
    };
    return value => show(whole ? value : part(value, dial), lim.told(dial, value), plain(value, dial));
  };
  const menuRow = (scene, name, menu, parent) => {
    const row = make("label.lim-row", parent);
    make("span", row, menu.label);
    const select = make("select", row);
    for (const [value, text] of menu.choices) make("option", select, text, { value });
    select.onchange = () => scene.move(name, select.value);
    return value => { select.value = value; };
  };

  const read = name => {
    const [place, asked] = location.hash.slice(1).split("?");
    return place === name && asked ? Object.fromEntries(new URLSearchParams(asked)) : null;
  };

  const makers = {};
  lim.scene = (name, maker) => { makers[name] = maker; };

  lim.begin = root => {
    const { controls, data } = JSON.parse(root.querySelector(".lim-data").textContent);
    const name = root.dataset.scene, start = {}, shows = {};
    for (const key in controls) start[key] = controls[key].start;
    const [tools, stage, rows, noted, told] = ["div.lim-tools", "div.lim-stage", "div.lim-rows",
      "p.lim-note", "p.lim-tell"].map(kind => make(kind));
    noted.role = told.role = "status";
    let due = 0, telling = 0, running = 0, before = 0, seen = false, wanted = null, last = -1e9;

    const allowed = (key, value) => {
      const control = controls[key];
      if (control?.entry) return value?.toString();
      return control?.choices ? control.choices.find(([each]) => each === value)?.[0]
        : control && isFinite(value) && value !== "" ? within(+value, control) : undefined;
    };
    const scene = {
      name, data, controls, start, stage, root, state: { ...start },
      reduced: matchMedia("(prefers-reduced-motion: reduce)").matches,
      get changed() { return Object.keys(start).some(key => scene.state[key] !== start[key]); },
      get playing() { return running > 0; },
      // New values, by name; what is not allowed is left as it was.
      set(changes) {
        for (const [key, value] of entries(changes)) {
          const fine = allowed(key, value);
          if (fine === undefined) continue;
          scene.state[key] = fine;
          shows[key]?.(fine);
        }
        scene.redraw();
      },
      // A change by the reader: it goes into the address as well.
      move(key, value) {
        scene.note("");
        scene.set({ [key]: value });
        clearTimeout(due);
        due = setTimeout(write, 300);
      },
      address() {
        const changes = entries(scene.state).filter(([key, value]) => value !== start[key])
          .map(([key, value]) => [key, value.toFixed ? plain(value, controls[key]) : value]);
        const query = changes.length ? `?${new URLSearchParams(changes)}` : "";
        return `${location.href.split("#")[0]}#${name}${query}`;
      },
      redraw() { wanted ??= requestAnimationFrame(scene.draw); },
      draw() {
        cancelAnimationFrame(wanted);
        wanted = null;
        handlers.draw(scene.state, scene.changed ? start : null);
        again.disabled = !scene.changed && !handlers.step;
        scene.tell();
      },
      // The words below the picture, at most once a second.
      tell() {
        const wait = last + 1000 - performance.now(), words = handlers.tell(scene.state);
        clearTimeout(telling);
        if (wait > 0) telling = setTimeout(scene.tell, wait);
        else {
          last = performance.now();
          told.textContent = words.replace(/ ([×±]) /g, "\u00a0$1\u00a0");
        }
        return words;
      },
      note(text) { noted.textContent = text; },
      copy(text, done) {
        const show = () => scene.note(text);
        if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => scene.note(done), show);
        else show();
      },
      step(seconds) { handlers.step(seconds); },
      restart() {
        scene.random = lim.random(scene.state.seed ?? data.seed ?? 1);
        handlers.restart?.();
      },
      play() {
        if (running || !handlers.step) return;
        before = performance.now();
        running = requestAnimationFrame(loop);
        toggle.textContent = "Pause";
      },
      pause() {
        cancelAnimationFrame(running);
        running = 0;
        toggle.textContent = "Play";
      },
      button(label, action, parent = tools) {
        return make("button", parent, label, { type: "button", onclick: action });
      },
    };
    const write = () => history.replaceState(history.state, "", scene.address());
    const loop = now => {
      running = requestAnimationFrame(loop);
      const passed = min(max(now - before, 0) / 1000, 0.05);
      before = now;
      if (!seen) return;
      handlers.step(passed);
      if (now - last > 1000) scene.tell();
    };

    root.lim = scene;
    root.querySelector(".lim-still").after(stage, tools, rows, noted, told);
    scene.random = lim.random(data.seed ?? 1);
    const toggle = scene.button("Play", () => running ? scene.pause() : scene.play(), null);
    const handlers = makers[name](scene);
    if (handlers.step) tools.prepend(toggle);
    const again = scene.button("Reset", () => {
      scene.set(start);
      scene.note("");
      write();
      scene.restart();
      scene.redraw();
    });
    scene.button("Copy link", () => scene.copy(scene.address(), "Copied."));
    for (const [key, control] of entries(controls))
      if (control.shown ?? true)
        shows[key] = (control.choices ? menuRow : dialRow)(scene, key, control, rows);
    scene.set({ ...start, ...read(name) });
    scene.restart();
    root.classList.add("lim-live");
    scene.draw();
    addEventListener("hashchange", () => {
      const asked = read(name);
      if (asked) scene.set({ ...start, ...asked });
    });
    let fresh = !scene.reduced;
    new IntersectionObserver(met => {
      seen = met.at(-1).isIntersecting;
      if (seen && fresh) {
        fresh = false;
        scene.play();
      }
    }).observe(stage);
    return scene;
  };
})(lim);
