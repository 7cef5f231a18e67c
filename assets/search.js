// The search: what has all words, by page, with the place where they stand, as one types.
"use strict";
(() => {
  const root = document.documentElement.dataset.content_root;
  // The texts of the index have accents behind their letters, and are escaped.
  let loading;
  const load = () => loading ??= new Promise(onload => document.head.append(
    Object.assign(document.createElement("script"), { src: `${root}_static/found.js`, onload })));

  // What begins as the word does, accents aside; a short word is meant as it is.
  const begin = word => "(?<![\\p{L}\\p{N}&])" +
    word.replace(/[$(-+./?[-^{|}]/g, "\\$&").replace(/\p{L}/gu, "$&\\p{M}*") +
    (word[2] ? "" : "(?![\\p{L}\\p{N}])");

  // Words count most in the title of a part, and more together or on a page that they name.
  const worth = ([phrase, ...words], page, title, text) => words.reduce((sum, word) =>
    sum + (word.test(title) ? 9 : word.test(text) ? 1 : -Infinity) + 3 * word.test(page),
  4 * phrase.test(text));
  const find = words => lim.found.map(([address, page, ...parts]) => ({ address, page,
    places: parts.map(part => [worth(words, page, part[1], part[2]), ...part])
      .filter(([value]) => value > 0).sort(([a], [b]) => b - a),
  })).filter(({ places }) => places[0]).sort((a, b) => b.places[0][0] - a.places[0][0]);

  const answer = asked => {
    const words = asked.normalize("NFD").replace(/\p{M}/gu, "").match(/\S+/g) ?? [""];
    const sought = [words.join(" "), ...words].map(begin), any = sought.join("|");
    const mark = text => text.replace(RegExp(any, "giu"), "<mark>$&</mark>");
    const near = (source, text) =>
      text.match(RegExp(`(\\S+ ){0,9}\\S*?(${source}).{0,120}\\S*`, "iu"))?.[0];
    const found = words[0] ? find(sought.map(source => RegExp(source, "iu"))) : [];
    const items = found.map(({ address, page, places }) => {
      const link = `<li><a href="${root}${address}?words=${encodeURIComponent(asked)}`;
      const best = places.slice(0, 3).map(([, id, title, text]) => `${link}#${id}">${mark(title)}</a>
        <p>${mark(near(sought[0], text) ?? near(any, text) ?? text.slice(0, 160))} …</p>`);
      const more = places[3] ? `${link}">${places.length - 3} more</a>` : "";
      return `<li><b>${page}</b><ul>${best.join("")}${more}</ul>`;
    });
    return `<p role="status">${words[0] && `Found on ${items.length} pages`}</p>
      <ol>${items.join("")}</ol>`;
  };

  document.querySelectorAll(".bd-search").forEach(form => {
    const { q } = form.elements, out = document.createElement("div");
    const show = () => load().then(() => { out.innerHTML = answer(q.value); });
    out.className = "lim-found";
    form.after(out);
    q.oninput = show;
    form.parentElement.onkeydown = event => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const stops = [q, ...out.querySelectorAll("a")];
      if (step) event.preventDefault();
      if (step) stops[stops.indexOf(document.activeElement) + step]?.focus();
    };
    if (!form.closest(".lim-search")) return;
    q.value = new URLSearchParams(location.search).get("q");
    show();
  });
})();
