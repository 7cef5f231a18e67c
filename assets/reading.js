// How much of a page is open, as its reader chose; set before the page is painted.
"use strict";
(root => {
  const start = { reading: "derivation", code: "derivations" };
  for (const name in start) root.dataset[name] = localStorage[`lim-${name}`] ?? start[name];

  addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll(".lim-reading input"))
      box.checked = box.value === root.dataset[box.name];
  });
  addEventListener("change", ({ target: { form, name, value } }) => {
    if (form?.matches(".lim-reading")) root.dataset[name] = localStorage[`lim-${name}`] = value;
  });
  addEventListener("click", ({ target }) => {
    if (target.matches(".lim-show"))
      target.setAttribute("aria-expanded", target.parentElement.classList.toggle("lim-open"));
  });
})(document.documentElement);
