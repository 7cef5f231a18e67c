// An answer checked in the page: a quantity or a formula, and a guess at the slip as `grading` has.
"use strict";
(lim => {
  const { abs, round, log10 } = Math, { isFinite } = Number;
  const near = (value, wanted, tolerance) => abs(value - wanted) <= tolerance * abs(wanted);
  const times = (factor, look) =>
    `the answer is ${factor} times the right one${look ? `: ${look}` : ""}`;
  // As few digits as do not make it one.
  const written = (ratio, digits) => digits < 17 && abs(lim.general(ratio, digits)) === 1
    ? written(ratio, digits + 1) : lim.general(ratio, digits);
  const product = (number, factor) => !factor ? number : number === "1" ? factor
    : factor.startsWith("1/") ? number + factor.slice(1) : `${number}*${factor}`;
  const slip = (slips, ratio, tolerance, factor) => {
    const [, text, look] = slips.find(([value]) => near(abs(ratio), value, tolerance)) ?? [];
    if (!text) return "";
    const whole = product(text, factor);
    return ratio < 0 ? times(`-${whole}`, "mind the sign") : times(whole, look);
  };
  const ZERO = "the answer should not be zero";

  const quantity = (asked, text) => {
    const { known, kinds, units, slips, unit, dimension, value, tolerance, misread } = asked;
    const [, typed, name] = text.replace("\u2212", "-")
      .replace(/\s*[×x*]\s*10\s*(\^|\*\*)\s*/, "e")
      .match(/^\s*([-+]?[\d.,]+(?:e[-+\u2212]?\d+)?)\s*(.*?)\s*$/i) ?? [];
    if (!typed) return `give a number and its unit, as in 2.9 ${unit}`;
    const [size, kind] = units[(name || "1").normalize("NFKC")] ?? [];
    if (!size) return `\u201c${name}\u201d is no unit that is known here: ${known.join(", ")}`;
    if (kind !== dimension)
      return `asked for is ${kinds[dimension]}, your answer is ${kinds[kind]}`;
    const ratio = typed.replace(",", ".").replace("\u2212", "-") * size / value;
    const power = round(log10(abs(ratio)));
    const other = misread.find(each => units[each][1] === kind
      && near(abs(ratio), size / units[each][0], tolerance));
    return !isFinite(ratio) ? "that is no number" : near(ratio, 1, tolerance) ? ""
      : !ratio ? ZERO : slip(slips, ratio, tolerance)
      || (near(ratio, 10 ** power, tolerance)
        ? times(`10**${power}`, "mind prefix and powers of ten")
        : other ? `the number looks like one in ${other}, and the unit given is ${name}`
        : times(written(ratio, 3)));
  };

  // A formula as it is typed, as a function of numbers for the symbols; refuses what it does not
  // know, so that nothing else is run.
  const CALL = "(?:ln|log|exp|sqrt|abs|sin|cos|(?:ar?)?(?:sin|cos|tan)h)";
  const parsed = (text, names, symbols) => {
    let last = "(";
    const source = (text.replace(/\u2212/g, "-").replace(/[·×]/g, "*").replace(/\*\*/g, "^")
      .replace(RegExp(`\\b(${CALL})\\s+([\\w.\u0370-\u03ff]+)`, "g"), "$1($2)")
      .match(/(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|[a-z_\u0370-\u03ff]\w*|\S/gi) ?? []).map(token => {
        const before = last, starts = /[-+*/^(]$/.test(before);
        const call = RegExp(`^${CALL}$`).test(token);
        last = call ? "(" : token;
        if (/[-+*/^)]/.test(token[0])) {
          if (!starts || !/[-+]/.test(token)) return token === "^" ? "**" : token;
          return token === "+" ? "" : /[/^]/.test(before) ? "-" : "-1*";
        }
        const meant = call ? `Math.${token.replace("ln", "log").replace("ar", "a")}`
          : token === "(" ? token : token === "pi" || token === "π" ? "Math.PI"
          : token === "kT" && names.k_B && names.T ? `(k_B*${names.T})`
          : Object.hasOwn(names, token) ? names[token] : +token;
        if (meant !== meant) throw Error(`\u201c${token}\u201d is not understood here`);
        return starts ? meant : `*${meant}`;
      }).join("");
    try {
      return lim.compile(source, symbols);
    } catch {
      throw Error("the formula is not complete");
    }
  };

  const formula = ({ symbols, shown, source, terms, slips }, text) => {
    const names = Object.fromEntries([...shown, ...symbols]
      .map((name, i) => [name, symbols[i % shown.length]]));
    let mine;
    try {
      mine = parsed(text, names, symbols);
    } catch ({ message }) {
      return `${message}; the formula may contain ${shown.join(", ")}`;
    }
    const random = lim.random(1), right = lim.compile(source, symbols), points = [], wanted = [];
    for (let i = 0; i < 400 && !points[2]; i++) {
      const point = symbols.map(() => (1 + random.below(300)) / 100), value = right(...point);
      if (isFinite(value) && value) wanted[points.push(point) - 1] = value;
    }
    const answers = points.map(point => mine(...point));
    if (!answers.every(isFinite)) return "not equal: the answer is no number everywhere";
    // By what the answer is more than others, if it is the same everywhere.
    const over = other => {
      const [ratio, ...more] = answers.map((x, i) => x / other(wanted[i], points[i]));
      return more.every(each => near(each, ratio, 1e-9)) ? ratio : NaN;
    };
    const equals = other => near(over(other), 1, 1e-9), ratio = over(x => x), size = abs(ratio);
    if (equals(x => x)) return "";
    if (ratio === 0) return ZERO;
    if (near(size, 1, 1e-3) && !near(size, 1, 1e-9))
      return `nearly: ${times(written(ratio, 4), "keep numbers such as log(2) exact")}`;
    if (ratio) return slip(slips, ratio, 1e-9) || times(written(ratio, 4));
    if (equals(x => 1 / x)) return "the answer is the inverse of this";
    if (equals(x => 1 - x)) return "the answer is one minus this: which event was asked for?";
    for (const [k, name] of shown.entries())
      for (const [power, said] of [[1, name], [-1, `1/${name}`], [2, `${name}**2`],
        [-2, `${name}**(-2)`], [0.5, `sqrt(${name})`], [-0.5, `1/sqrt(${name})`]]) {
        const left = over((x, point) => x * point[k] ** power);
        if (left) return slip(slips, left, 1e-9, said) || times(product(written(left, 4), said));
      }
    for (const [term, about] of terms) {
      const part = lim.compile(term, symbols);
      for (const [share, said] of [[1, "is missing"], [2, "has the wrong sign"]])
        if (equals((x, point) => x - share * part(...point))) return `a term ${about} ${said}`;
    }
    return "not equal: try the limits";
  };

  // What is to be said of an answer; nothing if it is right.
  lim.hint = (asked, text) => (asked.source ? formula : quantity)(asked, text);

  lim.ask = root => {
    const [form, entry, said, data] =
      root.querySelectorAll("form, input, .lim-note, .lim-data");
    const asked = JSON.parse(data.textContent);
    form.onsubmit = event => {
      event.preventDefault();
      const hint = entry.value.trim() ? lim.hint(asked, entry.value) : "give an answer first";
      root.classList.toggle("lim-right", !hint);
      said.textContent = hint ? `Not yet: ${hint}.` : "Right.";
    };
    root.hidden = false;
  };
})(lim);
