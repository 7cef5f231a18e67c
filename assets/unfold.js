/* A place that is linked to, or that a search found, is seen although it stands in a fold. */
(() => {
  const unfold = place => {
    for (let fold; (fold = place.closest(".toggle-hidden")); )
      fold.querySelector(":scope > .admonition-title").click();
    for (let fold; (fold = place.closest("details:not([open])")); ) fold.open = true;
    place.scrollIntoView();
  };

  // A link's target may be an empty anchor right before the fold that it names.
  const showTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1).split("?")[0]));
    if (!target) return;
    const next = target.textContent.trim() ? null : target.nextElementSibling;
    unfold(next?.matches(".toggle-hidden") ? next : target);
  };

  // Sphinx marks what was searched for only on pages that cannot search, and all of ours can.
  const markSought = () => {
    const asked = new URLSearchParams(location.search).get("highlight");
    const terms = localStorage.getItem("sphinx_highlight_terms") || asked || "";
    localStorage.removeItem("sphinx_highlight_terms");
    const article = document.querySelector("article.bd-article");
    for (const term of article ? terms.toLowerCase().split(/\s+/).filter(Boolean) : []) {
      const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT), texts = [];
      while (walker.nextNode()) texts.push(walker.currentNode);
      for (const text of texts)
        if (!text.parentElement.closest("mjx-container, script, style, button"))
          _highlightText(text, term, "highlighted");
    }
  };

  const showSought = () => {
    const found = [...document.querySelectorAll("article.bd-article .highlighted")];
    const folded = ".toggle-hidden, details:not([open])";
    const first = found.find(place => !place.closest(folded)) ?? found[0];
    if (first) unfold(first);
  };

  // The folds are made when the page has been read, and formulas move what stands below them.
  addEventListener("load", async () => {
    if (document.getElementById("search-results")) return;
    await globalThis.MathJax?.startup?.promise;
    markSought();
    if (location.hash) showTarget();
    else showSought();
  });
  addEventListener("hashchange", showTarget);
})();
