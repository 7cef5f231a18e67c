// Cards: what a link in the text leads to, shown beside it for pointer, keyboard and touch.
"use strict";
(() => {
  const root = new URL(document.documentElement.dataset.content_root, location);
  const links = ".bd-article :is(a.internal[href*='#'], a.lim-api)";
  const card = Object.assign(document.createElement("div"), { id: "lim-card", hidden: true });
  card.setAttribute("role", "tooltip");
  document.body.append(card);
  let loading, wanted, timer, touched;
  const load = () => loading ??= new Promise(onload => document.head.append(
    Object.assign(document.createElement("script"), { src: `${root}_static/told.js`, onload })));

  const hide = () => {
    wanted?.removeAttribute("aria-describedby");
    wanted = null;
    card.hidden = true;
  };

  // Beside the first line of the link, in the window, below it where there is room.
  const place = link => {
    const { left, top, bottom } = link.getClientRects()[0];
    const { offsetWidth: width, offsetHeight: height } = card;
    const below = bottom + height + 8 < innerHeight || top < height + 8;
    card.style.left = `${scrollX + Math.max(8, Math.min(left, innerWidth - width - 24))}px`;
    card.style.top = `${scrollY + (below ? bottom + 4 : top - height - 4)}px`;
  };

  // Says whether there is something to show.
  const show = async link => {
    hide();
    wanted = link;
    await load();
    const page = link.pathname.slice(root.pathname.length) || "index.html";
    const name = decodeURIComponent(link.hash.slice(1)), told = lim.told[page]?.[name];
    if (!told || wanted !== link) return Boolean(told);
    card.innerHTML = told;
    const drawn = document.querySelector(`figure[id="${name}"] :is(svg, img)`);
    if (drawn) card.prepend(drawn.cloneNode(true));
    card.hidden = false;
    place(link);
    await globalThis.MathJax?.typesetPromise?.([card]);
    if (wanted !== link) return true;
    place(link);
    link.removeAttribute("title");
    link.setAttribute("aria-describedby", card.id);
    return true;
  };

  const on = (kind, action) => document.addEventListener(kind, event =>
    action(event, event.target.closest?.(links), card.contains(event.target)));
  on("pointerover", ({ pointerType }, link, inside) => {
    if (pointerType === "touch" || link && link === wanted) return clearTimeout(timer);
    clearTimeout(timer);
    if (link) timer = setTimeout(show, 200, link);
    else if (!inside) timer = setTimeout(hide, 300);
  });
  on("focusin", ({ target }, link) => {
    if (link && target.matches(":focus-visible")) show(link);
    else if (wanted) hide();
  });
  on("keydown", ({ key }) => { if (key === "Escape") hide(); });
  on("pointerdown", ({ pointerType }) => { touched = pointerType === "touch"; });
  // The first touch of a link shows its card, the second follows it.
  on("click", async (event, link, inside) => {
    if (!touched || inside || link && link === wanted) return;
    if (!link) return hide();
    event.preventDefault();
    if (!await show(link)) location.assign(link);
  });
})();
