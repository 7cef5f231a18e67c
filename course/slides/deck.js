// A deck: Reveal and MathJax, type as large as each slide has room for, and keys that a control keeps.
"use strict";
(() => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const control = "input, select, textarea, button, [role=slider]";

  // A formula that is wider than its column is set smaller.
  const narrow = sheet => {
    for (const formula of sheet.querySelectorAll("mjx-container[display]")) {
      formula.style.fontSize = "";
      const table = formula.querySelector("mjx-mtable");
      const inner = [...formula.querySelectorAll("mjx-itable, mjx-math")];
      const wanted = Math.max(table ? parseFloat(getComputedStyle(table).minWidth) || 0 : 0,
        parseFloat(getComputedStyle(formula).minWidth) || 0,
        ...inner.map(part => part.offsetWidth));
      const { paddingLeft, paddingRight } = getComputedStyle(formula);
      const room = formula.parentElement.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
      if (wanted > room) {
        const size = parseFloat(getComputedStyle(formula).fontSize);
        formula.style.fontSize = `${Math.floor(10 * size * room / wanted) / 10}px`;
      }
    }
  };
  // The picture of a scene as wide as it stands on its slide.
  const stage = sheet => {
    const body = sheet.querySelector(".body");
    for (const drawn of sheet.querySelectorAll(".lim-stage, .lim-view")) {
      drawn.style.maxWidth = "";
      for (let turn = 0; turn < 4 && drawn.offsetHeight > body.clientHeight; turn++)
        drawn.style.maxWidth = `${drawn.offsetWidth * 0.98 * body.clientHeight / drawn.offsetHeight}px`;
    }
  };
  // Whether anything in a part of the sheet is outside it.
  const inner = "mjx-container, table, .lim-scene > *, .lim-explorer > *, figcaption";
  const full = sheet => {
    narrow(sheet);
    stage(sheet);
    return [sheet, ...sheet.querySelectorAll(".body, .words, .task")].some(part => {
      const edge = part.getBoundingClientRect();
      return [...part.children, ...part.querySelectorAll(inner)].some(each => {
        if (!each.getClientRects().length) return false;
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return top < edge.top - 1 || bottom > edge.bottom + 1
          || left < edge.left - 1 || right > edge.right + 1;
      });
    });
  };
  const fit = slide => {
    const sheet = slide.querySelector(".sheet");
    if (!sheet || sheet.style.fontSize) return;
    let low = 14, high = slide.matches(".words") ? 52 : 40;
    while (high - low > 0.5) {
      const size = (low + high) / 2;
      sheet.style.fontSize = `${size}px`;
      if (full(sheet)) high = size;
      else low = size;
    }
    sheet.style.fontSize = `${low}px`;
    full(sheet);
  };

  // A scene whose state stands in the address takes it first; then the deck goes to its slide.
  const asked = document.getElementById(location.hash.slice(1).split("?")[0])?.closest("section");
  const ready = new Promise(loaded => addEventListener("load", loaded)).then(() =>
    Reveal.initialize({
      width: 1280, height: 720, margin: 0, center: false, hash: true, slideNumber: "c/t",
      transition: still ? "none" : "fade", transitionSpeed: "fast", plugins: [RevealNotes],
      pdfMaxPagesPerSlide: 1,
      keyboardCondition: event => !event.target.closest?.(control),
    })).then(() => asked && Reveal.slide(Reveal.getIndices(asked).h));

  globalThis.MathJax = {
    loader: { load: ["input/tex", "output/chtml", "a11y/assistive-mml"] },
    tex: { inlineMath: [["$", "$"]], tags: "none" },
    chtml: { matchFontHeight: false },
    startup: {
      pageReady: () => MathJax.startup.defaultPageReady().then(() => ready).then(() => {
        const printed = Reveal.isPrintView?.() || Reveal.isPrintingPDF?.();
        if (printed) Reveal.getSlides().forEach(fit);
        else fit(Reveal.getCurrentSlide());
        Reveal.on("slidechanged", event => fit(event.currentSlide));
      }),
    },
  };

  // Escape gives the keys back to the deck.
  addEventListener("keydown", event => {
    const held = event.target.closest?.(control);
    if (event.key !== "Escape" || !held) return;
    held.blur();
    event.stopPropagation();
  }, true);
})();
