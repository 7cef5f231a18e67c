// Numbers: what printed formulas call, formulas from their records, chance, and numbers as text.
"use strict";
(lim => {
  if (lim.compile) return;
  const { abs, asinh, exp, expm1, log, log1p, max, min, sign, sqrt } = Math;
  const { isFinite, isNaN } = Number;
  const { assign, entries, fromEntries, keys } = Object;

  // The functions of lim_lib.formula, and all that have a numeric form of their own.
  const orElse = (value, other) => isFinite(value) ? value : other();

  // In steps that are small at both ends.
  const integral = (f, low, high) => {
    let sum = 0;
    for (let t = -3.5; t <= 3.5; t += 1 / 40) {
      const e = exp(-Math.PI * Math.sinh(t));
      sum += f(low + (high - low) / (1 + e)) * Math.cosh(t) * e / (1 + e) ** 2;
    }
    return sum * Math.PI * (high - low) / 40;
  };

  assign(lim, {
    logProduct: (product, logarithms) => orElse(log(product), logarithms),
    scaledExp: (c, y, logarithms) => {
      const half = exp(y / 2);
      return orElse(c * half * half, () => sign(c) * exp(y + logarithms()));
    },
    asinhProduct: (product, logarithms, way = product) => orElse(asinh(product), () => {
      const size = logarithms();
      return sign(way) * (size < 300 ? asinh(exp(size)) : size + log(2));
    }),
    exponentialMean: w => w === 0 ? 1 : expm1(w) / w,
    rampLoss: s => {
      if (abs(s) > 0.1) return (s + expm1(-s)) / s / s;
      let rest = 1;
      for (let n = 12; n > 2; n--) rest = 1 - s / n * rest;
      return rest / 2;
    },
    decayMean: w => abs(w) > 0.1
      ? 1 / w - 1 / expm1(w) : lim.rampLoss(-w) / lim.exponentialMean(w),
    barrierIntegral: height =>
      integral(y => exp(-height * y * y * (2 - y * y)), 0, min(1, sqrt(40 / height))),
    wellIntegral: height => {
      const right = sqrt(40 / height), left = min(1, right);
      return 2 * integral(x => exp(-height * (x * (2 + x)) ** 2),
        -left / (1 + sqrt(1 - left)), right / (1 + sqrt(1 + right)));
    },
    // By Newton's steps, in which the slope is Mills' ratio.
    twoSidedDeviate: q => {
      let z = sqrt(-2 * log(q));
      for (let step = 0; step < 12; step++) {
        const mills = integral(x => exp(-x * (x / 2 + z)), 0, 9);
        z += mills * (log(2 / Math.PI) / 2 - z * z / 2 + log(mills) - log(q));
      }
      return z;
    },
    // As in lim_lib.bounds.limits.
    twoLimitExcess: (bits, reach, times) => {
      const nats = bits * log(2), start = 2 * log(reach), alone = -reach * expm1(-nats);
      const clip = x => max(0, min(2 * nats, x));
      const phases = q => {
        const opened = clip(start - 2 * asinh(q / 2)), matched = clip(2 * nats - start + log1p(q));
        const both = max(2 * nats - opened - matched, 0), way = -reach * expm1(-opened / 2);
        const fallen = -expm1(-both) * (reach * exp(-opened / 2)) ** 2;
        const rest = max((reach * exp(-(opened + both) / 2)) ** 2 - 1, q);
        return [way / q + (both && log1p(fallen / rest) / 2) + matched / 2 * (1 + 1 / q),
          q * way + (both && (fallen - both) / 2) + q * matched / 2];
      };
      let low = log(alone / times), high = log((alone + nats) / (times - nats));
      for (let halving = 0; halving < 64; halving++) {
        const middle = (low + high) / 2;
        if (phases(exp(middle))[0] > times) low = middle;
        else high = middle;
      }
      return nats > 0 ? phases(exp((low + high) / 2))[1] : 0;
    },
  });

  lim.inside = (x, [low, high, lowOpen, highOpen]) => isFinite(x)
    && (lowOpen ? x > low : x >= (low ?? x)) && (highOpen ? x < high : x <= (high ?? x));

  // What a function makes of 0, 1, 2 ...
  lim.series = (length, of) => Array.from({ length }, (_, i) => of(i));

  // Mantissa and exponent; what lies between two goes to the even one, as in Python.
  const scientific = (x, digits) => {
    const exact = abs(x).toExponential(60).replace(".", "");
    const down = exact[digits - 1] % 2 === 0 && /^50*e/.test(exact.slice(digits));
    const near = down ? x * (1 - 2 ** -52) : x;
    const [mantissa, power] = near.toExponential(digits && digits - 1).split("e");
    return [`${+mantissa}`, +power];
  };

  // As Python's format(x, ".3g"), or repr(x) if no digits are asked for.
  const general = lim.general = (x, digits) => {
    if (!isFinite(x)) return String(x).replace("NaN", "nan").replace("Infinity", "inf");
    const [mantissa, power] = scientific(x, digits);
    return power < -4 || power >= (digits ?? 16)
      ? `${mantissa}e${power < 0 ? "-" : "+"}${`${abs(power)}`.padStart(2, "0")}`
      : `${+`${mantissa}e${power}`}`;
  };

  lim.number = (x, digits = 3) => {
    const [mantissa, power] = scientific(x, digits), whole = Math.round(x);
    const rounded = power < digits ? +`${mantissa}e${power}`
      : whole - (x - whole === -0.5 && whole % 2 !== 0);
    if (!isFinite(x)) return "\u2212".repeat(x < 0) + (x === x ? "\u221e" : "unknown");
    const raised = `${power}`.replace(/./g, c => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻");
    const written = power < -4 || abs(rounded) >= 1e4 ? `${mantissa} × 10${raised}` : `${rounded}`;
    return written.replace(/^(-?)1 × /, "$1").replace("-", "\u2212");
  };

  // Words with numbers by name.
  lim.filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === "number" ? lim.number(values[name]) : values[name]);

  lim.energy = (joules, digits = 3) => {
    const x = +scientific(joules, digits).join("e") + 0;
    const power = x && 3 * Math.floor(Math.log10(abs(x)) / 3 + 1e-12);
    const prefix = "qryzafpnμm kMGTPEZYRQ"[power / 3 + 10];
    return `${general(prefix ? x / 10 ** power : x, digits)} ${prefix?.trim() ?? ""}J`;
  };

  // A printed expression as a function of the numbers so named, in order.
  lim.compile = (source, names) => new Function(...names, `return ${source};`);

  // A formula from its record: at({name: number}) gives value, refusal ("" if none), warnings.
  lim.formula = record => {
    const { key, arguments: names, domains, variant } = record;
    const compiled = source => lim.compile(source ?? "0", names);
    const rules = list => list.filter(({ holds }) => holds).map(rule => {
      const holds = compiled(rule.holds), size = compiled(rule.limit ?? rule.excess);
      const told = numbers => rule.report.replace(/{:.(\d)g}/,
        (_, digits) => general(size(...numbers), +digits));
      return { ...rule, told, broken: numbers => !holds(...numbers) };
    });
    const compute = compiled(record.value), requires = rules(record.requires);
    const regime = rules(record.regime), other = variant && lim.formula(variant);
    const defaults = entries(record.defaults)
      .map(([name, each]) => [name, lim.formula(each)]);

    const refusalOf = (values, numbers) => {
      const missing = names.filter(name => values[name] === undefined);
      if (missing.length) return `${key}() needs ${missing.join(", ")}`;
      for (const name of names) {
        const x = values[name];
        if (!lim.inside(x, domains[name]))
          return `${name} must be ${domains[name][4]}, got ${general(x)}`;
      }
      const against = requires.find(({ broken }) => broken(numbers));
      if (!against) return "";
      const limit = against.limit ? ` (${against.told(numbers)})` : "";
      const got = against.names.map(name => `${name}=${general(values[name], 6)}`);
      return `${against.text}${limit}, got ${got.join(", ")}`;
    };

    const at = given => {
      const values = fromEntries(entries(given).filter(([, x]) => x != null));
      if (other && keys(values).some(name => !names.includes(name))) return other.at(values);
      values.temperature ??= 300;
      for (const [name, each] of defaults) values[name] ??= each.at(values).value;
      const numbers = names.map(name => values[name]), refusal = refusalOf(values, numbers);
      if (refusal) return { value: NaN, refusal, warnings: [] };
      const value = compute(...numbers), parts = [value].flat();
      const warnings = regime.filter(({ broken }) => broken(numbers))
        .map(({ told }) => told(numbers));
      if (parts.some(isNaN))
        warnings.push("the value cannot be computed in doubles, given as NaN");
      else if (!parts.every(isFinite))
        warnings.push("the value is beyond the largest double, given as infinite");
      return { value, refusal, warnings: warnings.map(each => `${key}: ${each}`) };
    };
    return { at };
  };

  // Chance: xoshiro128** of Blackman and Vigna, from a number or from its four words.
  lim.random = seed => {
    const s = Array.isArray(seed) ? [...seed] : [seed, 1, 2, 3];
    const turned = (x, by) => x << by | x >>> 32 - by;
    const word = () => {
      const result = Math.imul(turned(Math.imul(s[1], 5), 7), 9) >>> 0, shifted = s[1] << 9;
      s[2] ^= s[0];
      s[3] ^= s[1];
      s[1] ^= s[2];
      s[0] ^= s[3];
      s[2] ^= shifted;
      s[3] = turned(s[3], 11);
      return result;
    };
    if (!Array.isArray(seed)) for (let i = 0; i < 99; i++) word();
    const uniform = () => (word() + 0.5) / 2 ** 32;
    // Marsaglia's polar method, which makes two at a time.
    let spare = null;
    const normal = () => {
      if (spare !== null) {
        const kept = spare;
        spare = null;
        return kept;
      }
      let x = 0, y = 0, square = 1;
      while (square >= 1) {
        x = 2 * uniform() - 1;
        y = 2 * uniform() - 1;
        square = x * x + y * y;
      }
      const size = sqrt(-2 * log(square) / square);
      spare = y * size;
      return x * size;
    };
    return { word, uniform, normal, exponential: () => -log(uniform()),
      below: n => Math.floor(uniform() * n) };
  };
})(globalThis.lim ??= {});
