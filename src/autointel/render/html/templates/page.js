"use strict";
// Nothing here is needed to read the page.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  document.documentElement.classList.add("js");

  // The label of a dot or chapter, for those who cannot hover long enough for a tooltip.
  const readout = one(".readout");
  for (const mark of all(".strip a")) {
    const say = () => { readout.textContent = mark.getAttribute("aria-label"); };
    mark.addEventListener("pointerenter", say);
    mark.addEventListener("focus", say);
  }

  // Lines of the transcript, in order. A timed line's id is t=SECONDS, with a suffix where a second has several.
  const lines = all(".turn span");
  const second = (line) => parseInt(line.id.slice(2), 10);
  const timed = lines.length > 0 && lines[0].id.startsWith("t=");
  const open = (line) => { for (let at = line; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true; };

  // A citation may run over several lines: all of them are lit.
  let lit = [];
  const light = (first, count) => {
    for (const line of lit) line.classList.remove("lit");
    const from = lines.indexOf(first);
    lit = from < 0 ? [] : lines.slice(from, from + count);
    for (const line of lit) line.classList.add("lit");
  };

  // From a citation to its line, and back to the very citation.
  const back = one(".return");
  let left = null;
  const goTo = (line, count) => {
    open(line);
    light(line, count);
    line.tabIndex = -1;
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "center" });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
    if (!target) return;
    if (lines.includes(target)) {
      event.preventDefault();
      if (location.hash !== link.hash) history.pushState(null, "", link.hash);
      goTo(target, Number(link.dataset.lines || 1));
      if (!link.closest("#transcript")) {
        left = link;
        const item = link.closest("[id]");
        const name = item ? item.id.replace("-", " ").replace(/statement .*/, "the possible claim").replace(/excerpt .*/, "the excerpt") : "";
        one("a", back).textContent = `Back to ${name || "where you were"}`;
        back.hidden = false;
      }
      if (timed) seek(second(target));
    } else if (target.closest("details:not([open])") || target.tagName === "DETAILS") {
      open(target);
    }
  });
  const goBack = () => {
    back.hidden = true;
    if (!left) return;
    open(left);
    left.focus({ preventScroll: true });
    left.scrollIntoView({ block: "center" });
  };
  one("a", back).addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    goBack();
  });
  const arrive = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    open(target);
    if (lines.includes(target)) { light(target, 1); target.scrollIntoView({ block: "center" }); }
  };
  addEventListener("popstate", arrive);
  arrive();

  // The filter: every turn that has all the words, whatever their case and accents.
  const box = one("#filter"), found = one("#found"), transcript = one("#transcript");
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const turns = all(".turn").map((element) => ({ element, part: element.closest("details"), text: "" }));
  let openedBefore = null;
  const filter = () => {
    const words = folded(box.value).split(/\s+/).filter(Boolean);
    const parts = all("details.part");
    transcript.classList.toggle("filtered", words.length > 0);
    if (globalThis.CSS && CSS.highlights) CSS.highlights.clear();
    if (!words.length) {
      found.textContent = "";
      if (openedBefore) for (const part of parts) part.open = openedBefore.has(part);
      openedBefore = null;
      return;
    }
    openedBefore ||= new Set(parts.filter((part) => part.open));
    const held = new Set();
    let count = 0;
    for (const turn of turns) {
      turn.text ||= folded(turn.element.textContent);
      const hit = words.every((word) => turn.text.includes(word));
      turn.element.classList.toggle("hit", hit);
      if (hit) { count += 1; held.add(turn.part); }
    }
    for (const part of parts) { part.classList.toggle("hit", held.has(part)); part.open = held.has(part); }
    found.textContent = count === 1 ? "1 paragraph" : `${count} paragraphs`;
    mark(words);
  };
  const mark = (words) => {
    if (!globalThis.Highlight) return;
    const ranges = [];
    for (const line of all(".turn.hit span")) {
      const text = line.firstChild, shown = text ? text.data.toLowerCase() : "";
      for (const word of words) {
        for (let at = shown.indexOf(word); at >= 0 && ranges.length < 2000; at = shown.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(text, at);
          range.setEnd(text, Math.min(text.length, at + word.length));
          ranges.push(range);
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };
  box.addEventListener("input", filter);

  // The player: a click on a line or a time seeks; the line that is being said is lit.
  const player = one(".player");
  let media = player && one("audio, video", player), frame = null, wanted = null, playing = null;
  const seek = (time) => {
    wanted = time;
    if (frame) tell("seekTo", [time, true]);
    else if (media) media.currentTime = time;
    if (frame || media) follow(time);
  };
  const follow = (time) => {
    let low = 0, high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (second(lines[middle]) <= time) low = middle + 1; else high = middle;
    }
    const line = lines[low - 1] || null;
    if (line === playing) return;
    if (playing) playing.classList.remove("playing");
    playing = line;
    if (!line) return;
    line.classList.add("playing");
    one(".now", player).textContent = line.textContent;
    if (one(".follow input", player).checked) { open(line); line.scrollIntoView({ block: "center" }); }
  };
  const listen = () => media.addEventListener("timeupdate", () => follow(media.currentTime));
  if (timed) {
    transcript.addEventListener("click", (event) => {
      const line = event.target.closest(".turn span");
      if (!line || String(getSelection())) return;
      history.replaceState(null, "", `#${line.id}`);
      light(line, 1);
      seek(second(line));
    });
  }
  if (player) {
    if (media) listen();
    one(".pick input", player).addEventListener("change", (event) => {
      const [file] = event.target.files;
      if (!file) return;
      const kind = file.type.startsWith("video/") ? "video" : "audio";
      const made = document.createElement(kind);
      made.controls = true;
      made.src = URL.createObjectURL(file);
      const before = media || frame;
      if (before) before.replaceWith(made); else player.prepend(made);
      [media, frame] = [made, null];
      if (wanted !== null) media.currentTime = wanted;
      listen();
    });
  }
  // YouTube's player is driven by messages; nothing is loaded from there before the reader asks for it.
  const host = "https://www.youtube-nocookie.com";
  const tell = (func, args) => frame.contentWindow.postMessage(JSON.stringify({ event: "command", func, args }), host);
  const load = player && one(".load", player);
  if (load) {
    load.addEventListener("click", () => {
      frame = document.createElement("iframe");
      frame.title = "Video";
      frame.allow = "autoplay; encrypted-media; fullscreen";
      // Without a referrer the player refuses to play.
      frame.referrerPolicy = "strict-origin-when-cross-origin";
      frame.src = `${host}/embed/${player.dataset.youtube}?enablejsapi=1&start=${wanted || 0}`;
      frame.addEventListener("load", () => frame.contentWindow.postMessage(JSON.stringify({ event: "listening" }), host));
      player.prepend(frame);
      load.remove();
    });
    addEventListener("message", (event) => {
      if (event.origin !== host || typeof event.data !== "string") return;
      let data = null;
      try { data = JSON.parse(event.data); } catch { return; }
      if (data && data.info && typeof data.info.currentTime === "number") follow(data.info.currentTime);
    });
  }

  // The table of claims: refuted first, or in the order of the source.
  const table = one("#claims-table");
  if (table) {
    const rows = all("tbody tr", table), heads = all("thead th", table);
    const orders = [(row) => parseInt(row.id.slice("claim-".length), 10), (row) => rows.indexOf(row)];
    const sort = (chosen) => {
      for (const [index, head] of heads.entries()) {
        if (index === chosen) head.setAttribute("aria-sort", "ascending"); else head.removeAttribute("aria-sort");
      }
      one("tbody", table).append(...[...rows].sort((a, b) => orders[chosen](a) - orders[chosen](b)));
    };
    for (const [index, title] of [[0, "Order by place"], [1, "Order by verdict"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.title = title;
      button.textContent = heads[index].textContent;
      button.addEventListener("click", () => sort(index));
      heads[index].replaceChildren(button);
    }
    heads[1].setAttribute("aria-sort", "ascending");
  }

  // The picture of names: a name or an arc lights what it is joined to, and shows the quotes beside the picture.
  const arcs = one(".arcs"), panel = one(".panel");
  const copied = (id) => {
    const copy = document.getElementById(id).cloneNode(true);
    for (const each of [copy, ...all("[id]", copy)]) each.removeAttribute("id");
    return copy;
  };
  const choose = (link) => {
    const number = link.dataset.name;
    const joined = all(".arc", arcs).filter((arc) => (number ? arc.dataset.ends.split(" ").includes(number) : arc === link));
    const near = new Set(joined.flatMap((arc) => arc.dataset.ends.split(" ")).concat(number || []));
    for (const arc of all(".arc", arcs)) arc.classList.toggle("on", joined.includes(arc));
    for (const name of all(".name", arcs)) name.classList.toggle("on", near.has(name.dataset.name));
    arcs.classList.add("chosen");
    const list = document.createElement("ul");
    list.className = "relations";
    list.append(...joined.map((arc) => copied(arc.getAttribute("href").slice(1))));
    const parts = [];
    if (number) {
      const title = document.createElement("p");
      const strong = document.createElement("strong");
      const [name, kind, mentions, , quote] = copied(`entity-${number}`).children;
      strong.textContent = name.textContent;
      title.append(strong, ` ${kind.textContent}, named ${mentions.textContent} times`);
      const cited = document.createElement("p");
      cited.append(...quote.childNodes);
      parts.push(title, cited);
    }
    panel.replaceChildren(...parts, list);
  };
  for (const link of arcs ? all("a", arcs) : []) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      choose(link);
    });
  }

  const unchoose = () => {
    for (const each of all(".on", arcs)) each.classList.remove("on");
    arcs.classList.remove("chosen");
    panel.replaceChildren();
  };

  // Escape takes back the last of these: the filter, the way from a citation to its line, the name that was chosen.
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.activeElement === box && box.value) {
      event.preventDefault();
      box.value = "";
      filter();
    } else if (!back.hidden) goBack();
    else if (arcs && arcs.classList.contains("chosen")) unchoose();
  });

  // A source without an address cannot be opened at a moment; its time can be taken along.
  for (const place of navigator.clipboard ? all(".copy") : []) {
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
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of opened) each.open = false;
  });
})();
