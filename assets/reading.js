// How much of a page is open, as the reader once chose; set before the page is first painted.
"use strict";
(root => {
  const start = { reading: "derivation", code: "derivations" };
  for (const name in start) root.dataset[name] = localStorage[`lim-${name}`] ?? start[name];

  const open = (button, wide) => {
    button.parentElement.classList.toggle("lim-open", wide);
    button.setAttribute("aria-expanded", wide);
  };
  const reveal = () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const steps = place?.closest(".lim-steps");
    if (steps) open(steps.firstElementChild, true);
  };

  addEventListener("DOMContentLoaded", () => {
    for (const choice of document.querySelectorAll(".lim-reading input"))
      choice.checked = choice.value === root.dataset[choice.name];
    reveal();
  });
  addEventListener("hashchange", reveal);
  addEventListener("change", ({ target: { form, name, value } }) => {
    if (form?.matches(".lim-reading")) root.dataset[name] = localStorage[`lim-${name}`] = value;
  });
  addEventListener("click", ({ target }) => {
    if (target.matches(".lim-show")) open(target, !target.matches("[aria-expanded=true]"));
  });
})(document.documentElement);
