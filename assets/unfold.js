// A place that is linked to, or that a search found, is seen although it stands in a fold.
"use strict";
(() => {
  const folded = ".toggle-hidden, details:not([open])";
  const unfold = place => {
    for (let fold; (fold = place.closest(".toggle-hidden")); )
      fold.querySelector(":scope > .admonition-title").click();
    for (let fold; (fold = place.closest("details:not([open])")); ) fold.open = true;
    place.closest(".lim-steps:not(.lim-open)")?.firstElementChild.click();
    place.scrollIntoView();
  };

  // A link's target may be an empty anchor right before the fold that it names; the state of a
  // scene stands behind a question mark.
  const target = () => {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)).split("?")[0]);
    const next = named?.textContent.trim() ? null : named?.nextElementSibling;
    return next?.matches(".toggle-hidden") ? next : named;
  };
  const showTarget = () => {
    const place = target();
    if (place) unfold(place);
  };

  const mark = (article, words) => {
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT), texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      if (text.parentElement.closest("mjx-container, script, style, button")) continue;
      for (const word of words) _highlightText(text, word, "highlighted");
    }
  };

  // The first of the words that stands in what the search names, and better open than folded.
  const showSought = words => {
    const article = document.querySelector("article.bd-article");
    mark(article, words);
    const part = target() ?? article;
    const found = [...part.querySelectorAll(".highlighted")];
    unfold(found.find(place => !place.closest(folded)) ?? found[0] ?? part);
  };

  // The folds are made when the page has been read, and formulas move what stands below them.
  addEventListener("load", async () => {
    await globalThis.MathJax?.startup?.promise;
    const asked = new URLSearchParams(location.search).get("words") ?? "";
    const words = asked.toLowerCase().match(/\S+/g);
    if (words) showSought(words);
    else showTarget();
  });
  addEventListener("hashchange", showTarget);
})();
