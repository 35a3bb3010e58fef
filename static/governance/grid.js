// The grid editor: keys, pointer and clipboard of a spreadsheet (WAI-ARIA grid pattern) over a draft.
document.addEventListener("DOMContentLoaded", function () {
  "use strict";

  const root = document.getElementById("editor");
  if (!root) return;
  const state = JSON.parse(document.getElementById("matrix-state").textContent);
  const byId = (id) => document.getElementById(id);
  const grid = byId("grid"), choices = byId("choices"), trouble = byId("trouble");
  const LEVELS = { error: ["!", "tag-red", "error"], warning: ["▲", "tag-amber", "warning"], information: ["i", "tag-blue", "note"] };
  const TYPED = { r: "R", a: "A", c: "C", i: "I", "/": "A/R", x: "A/R" };
  let layer = "", lines = [], at = { line: 1, col: 1 }, anchor = null, built = "", wanted = null, dragging = false;
  let marks = new Map();

  const draft = window.matrixDraft(state, root.dataset.csrf, tell);
  const dialogs = window.matrixDialogs(draft, (what) => { wanted = what; }, () => focus());

  // --- what is shown

  function make(tag, attributes, ...children) {
    const it = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => {
      if (value === true) it.setAttribute(name, "");
      else if (value !== false && value !== undefined && value !== null) it.setAttribute(name, value);
    });
    it.append(...children);
    return it;
  }

  const nameOf = (role) => state.roles[role] || role;
  const layerName = (label) => (label ? state.cases[label] || label : "Base");

  // Built anew only where rows, columns or the layer changed: letters are painted into what is there.
  function show() {
    if (layer && !draft.layers.some((each) => each.label === layer)) layer = "";
    const shape = JSON.stringify([layer, draft.roles, draft.layers.map((each) => each.label),
      draft.rows.map(({ letters, ...row }) => row)]);
    if (shape !== built) { built = shape; build(); }
    mark();
    paint();
    showLayers();
    showFound();
    showRevisions();
  }

  function build() {
    // Which cell it was is asked of the cell: the rows and roles known by now are the new ones.
    const hadFocus = grid.contains(document.activeElement), was = grid.querySelector("[tabindex='0']");
    const { key, role } = was ? was.dataset : {};
    lines = [];
    grid.replaceChildren();
    grid.classList.toggle("is-wide", draft.roles.length > 9);
    const head = line("head", {}, make("th", { role: "columnheader", class: "corner" }, "Activity"));
    draft.roles.forEach((each) => head.cells.push(make("th", { role: "columnheader", "data-role": each.role,
      title: each.description || undefined }, make("span", {}, nameOf(each.role)))));
    put(make("thead"), head);
    Object.entries(state.phases).forEach(([phase, label]) => {
      const body = make("tbody");
      const add = make("button", { type: "button", class: "link", tabindex: -1, "data-add": phase }, "+ Activity");
      put(body, line("phase", { phase }, make("th", { role: "rowheader", colspan: draft.roles.length + 1, "data-phase": phase },
        make("span", {}, label), " ", add)));
      draft.rows.filter((row) => row.phase === phase).forEach((row) => put(body, rowLine(row)));
    });
    grid.setAttribute("aria-rowcount", lines.length);
    grid.setAttribute("aria-colcount", draft.roles.length + 1);
    restore(key, role, hadFocus);
  }

  function line(kind, facts, ...cells) { return { kind, ...facts, cells }; }

  function rowLine(row) {
    const name = make("th", { role: "rowheader", "data-key": row.key, title: row.description || undefined },
      make("span", { class: "name" }, row.name));
    const said = [row.act && state.acts[row.act], row.within != null && "within " + row.within + " min",
      row.proceed_after != null && "waits " + row.proceed_after + " min"].filter(Boolean).join(" · ");
    if (said) name.append(make("small", { class: "faint" }, said));
    const cells = draft.roles.map((each) => make("td", { role: "gridcell", "data-key": row.key, "data-role": each.role }));
    return line("row", { key: row.key, phase: row.phase, name: row.name }, name, ...cells);
  }

  function put(body, made) {
    const tr = make("tr", { role: "row", class: made.kind, "aria-rowindex": lines.length + 1 });
    made.cells.forEach((cell, col) => {
      cell.tabIndex = -1;
      cell.setAttribute("aria-colindex", col + 1);
      Object.assign(cell, { line: lines.length, col });
      tr.append(cell);
    });
    lines.push(made);
    body.append(tr);
    if (!body.parentNode) grid.append(body);
  }

  // The same cell after rows or columns moved; a new row or case where one was asked for.
  function restore(key, role, hadFocus) {
    let goal = lines.findIndex((each) => each.kind === "row" && each.key === key);
    const made = wanted && wanted.name && lines.findIndex((each) => each.name === wanted.name && each.phase === wanted.phase);
    if (made > 0) { goal = made; wanted = null; }
    const col = draft.roles.findIndex((each) => each.role === role) + 1;
    anchor = null;
    at = { line: goal > 0 ? goal : Math.min(at.line, lines.length - 1), col: made > 0 ? 1 : col || Math.min(at.col, draft.roles.length) };
    cellAt(at.line, at.col).tabIndex = 0;
    if (hadFocus || made > 0) focus();
  }

  const cellAt = (number, col) => lines[number].cells[Math.min(col, lines[number].cells.length - 1)];
  const here = () => (lines[at.line] ? { ...lines[at.line], role: at.col && draft.roles[at.col - 1] ? draft.roles[at.col - 1].role : "" } : {});

  function paint() {
    lines.filter((each) => each.kind === "row").forEach((each) => each.cells.slice(1).forEach((cell) => {
      const seen = draft.seen(each.key, cell.dataset.role, layer);
      const look = [seen.text, seen.isOwn, seen.isGone].join();
      if (cell.look !== look) {
        cell.look = look;
        const inherited = layer && !seen.isOwn;
        cell.className = layer ? (inherited ? "is-inherited" : "is-different") : "";
        cell.replaceChildren(...(seen.text ? [make("span", { class: "letter letter-" + seen.text.replace("/", "") }, seen.text)]
          : seen.isGone ? [make("span", { class: "letter", title: "no letter here" }, "–")] : []));
      }
      badge(cell, marks.get(each.key + "\x1f" + cell.dataset.role));
    }));
    lines.forEach((each) => each.kind === "row" && badge(each.cells[0], marks.get(each.key + "\x1f")));
    lines[0].cells.slice(1).forEach((cell) => badge(cell, marks.get("\x1f" + cell.dataset.role)));
    select();
    notes();
  }

  function badge(cell, found) {
    const level = found ? ["error", "warning", "information"].find((one) => found.some((each) => each.level === one)) : "";
    if ((cell.dataset.level || "") === level) return;
    cell.querySelectorAll(".badge").forEach((each) => each.remove());
    if (!level) { delete cell.dataset.level; return; }
    cell.dataset.level = level;
    cell.append(make("span", { class: "badge badge-" + level, role: "img", "aria-label": LEVELS[level][2] }, LEVELS[level][0]));
  }

  // Which finding belongs to which row, column or cell of the layer that is shown.
  function mark() {
    marks = new Map();
    state.findings.filter((each) => !each.case || each.case === layer).forEach((each) => {
      const row = draft.rows.find((one) => one.phase === each.phase && one.name === each.activity);
      const place = (row ? row.key : "") + "\x1f" + each.role;
      if (place !== "\x1f") marks.set(place, (marks.get(place) || []).concat(each));
    });
  }

  function found(key, role) {
    return [...new Set([key + "\x1f" + role, key + "\x1f", "\x1f" + role])].filter((place) => place !== "\x1f")
      .flatMap((place) => marks.get(place) || []);
  }

  // The line above the grid, as a spreadsheet's: where one is, what stands there, what is wrong with it.
  function notes() {
    const is = here(), parts = [];
    if (is.kind === "head") parts.push(make("span", { class: "strong" }, is.role ? nameOf(is.role) : "Activities and roles"));
    if (is.kind === "phase") parts.push(make("span", { class: "strong" }, state.phases[is.phase]), " Enter adds an activity.");
    if (is.kind === "row") {
      parts.push(make("span", { class: "strong" }, is.name + (is.role ? " · " + nameOf(is.role) : "")));
      if (is.role) {
        const seen = draft.seen(is.key, is.role, layer);
        parts.push(" " + (seen.text ? seen.text + ", " + state.meanings[seen.text] : "blank"));
        if (layer) parts.push(make("span", { class: "faint" }, seen.isOwn ? " differs in " + layerName(layer) : " as the base"));
      }
    }
    found(is.kind === "row" ? is.key : "", is.role || "").forEach((each) => parts.push(make("span", { class: "found-here" },
      make("span", { class: "tag " + LEVELS[each.level][1] }, each.rule), " " + each.message)));
    byId("cell-notes").replaceChildren(...parts);
  }

  function showLayers() {
    const labels = ["", ...draft.layers.map((each) => each.label)];
    byId("layers").replaceChildren(...labels.map((label) => make("button", { type: "button", class: "verb", "data-layer": label,
      "aria-pressed": String(label === layer) }, layerName(label))));
    const is = draft.layers.find((each) => each.label === layer), note = byId("layer-note");
    note.hidden = !is;
    if (is) note.replaceChildren(make("p", {}, make("strong", {}, layerName(layer)), is.note ? ": " + is.note + " " : " ",
      make("button", { type: "button", class: "link", "data-ask-layer": layer }, "Describe or remove")),
    make("p", { class: "faint" }, "Faint letters are the base's. A letter typed here differs, Delete goes back to the base, - takes a letter away."));
  }

  function showFound() {
    byId("counts").replaceChildren(...Object.entries(state.counts).map(([level, count]) => make("span",
      { class: "tag " + (count ? LEVELS[level][1] : "") }, count + " " + LEVELS[level][2] + (count === 1 ? "" : "s"))));
    const rows = state.findings.map((each, number) => make("li", {}, make("button", { type: "button", class: "jump", "data-found": number },
      make("span", { class: "tag " + LEVELS[each.level][1] }, each.rule), " ",
      make("span", { class: "strong" }, [each.activity, each.case && layerName(each.case)].filter(Boolean).join(", ")), " ", each.message)));
    byId("found").replaceChildren(...(rows.length ? rows : [make("li", { class: "faint" }, "Nothing: the grid passes every check.")]));
  }

  function showRevisions() {
    const rows = state.revisions.map((each) => {
      const now = each.number === state.revision;
      const back = make("button", { type: "button", class: "link", "data-back": each.number, "aria-label": "Back to " + each.number + ", " + each.summary }, "Back to this");
      return make("li", { class: "due-row" }, make("span", {}, make("span", { class: "strong" }, each.summary), " ",
        make("span", { class: "faint" }, each.by + ", " + each.at)), now ? make("span", { class: "tag" }, "now") : back);
    });
    byId("revisions").replaceChildren(...(rows.length ? rows : [make("li", { class: "faint" }, "None yet.")]));
  }

  // --- where one is

  function focus() { go(at.line, at.col); }

  function go(number, col, extends_) {
    grid.querySelectorAll("[tabindex='0']").forEach((each) => { each.tabIndex = -1; each.removeAttribute("aria-describedby"); });
    anchor = extends_ ? anchor || at : null;
    at = { line: Math.min(Math.max(number, 0), lines.length - 1), col: Math.min(Math.max(col, 0), draft.roles.length) };
    const cell = cellAt(at.line, at.col);
    select();
    notes();
    cell.tabIndex = 0;
    cell.setAttribute("aria-describedby", "cell-notes");
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // Letters lie side by side: between them the headings of phases are stepped over.
  function step(down) {
    let next = at.line + down;
    while (at.col && lines[next] && lines[next].kind === "phase") next += down;
    return lines[next] ? next : at.line;
  }

  function leap(by) {
    let next = Math.min(Math.max(at.line + by, 0), lines.length - 1);
    while (at.col && lines[next].kind === "phase") next -= Math.sign(by);
    return next;
  }

  function range() {
    const from = anchor || at;
    const rows = lines.slice(Math.min(from.line, at.line), Math.max(from.line, at.line) + 1).filter((each) => each.kind === "row");
    return { rows, from: Math.max(Math.min(from.col, at.col), 1), to: Math.max(from.col, at.col) };
  }

  function cells() {
    const { rows, from, to } = range();
    return rows.flatMap((each) => each.cells.slice(from, to + 1));
  }

  function select() {
    grid.querySelectorAll(".is-selected").forEach((each) => { each.classList.remove("is-selected"); each.removeAttribute("aria-selected"); });
    if (anchor) cells().forEach((each) => { each.classList.add("is-selected"); each.setAttribute("aria-selected", "true"); });
  }

  // --- what is done

  function write(text) { draft.put(cells().map((each) => each.dataset), layer, text); }

  function type(letter) {
    const is = here(), now = draft.seen(is.key, is.role, layer).text;
    const both = (now === "A" && letter === "R") || (now === "R" && letter === "A");
    draft.put([is], layer, both ? "A/R" : letter);
  }

  function open() {
    const is = here();
    if (is.kind === "phase") dialogs.newRow(is.phase);
    else if (is.kind === "head") { if (is.role) dialogs.role(is.role); }
    else if (!is.role) dialogs.row(is.key);
    else offer(true);
  }

  // The letters to choose from, beside the cell; at the foot of a phone.
  function offer(takeFocus) {
    const texts = [["R", "R"], ["A", "A"], ["A/R", "A/R"], ["C", "C"], ["I", "I"], layer ? ["–", "-"] : ["blank", ""]];
    if (layer) texts.push(["as base", ""]);
    choices.replaceChildren(...texts.map(([label, text]) => make("button", { type: "button", "data-choice": text,
      title: state.meanings[text] || "", class: "letter-" + text.replace("/", "") }, label)));
    choices.setAttribute("aria-label", "Letter for " + here().name + ", " + nameOf(here().role));
    choices.hidden = false;
    const cell = cellAt(at.line, at.col).getBoundingClientRect();
    choices.style.left = Math.max(8, Math.min(cell.left, innerWidth - choices.offsetWidth - 8)) + "px";
    const below = cell.bottom + choices.offsetHeight + 8 < innerHeight;
    choices.style.top = (below ? cell.bottom + 4 : cell.top - choices.offsetHeight - 4) + "px";
    if (takeFocus) choices.firstChild.focus();
  }

  function shut() { choices.hidden = true; }

  function moveLine(by) { if (here().kind === "row") draft.act({ do: "move_activity", activity: here().key, by }); }
  function moveRole(by) { if (here().role) draft.act({ do: "move_role", role: here().role, by }); }

  const KEYS = {
    ArrowUp: (e) => (e.altKey ? moveLine(-1) : go(step(-1), at.col, e.shiftKey)),
    ArrowDown: (e) => (e.altKey ? moveLine(1) : go(step(1), at.col, e.shiftKey)),
    ArrowLeft: (e) => (e.altKey ? moveRole(-1) : go(at.line, at.col - 1, e.shiftKey)),
    ArrowRight: (e) => (e.altKey ? moveRole(1) : go(at.line, at.col + 1, e.shiftKey)),
    Home: (e) => (e.ctrlKey ? go(lines.findIndex((each) => each.kind === "row"), 1, e.shiftKey) : go(at.line, 0, e.shiftKey)),
    End: (e) => go(e.ctrlKey ? lines.findLastIndex((each) => each.kind === "row") : at.line, draft.roles.length, e.shiftKey),
    PageUp: (e) => go(leap(-10), at.col, e.shiftKey),
    PageDown: (e) => go(leap(10), at.col, e.shiftKey),
    Enter: open, F2: open,
    Delete: () => write(""), Backspace: () => write(""), " ": () => write(""),
    Escape: () => { shut(); go(at.line, at.col); },
  };

  grid.addEventListener("keydown", (event) => {
    const key = event.key, command = event.ctrlKey || event.metaKey;
    if (command && key.toLowerCase() === "z") { event.preventDefault(); return event.shiftKey ? draft.redo() : draft.undo(); }
    if (command && key.toLowerCase() === "y") { event.preventDefault(); return draft.redo(); }
    if (command && key.toLowerCase() === "a") { event.preventDefault(); return selectAll(); }
    if (KEYS[key] && (!command || /Home|End/.test(key))) {
      event.preventDefault();
      shut();
      return KEYS[key](event);
    }
    if (command || event.altKey || here().kind !== "row" || !here().role) return;
    const letter = TYPED[key.toLowerCase()];
    if (letter || key === "-") { event.preventDefault(); shut(); letter ? type(letter) : write(layer ? "-" : ""); }
  });

  function selectAll() {
    const first = lines.findIndex((each) => each.kind === "row");
    if (first < 0) return;
    go(first, 1);
    go(lines.findLastIndex((each) => each.kind === "row"), draft.roles.length, true);
  }

  choices.addEventListener("keydown", (event) => {
    const step_ = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], all = [...choices.children];
    if (step_) all[(all.indexOf(document.activeElement) + step_ + all.length) % all.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") { shut(); focus(); }
    else if (TYPED[event.key.toLowerCase()]) { write(TYPED[event.key.toLowerCase()]); shut(); focus(); }
    else return;
    event.preventDefault();
  });

  // A pointer: a click opens the choices, a mouse that is drawn selects; a finger scrolls.
  const cellOf = (event) => event.target.closest && event.target.closest("td, th");
  grid.addEventListener("pointerdown", (event) => {
    const cell = cellOf(event);
    if (!cell || event.pointerType !== "mouse" || event.button || event.target.closest("button")) return;
    event.preventDefault();
    shut();
    dragging = !event.shiftKey;
    go(cell.line, cell.col, event.shiftKey);
  });
  grid.addEventListener("pointerover", (event) => {
    const cell = cellOf(event);
    if (dragging && event.buttons === 1 && cell && (cell.line !== at.line || cell.col !== at.col)) go(cell.line, cell.col, true);
  });
  document.addEventListener("pointerup", () => { dragging = false; });
  grid.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (!cell) return;
    if (event.target.dataset.add) return dialogs.newRow(event.target.dataset.add);
    if (anchor && event.detail) return;
    if (event.shiftKey) return;
    go(cell.line, cell.col);
    if (cell.tagName === "TD") offer(false);
    else if (cell.dataset.key || cell.dataset.role) open();
  });
  document.addEventListener("pointerdown", (event) => { if (!choices.contains(event.target)) shut(); }, true);

  // --- the clipboard, as tab-separated text: what every spreadsheet reads and writes

  const inGrid = () => grid.contains(document.activeElement);
  function copied(event, clear) {
    if (!inGrid() || !cells().length) return;
    const { rows, from, to } = range();
    event.clipboardData.setData("text/plain", rows.map((each) => each.cells.slice(from, to + 1)
      .map((cell) => draft.seen(each.key, cell.dataset.role, layer).text).join("\t")).join("\n"));
    event.preventDefault();
    if (clear) write("");
    byId("status").textContent = "Copied " + rows.length + " × " + (to - from + 1) + ".";
  }
  document.addEventListener("copy", (event) => copied(event, false));
  document.addEventListener("cut", (event) => copied(event, true));

  document.addEventListener("paste", (event) => {
    if (!inGrid()) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    let block = text.split("\n").map((each) => each.split("\t").map((one) => one.trim().replace(/^"(.*)"$/, "$1")));
    const { rows, from, to } = range();
    if (!rows.length || !at.col) return say("error", "Choose a cell to paste into, not a heading.", true);
    if (anchor && block.length === 1 && block[0].length === 1) block = rows.map(() => Array(to - from + 1).fill(block[0][0]));
    draft.act({ do: "paste", activity: rows[0].key, role: draft.roles[from - 1].role, rows: block, variation: layer });
  });

  // --- what happened

  function say(kind, words, offersImport) {
    const all = [].concat(words);
    const notice = make("div", { class: "notice notice-" + kind + " mb-4" }, ...all.map((each) => make("p", {}, each)));
    if (offersImport) notice.append(make("p", {}, make("a", { href: state.urls.import }, "Import a whole sheet with its headings")));
    notice.append(make("button", { type: "button", class: "link", "data-close": true }, "Close"));
    trouble.replaceChildren(notice);
  }

  function where(change) {
    const row = draft.rows.find((each) => each.key === change.activity);
    return [row && row.name, change.role && nameOf(change.role), change.variation && layerName(change.variation)].filter(Boolean).join(" · ");
  }

  function tell(what, details) {
    const status = byId("status");
    if (what === "changed") return show();
    if (what === "saving") { status.textContent = "Saving…"; return; }
    if (what === "failed") {
      status.textContent = "Not saved";
      return say("error", "Not saved: the server cannot be reached, or you were signed out (then sign in in another tab). "
        + details.count + " change" + (details.count === 1 ? " is" : "s are") + " kept here; trying again in " + details.seconds + " s.");
    }
    show();
    if (what === "saved") return saved(status);
    if (what === "meanwhile") return meanwhile(details);
    refused(details);
  }

  function saved(status) {
    if (trouble.textContent.startsWith("Not saved")) trouble.replaceChildren();
    const { error, warning } = state.counts, several = (count, word) => count + " " + word + (count === 1 ? "" : "s");
    status.textContent = "Saved " + state.saved_at + ", " + several(error, "error") + ", " + several(warning, "warning");
    if (wanted && wanted.layer && draft.layers.some((each) => each.label === wanted.layer)) { layer = wanted.layer; wanted = null; show(); }
  }

  function refused({ reasons, lost }) {
    byId("status").textContent = "Not changed";
    const change = (lost || [])[0], messages = reasons.map((each) => each.message);
    if (!change || !dialogs.again(change, messages.join(" "))) {
      const typed = change && change.do === "set" ? ["You typed " + (change.text || "blank") + "."] : [];
      say("error", (messages.length ? messages : ["The server refused it."]).concat(typed), change && change.do === "paste");
    }
  }

  // Both are shown: what they made of it and what I wanted; the rest is already on its way again.
  function meanwhile({ reasons, edits, clashes, free }) {
    const clash = byId("clash"), done = edits.map((each) => each.by + ", " + each.at + ": " + each.summary);
    say("warning", [reasons[0].message, ...done, ...(free.length ? ["What of yours does not meet theirs is kept and saved."] : [])]);
    if (!clashes.length) return;
    byId("clash-title").textContent = "You and " + edits[edits.length - 1].by + " changed the same: which is right?";
    byId("clash-rows").append(...clashes.map((each) => choice(each)));
    clash.hidden = false;
  }

  function mine(change) { return change.do === "set" ? change.text || "blank" : Object.values(change.words || {}).join(", ") || change.do.replace("_", " "); }

  function choice({ change, what, before, theirs }) {
    const row = make("p", { class: "clash-row" }, make("span", { class: "strong" }, where(change) || before),
      make("span", { class: "faint" }, what === "gone" ? "was removed" : "was " + (before || "blank")));
    const end = () => { row.remove(); byId("clash").hidden = !byId("clash-rows").children.length; focus(); };
    const keep = make("button", { type: "button", class: "verb" }, what === "gone" ? "Leave it out; I wanted " + mine(change) : "Keep theirs: " + (theirs || "blank"));
    keep.onclick = end;
    row.append(keep);
    if (what !== "gone") {
      const put_ = make("button", { type: "button", class: "verb verb-primary" }, "Put mine: " + mine(change));
      put_.onclick = () => { draft.act(change); end(); };
      row.append(put_);
    }
    return row;
  }

  window.addEventListener("beforeunload", (event) => { if (!byId("clash").hidden) event.preventDefault(); });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const data = button.dataset;
    if ("choice" in data) { write(data.choice); shut(); focus(); }
    else if ("layer" in data) { layer = data.layer; show(); byId("layers").querySelector("[aria-pressed=true]").focus(); }
    else if (data.askLayer) dialogs.layer(data.askLayer);
    else if (data.found) jump(state.findings[data.found]);
    else if (data.back) draft.backTo(Number(data.back));
    else if ("close" in data) trouble.replaceChildren();
    else if (data.tool === "undo") draft.undo();
    else if (data.tool === "redo") draft.redo();
    else if (data.tool === "add-role") dialogs.newRole();
    else if (data.tool === "add-layer") dialogs.newLayer();
  });

  function jump(finding) {
    if (finding.case && draft.layers.some((each) => each.label === finding.case)) { layer = finding.case; show(); }
    const number = lines.findIndex((each) => each.kind === "row" && each.phase === finding.phase && each.name === finding.activity);
    const col = draft.roles.findIndex((each) => each.role === finding.role) + 1;
    go(number > 0 ? number : 0, col);
  }

  show();
});
