// How much of a page is open, as its reader chose; before it is painted.
"use strict";
(root => {
  const start = { reading: "derivation", code: "derivations" };
  for (const name in start) root.dataset[name] = localStorage[`lim-${name}`] ?? start[name];

  const open = (button, on) => {
    button.parentElement.classList.toggle("lim-open", on);
    button.setAttribute("aria-expanded", on);
  };
  const show = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    const steps = document.getElementById(name)?.closest(".lim-steps");
    if (steps) open(steps.firstElementChild, true);
  };

  addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll(".lim-reading input"))
      box.checked = box.value === root.dataset[box.name];
    show();
  });
  addEventListener("hashchange", show);
  addEventListener("change", ({ target: { form, name, value } }) => {
    if (form?.matches(".lim-reading")) root.dataset[name] = localStorage[`lim-${name}`] = value;
  });
  addEventListener("click", ({ target }) => {
    if (target.matches(".lim-show")) open(target, !target.matches("[aria-expanded=true]"));
  });
})(document.documentElement);
