// An answer checked in the page: a quantity or a formula, and a guess at the slip as `grading` has.
"use strict";
(lim => {
  const near = (value, wanted, tolerance) => Math.abs(value - wanted) <= tolerance * Math.abs(wanted);
  const times = (factor, look = "") =>
    `the answer is ${factor} times the right one${look ? `: ${look}` : ""}`;
  const written = (ratio, digits) => {
    let text = ratio.toPrecision(digits);
    while (digits < 17 && Math.abs(Number(text)) === 1) text = ratio.toPrecision(++digits);
    const number = Number(text), size = Math.floor(Math.log10(Math.abs(number)));
    return size < -4 || size >= digits
      ? number.toExponential().replace(/e([+-])(\d)$/, "e$10$2") : String(number);
  };
  const product = (number, factor) => !factor ? number : number === "1" ? factor
    : factor.startsWith("1/") ? number + factor.slice(1) : `${number}*${factor}`;
  const slip = ({ slips }, ratio, tolerance, factor = "") => {
    for (const [value, text, look] of slips) {
      if (!near(Math.abs(ratio), value, tolerance)) continue;
      const whole = product(text, factor);
      return times(ratio < 0 ? `-${whole}` : whole, ratio < 0 ? "mind the sign" : look);
    }
    return "";
  };

  const quantity = ({ known, kinds, units, slips, unit, dimension, value, tolerance, misread }, text) => {
    const [, typed, name] = text.replace(/\u2212/g, "-").replace(/\s*[×x*]\s*10\s*(\^|\*\*)\s*/, "e")
      .match(/^\s*([-+]?[\d.,]+(?:e[-+]?\d+)?)\s*(.*?)\s*$/i) ?? [];
    if (typed === undefined) return `give a number and its unit, as in 2.9 ${unit}`;
    const found = units[(name || "1").normalize("NFKC")];
    if (!found) return `\u201c${name}\u201d is no unit that is known here: ${known.join(", ")}`;
    const [size, kind] = found;
    if (kind !== dimension)
      return `asked for is ${kinds[dimension]}, your answer is ${kinds[kind]}`;
    const ratio = Number(typed.replace(",", ".")) * size / value;
    if (!Number.isFinite(ratio)) return "that is no number";
    if (near(ratio, 1, tolerance)) return "";
    if (ratio === 0) return "the answer should not be zero";
    const slipped = slip({ slips }, ratio, tolerance), power = Math.round(Math.log10(Math.abs(ratio)));
    if (slipped) return slipped;
    if (near(ratio, 10 ** power, tolerance))
      return times(`10**${power}`, "mind prefix and powers of ten");
    const other = misread.find(each => units[each][1] === kind
      && near(Math.abs(ratio), size / units[each][0], tolerance));
    if (other) return `the number looks like one in ${other}, and the unit given is ${name}`;
    return times(written(ratio, 3));
  };

  const CALLS = { ln: Math.log, log: Math.log, exp: Math.exp, sqrt: Math.sqrt, sinh: Math.sinh,
    cosh: Math.cosh, tanh: Math.tanh, asinh: Math.asinh, arsinh: Math.asinh, acosh: Math.acosh,
    atanh: Math.atanh, artanh: Math.atanh, sin: Math.sin, cos: Math.cos, abs: Math.abs };
  // A formula as it is typed, to a function of a point; refuses what it does not know.
  lim.parsed = (text, names) => {
    const tokens = text.replace(/\u2212/g, "-").replace(/[·×]/g, "*").replace(/\*\*/g, "^")
      .match(/\d+\.?\d*(?:e[-+]?\d+)?|\.\d+|[A-Za-z_\u0370-\u03ff]\w*|[-+*/^()]|\S/gi) ?? [];
    let at = 0;
    const take = () => tokens[at++];
    const eat = token => tokens[at] === token && take();
    const wrong = () => { throw new SyntaxError(tokens[at] === undefined
      ? "the formula ends too early" : `\u201c${tokens[at]}\u201d is not understood here`); };
    const sum = () => {
      let left = product();
      for (let sign; (sign = eat("+") || eat("-"));) {
        const a = left, b = product(), turn = sign === "+" ? 1 : -1;
        left = point => a(point) + turn * b(point);
      }
      return left;
    };
    const product = () => {
      let left = signed();
      for (;;) {
        const a = left;
        if (eat("*")) { const b = signed(); left = point => a(point) * b(point); }
        else if (eat("/")) { const b = signed(); left = point => a(point) / b(point); }
        else if (/^[\w.(\u0370-\u03ff]/.test(tokens[at] ?? "")) {
          const b = power();
          left = point => a(point) * b(point);
        } else return left;
      }
    };
    const signed = () => {
      if (eat("+")) return signed();
      if (!eat("-")) return power();
      const inner = signed();
      return point => -inner(point);
    };
    const power = () => {
      const base = atom();
      if (!eat("^")) return base;
      const exponent = signed();
      return point => base(point) ** exponent(point);
    };
    const atom = () => {
      if (/^[\d.]/.test(tokens[at] ?? "")) {
        const number = Number(take());
        return () => number;
      }
      if (eat("(")) {
        const inner = sum();
        return eat(")") ? inner : wrong();
      }
      const name = tokens[at];
      if (Object.hasOwn(CALLS, name)) {
        take();
        const inner = atom();
        return point => CALLS[name](inner(point));
      }
      if (name === "pi" || name === "π") return take(), () => Math.PI;
      if (name === "kT" && names.k_B && names.T) return take(), p => p.k_B * p[names.T];
      const symbol = Object.hasOwn(names, name) ? names[name] : wrong();
      take();
      return point => point[symbol];
    };
    const whole = sum();
    return at < tokens.length ? wrong() : whole;
  };

  const formula = ({ symbols, shown, source, terms, slips }, text) => {
    const names = Object.fromEntries([...shown, ...symbols].map((name, i) => [name, symbols[i % shown.length]]));
    let mine;
    try {
      mine = lim.parsed(text, names);
    } catch (refusal) {
      return `${refusal.message}; the formula may contain ${shown.join(", ")}`;
    }
    const random = lim.random(1), right = lim.compile(source, symbols), points = [];
    const of = (f, point) => f(...symbols.map(name => point[name]));
    for (let i = 0; i < 400 && points.length < 3; i++) {
      const point = Object.fromEntries(symbols.map(name => [name, (1 + random.below(300)) / 100]));
      if (Number.isFinite(of(right, point)) && of(right, point)) points.push(point);
    }
    const answers = points.map(mine), wanted = points.map(point => of(right, point));
    if (!answers.every(Number.isFinite)) return "not equal: the answer is no number everywhere";
    const over = others => answers.map((x, i) => x / others[i]);
    const constant = (ratios, value = ratios[0]) => ratios.every(r => near(r, value, 1e-9));
    const ratios = over(wanted);
    if (constant(ratios, 1)) return "";
    if (constant(ratios)) {
      if (!ratios[0]) return "the answer should not be zero";
      const size = Math.abs(ratios[0]);
      if (near(size, 1, 1e-3) && !near(size, 1, 1e-9))
        return `nearly: ${times(written(ratios[0], 4), "keep numbers such as log(2) exact")}`;
      return slip({ slips }, ratios[0], 1e-9) || times(written(ratios[0], 4));
    }
    if (constant(over(wanted.map(x => 1 / x)), 1)) return "the answer is the inverse of this";
    if (constant(over(wanted.map(x => 1 - x)), 1))
      return "the answer is one minus this: which event was asked for?";
    for (const [k, name] of shown.entries())
      for (const [power, said] of [[1, name], [-1, `1/${name}`], [2, `${name}**2`],
        [-2, `${name}**(-2)`], [0.5, `sqrt(${name})`], [-0.5, `1/sqrt(${name})`]]) {
        const left = over(wanted.map((x, i) => x * points[i][symbols[k]] ** power));
        if (constant(left) && left[0])
          return slip({ slips }, left[0], 1e-9, said) || times(product(written(left[0], 4), said));
      }
    for (const [term, about] of terms)
      for (const [share, said] of [[1, "is missing"], [2, "has the wrong sign"]]) {
        const part = lim.compile(term, symbols);
        if (constant(over(wanted.map((x, i) => x - share * of(part, points[i]))), 1))
          return `a term ${about} ${said}`;
      }
    return "not equal: try the limits";
  };

  // What is to be said of an answer; nothing if it is right.
  lim.hint = (asked, text) => (asked.source ? formula : quantity)(asked, text);

  lim.ask = root => {
    const asked = JSON.parse(root.querySelector(".lim-data").textContent);
    const [entry, button] = root.querySelectorAll("input, button");
    const said = root.querySelector(".lim-note"), solution = root.querySelector("form");
    solution.addEventListener("submit", event => {
      event.preventDefault();
      const hint = entry.value.trim() ? lim.hint(asked, entry.value) : "give an answer first";
      root.classList.toggle("lim-right", !hint);
      said.textContent = hint ? `Not yet: ${hint}.` : "Right.";
    });
    button.disabled = false;
    solution.hidden = false;
  };
})(globalThis.lim ??= {});
