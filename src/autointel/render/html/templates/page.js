"use strict";
// Nothing here is needed to read the page.
(() => {
  const readout = document.querySelector(".readout");
  for (const mark of document.querySelectorAll(".timeline a")) {
    const say = () => { readout.textContent = mark.getAttribute("aria-label"); };
    mark.addEventListener("pointerenter", say);
    mark.addEventListener("focus", say);
  }

  // A source without an address cannot be opened at a moment; its time can be taken along.
  for (const place of navigator.clipboard ? document.querySelectorAll(".copy") : []) {
    const time = place.textContent.trim();
    const button = document.createElement("button");
    const reset = () => { button.textContent = time; };
    button.type = "button";
    button.className = "at";
    button.title = `Copy ${time}`;
    reset();
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(time).then(() => { button.textContent = "copied"; }, () => {});
      setTimeout(reset, 1200);
    });
    place.replaceWith(button);
  }

  // On paper nothing can be opened.
  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...folded()];
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
  });
})();
