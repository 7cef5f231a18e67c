// What all scenes share: controls, motion, the state in the address, the ghost of the start, words.
"use strict";
(lim => {
  const { abs, round, sign } = Math;
  const part = (value, { low, high, scale }) => lim.along(value, [low, high], scale);
  const valueAt = (at, { low, high, scale }) => lim.back(at, [low, high], scale);
  const rounded = (value, dial) => dial.scale === "whole" ? round(value) : value;
  const within = (value, dial) => Math.max(dial.low, Math.min(dial.high, rounded(value, dial)));
  const plain = (value, dial) => {
    if (dial.scale === "whole") return String(value);
    const size = abs(value), short = Number(value.toPrecision(dial.digits));
    return size >= 1e5 || (size < 1e-3 && size > 0)
      ? short.toExponential().replace("e+", "e") : String(short);
  };

  // A control's value as the reader sees it.
  lim.told = (control, value) => {
    if (control.choices) return control.choices.find(([name]) => name === value)[1];
    return lim.number(Number(plain(value, control)), control.digits)
      + (control.unit ? `\u00a0${control.unit}` : "");
  };

  // The keys of a slider, for a handle in a picture.
  lim.stepped = (event, scene, name) => {
    const dial = scene.controls[name], least = dial.scale === "whole" ? 1 / (dial.high - dial.low) : 0;
    const step = { ArrowUp: 0.01, ArrowRight: 0.01, ArrowDown: -0.01, ArrowLeft: -0.01,
      PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const size = Math.max(abs(step), least) * sign(step);
    scene.move(name, valueAt(part(scene.state[name], dial) + size, dial));
  };

  const make = (kind, properties = {}, parent = null) => {
    const made = Object.assign(document.createElement(kind), properties);
    parent?.append(made);
    return made;
  };

  lim.make = make;

  // A row: a slider and the number that may be typed. Returns what shows a value.
  const dialRow = (scene, name, dial, parent) => {
    const label = dial.unit ? `${dial.label} (${dial.unit})` : dial.label;
    const row = make("div", { className: "lim-row" }, parent);
    make("span", { textContent: label, ariaHidden: "true" }, row);
    const whole = dial.scale === "whole", [low, high] = [dial.low, dial.high].map(x => plain(x, dial));
    const ends = `from ${low} to ${high}`;
    const range = make("input", { type: "range", autocomplete: "off", min: whole ? dial.low : 0,
      max: whole ? dial.high : 1, step: whole ? 1 : "any" }, row);
    const entry = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" }, row);
    range.setAttribute("aria-label", label);
    entry.setAttribute("aria-label", `${label}, as a number`);
    range.addEventListener("input", () =>
      scene.move(name, whole ? Number(range.value) : valueAt(Number(range.value), dial)));
    entry.addEventListener("change", () => {
      const typed = Number(entry.value.trim().replace(/,(?!\d{3}$)/, ".").replace("\u2212", "-"));
      if (entry.value.trim() === "" || !Number.isFinite(typed))
        scene.note(`${dial.label}: a number ${ends}, got \u201c${entry.value}\u201d`);
      else {
        scene.move(name, typed);
        if (scene.state[name] !== rounded(typed, dial))
          scene.note(`${dial.label}: ${ends}`);
      }
      entry.value = plain(scene.state[name], dial);
    });
    return value => {
      range.value = whole ? value : part(value, dial);
      range.setAttribute("aria-valuetext", lim.told(dial, value));
      if (document.activeElement !== entry) entry.value = plain(value, dial);
    };
  };
  const menuRow = (scene, name, menu, parent) => {
    const row = make("label", { className: "lim-row" }, parent);
    make("span", { textContent: menu.label }, row);
    const select = make("select", { autocomplete: "off" }, row);
    for (const [value, text] of menu.choices) make("option", { value, textContent: text }, select);
    select.addEventListener("change", () => scene.move(name, select.value));
    return value => { select.value = value; };
  };

  const written = (name, changes) => `#${name}?${new URLSearchParams(changes)}`;
  const read = name => {
    const [place, asked] = location.hash.slice(1).split("?");
    return place === name && asked ? Object.fromEntries(new URLSearchParams(asked)) : null;
  };

  const makers = {};
  lim.scene = (name, maker) => { makers[name] = maker; };

  lim.begin = root => {
    const { controls, data } = JSON.parse(root.querySelector(".lim-data").textContent);
    const name = root.dataset.scene, start = {};
    for (const [key, control] of Object.entries(controls)) start[key] = control.start;
    const tools = make("div", { className: "lim-tools" });
    const stage = make("div", { className: "lim-stage" });
    const rows = make("div", { className: "lim-rows" });
    const noted = make("p", { className: "lim-note", role: "status" });
    const told = make("p", { className: "lim-tell", role: "status" });
    const shows = {};
    let due = 0, telling = 0, running = 0, before = 0, seen = false, wanted = null, last = -1e9;

    const allowed = (key, value) => {
      const control = controls[key];
      if (!control) return undefined;
      if (control.entry) return value === null ? undefined : String(value);
      if (control.choices) return control.choices.some(([each]) => each === value) ? value : undefined;
      const number = Number(value);
      return Number.isFinite(number) && value !== "" ? within(number, control) : undefined;
    };
    const scene = {
      name, data, controls, start, stage, root, state: { ...start },
      reduced: matchMedia("(prefers-reduced-motion: reduce)").matches,
      get changed() { return Object.keys(start).some(key => scene.state[key] !== start[key]); },
      get playing() { return running > 0; },
      // New values, by name; what is not allowed is left as it was.
      set(changes) {
        for (const [key, value] of Object.entries(changes)) {
          const fine = allowed(key, value);
          if (fine === undefined) continue;
          scene.state[key] = fine;
          shows[key]?.(fine);
        }
        scene.redraw();
      },
      // A change by the reader: it goes into the address as well.
      move(key, value) {
        noted.textContent = "";
        scene.set({ [key]: value });
        clearTimeout(due);
        due = setTimeout(write, 300);
      },
      address() {
        const changes = Object.entries(scene.state).filter(([key, value]) => value !== start[key])
          .map(([key, value]) => [key, typeof value === "string" ? value : plain(value, controls[key])]);
        return location.href.split("#")[0] + (changes.length ? written(name, changes) : `#${name}`);
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
        const wait = last + 1000 - performance.now();
        clearTimeout(telling);
        if (wait > 0) telling = setTimeout(scene.tell, wait);
        else {
          last = performance.now();
          told.textContent = handlers.tell(scene.state).replace(/ ([×±]) /g, "\u00a0$1\u00a0");
        }
        return handlers.tell(scene.state);
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
        playing(true);
      },
      pause() {
        cancelAnimationFrame(running);
        running = 0;
        playing(false);
      },
      button(label, action, parent = tools) {
        const made = make("button", { type: "button", textContent: label }, parent);
        made.addEventListener("click", () => action(made));
        return made;
      },
    };
    const write = () => history.replaceState(history.state, "", scene.address());
    const loop = now => {
      running = requestAnimationFrame(loop);
      if (!seen) {
        before = now;
        return;
      }
      handlers.step(Math.min(Math.max(now - before, 0) / 1000, 0.05));
      before = now;
      if (now - last > 1000) scene.tell();
    };

    root.lim = scene;
    root.querySelector(".lim-still").after(stage, tools, rows, noted, told);
    scene.random = lim.random(data.seed ?? 1);
    const playing = on => { if (toggle) toggle.textContent = on ? "Pause" : "Play"; };
    let toggle = null;
    const first = make("span", { hidden: true }, tools);
    const handlers = makers[name](scene);
    if (handlers.step) {
      toggle = scene.button("Play", () => scene.playing ? scene.pause() : scene.play());
      first.replaceWith(toggle);
    }
    const again = scene.button("Reset", () => {
      scene.set(start);
      scene.note("");
      write();
      scene.restart();
      scene.redraw();
    });
    scene.button("Copy link", () => scene.copy(scene.address(), "The link is copied."));
    for (const [key, control] of Object.entries(controls)) {
      if (control.shown === false) continue;
      shows[key] = (control.choices ? menuRow : dialRow)(scene, key, control, rows);
    }
    const arrive = () => {
      const asked = read(name);
      if (asked) scene.set({ ...start, ...asked });
    };
    scene.set({ ...start, ...read(name) });
    scene.restart();
    root.classList.add("lim-live");
    scene.draw();
    addEventListener("hashchange", arrive);
    let fresh = !scene.reduced;
    new IntersectionObserver(entries => {
      seen = entries.at(-1).isIntersecting;
      if (seen && fresh) {
        fresh = false;
        scene.play();
      }
    }).observe(stage);
    return scene;
  };
})(globalThis.lim ??= {});
