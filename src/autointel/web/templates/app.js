"use strict";
// Follows a run and an answer. Everything is put in as text: nothing of a source can become markup.
(() => {
  const base = document.body.dataset.base;
  const node = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const clock = (seconds) => {
    const whole = Math.floor(seconds), pad = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
  };
  const seen = new Map();  // the newest briefing of a source, by its title
  const opens = (url) => /^https?:\/\//.test(url || "");
  // A quote's own marks are single between the marks of q, as on the pages that Python writes.
  const withinMarks = (quote) => quote
    .replace(/[“”„]/g, (mark) => ({ "“": "‘", "”": "’", "„": "‚" })[mark])
    .replace(/(?<!\d)"([^"]*)("?)/g, (_, inside, end) => `'${inside}${end && "'"}`);
  const quoted = (quote) => {
    const second = quote.second ?? quote.start ?? null;
    const at = second !== null ? clock(second) : quote.place || (quote.paragraph ? `¶ ${quote.paragraph}` : "");
    const read = second !== null && seen.get(quote.source);
    const place = read
      ? node("a", { class: "at", href: `${base}/briefings/${read}#t=${Math.floor(second)}` }, at)
      : opens(quote.url)
        ? node("a", { class: "at", href: quote.url, rel: "noopener noreferrer" }, at)
        : node("span", { class: "at" }, at);
    const said = node("p", { class: "cited" }, place, " ");
    if (quote.speaker) said.append(node("bdi", { class: "who" }, `${quote.speaker}: `));
    said.append(node("q", { dir: "auto" }, withinMarks(quote.quote)));
    if (quote.source) said.append(" ", node("cite", { dir: "auto" }, quote.source));
    return said;
  };
  const listen = (address, heard) => {
    const events = new EventSource(address);
    for (const [name, handle] of Object.entries(heard)) {
      events.addEventListener(name, (event) => handle(JSON.parse(event.data), events));
    }
    return events;
  };

  const run = document.getElementById("run");
  if (run) {
    const state = document.getElementById("state"), steps = document.getElementById("steps");
    const rows = new Map();
    const row = (name) => {
      if (!rows.has(name)) {
        const cell = node("td");
        steps.append(node("tr", {}, node("th", { scope: "row" }, name.replace("_", " ")), cell));
        rows.set(name, cell);
      }
      return rows.get(name);
    };
    listen(`${base}/api/runs/${run.dataset.job}/events`, {
      source: (found) => {
        document.querySelector("h1").textContent = found.title;
        state.textContent = "reading";
      },
      step: (step) => {
        const facts = [step.outcome, step.detail || step.reason].filter(Boolean).join(" · ");
        row(step.name).textContent = step.outcome ? facts : "working…";
      },
      progress: (now) => { row(now.name).textContent = `${now.done} of ${now.total} ${now.unit}`; },
      judgment: (each) => {
        const remark = node("p", { class: "remark" }, `${each.likelihood} · ${each.confidence} confidence`);
        const text = node("p", { class: "lead", dir: "auto" }, each.text);
        document.getElementById("judgments").append(node("li", {}, text, remark, ...each.citations.map(quoted)));
      },
      waiting: (what) => { state.textContent = what.text; },
      ended: (end, events) => {
        events.close();
        if (end.run_id) {
          const open = node("a", { id: "briefing", href: `${base}/briefings/${end.run_id}` }, "Open the briefing");
          state.replaceChildren(open);
        } else {
          state.textContent = `${end.message} ${end.hint}`;
        }
      },
    });
  }

  const answer = document.getElementById("answer");
  if (answer) {
    const text = node("div", { id: "sentences" }), remark = node("p", { class: "remark" }, "searching…");
    const passages = node("ol", { class: "items", "aria-label": "Passages" });
    answer.append(text, remark, passages);
    const show = (found) => passages.replaceChildren(...found.map((each) => node("li", {}, quoted(each.citation))));
    const question = new URLSearchParams({ question: answer.dataset.question });
    const ask = () => listen(`${base}/api/ask/stream?${question}`, {
      passages: (found) => {
        show(found);
        remark.textContent = "reading these passages…";
      },
      sentence: (each) => {
        text.append(node("p", { class: "lead", dir: "auto" }, each.text), ...each.citations.map(quoted));
      },
      done: (whole, events) => {
        events.close();
        remark.textContent = [whole.remark, ...whole.warnings].join(" ");
        show(whole.passages);
      },
      failed: (error, events) => {
        events.close();
        remark.textContent = `${error.message} ${error.hint}`;
      },
    }).onerror = (event) => {
      // An answer is not asked for twice: it may cost money.
      event.target.close();
      remark.textContent = "The server did not answer.";
    };
    const known = (all) => all.sources.forEach((each) => { if (each.run_id) seen.set(each.title, each.run_id); });
    fetch(`${base}/api/sources`).then((reply) => reply.json()).then(known).catch(() => {}).finally(ask);
  }
})();
