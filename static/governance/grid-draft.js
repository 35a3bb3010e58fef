// The draft of a matrix as the browser knows it: what the server said last, and what is not saved yet.
// It knows no rule: the server refuses, finds and merges. `tell(what, details)` says what happened.
window.matrixDraft = function (state, csrf, tell) {
  "use strict";

  const SAVE_AFTER = 500, RETRY_MOST = 30000;
  let waiting = [], sending = [], timer = 0, retry = 1000, future = [];
  let past = state.revisions.length ? state.revisions.map((each) => each.number).reverse() : [0];
  const draft = { state, rows: [], roles: [], layers: [], letters: new Map(), typed: new Map() };

  const spot = (layer, key, role) => [layer, key, role].join("\x1f");

  // What the server says holds; only letters on their way are laid over it.
  function adopt(answer) {
    Object.assign(state, answer);
    const content = state.content, byPlace = new Map();
    draft.roles = content.roles.map((each) => (each.role ? each : { role: each, description: "" }));
    draft.rows = content.activities;
    draft.layers = (content.variations || []).map((each) => {
      const kind = ["severity", "tier", "scenario"].find((one) => one in each);
      return { label: kind + " " + each[kind], note: each.note || "", differences: each.differences };
    });
    draft.letters.clear();
    const keep = (layer, key, letters) => Object.entries(letters).forEach(([role, text]) => {
      draft.letters.set(spot(layer, key, role), text);
    });
    draft.rows.forEach((row) => { byPlace.set(row.phase + "\x1f" + row.name, row.key); keep("", row.key, row.letters); });
    draft.layers.forEach((layer) => layer.differences.forEach((each) => {
      keep(layer.label, byPlace.get(each.phase + "\x1f" + each.activity), each.letters);
    }));
    overlay();
  }

  function overlay() {
    draft.typed.clear();
    sending.concat(waiting).filter((each) => each.do === "set").forEach((each) => {
      draft.typed.set(spot(each.variation, each.activity, each.role), each.text);
    });
  }

  // What is seen in a cell: its text, and in a variation whether it differs from the base.
  draft.seen = function (key, role, layer) {
    const own = (where) => {
      const at = spot(where, key, role);
      return (draft.typed.has(at) ? draft.typed.get(at) : draft.letters.get(at)) || "";
    };
    if (!layer) return { text: own(""), isOwn: true };
    const differs = own(layer);
    return { text: differs === "-" ? "" : differs || own(""), isOwn: Boolean(differs), isGone: differs === "-" };
  };

  // The same text into these cells; what was typed there a moment ago and is not sent yet is forgotten.
  draft.put = function (cells, layer, text) {
    const at = new Set(cells.map((each) => spot(layer, each.key, each.role)));
    const replaced = (each) => each.do === "set" && at.has(spot(each.variation, each.activity, each.role));
    waiting = waiting.filter((each) => !replaced(each));
    cells.forEach((each) => waiting.push({ do: "set", activity: each.key, role: each.role, text, variation: layer }));
    overlay();
    tell("changed");
    clearTimeout(timer);
    timer = setTimeout(flush, SAVE_AFTER);
  };

  // Anything but a letter is sent at once, after the letters typed before it.
  draft.act = function (change) { waiting.push(change); flush(); };
  draft.undo = () => draft.act({ do: "undo" });
  draft.redo = () => draft.act({ do: "redo" });
  draft.backTo = (number) => draft.act({ do: "back", to: number });
  draft.isSaved = () => !waiting.length && !sending.length;
  draft.flush = flush;

  function flush() {
    clearTimeout(timer);
    if (sending.length || !waiting.length) return;
    const letters = waiting.findIndex((each) => each.do !== "set" || each.alone);
    sending = waiting.splice(0, letters < 0 ? waiting.length : letters || 1);
    const first = sending[0].do;
    if (["undo", "redo", "back"].includes(first)) return back(sending[0]);
    tell("saving");
    post(state.urls.save, { revision: state.revision, changes: sending.map(({ alone, ...change }) => change) }, (answer) => {
      if (answer.revision !== state.revision) { past.push(answer.revision); future = []; }
    });
  }

  function back(wish) {
    const to = wish.do === "back" ? wish.to : wish.do === "redo" ? future[future.length - 1] : past[past.length - 2];
    if (to === undefined) {
      sending = [];
      tell("refused", { reasons: [{ message: "There is nothing to " + wish.do + "." }] });
      return flush();
    }
    tell("saving");
    post(state.urls.undo, { revision: state.revision, to }, () => {
      if (wish.do === "undo") future.push(past.pop());
      else if (wish.do === "redo") past.push(future.pop());
      else { past.push(to); future = []; }
    });
  }

  function post(url, said, note) {
    const kept = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);  // it changes with every sign-in
    fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": kept ? kept[1] : csrf },
      body: JSON.stringify(said),
    }).then((response) => response.json().then((answer) => [response.status, answer])).then(
      ([status, answer]) => {
        retry = 1000;
        if (status === 200) saved(answer, note);
        else if (answer.now) meanwhile(answer);
        else refused(answer);
      },
      () => failed(),
    );
  }

  function saved(answer, note) {
    note(answer);
    sending = [];
    adopt(answer);
    tell("saved");
    flush();
  }

  // Somebody was first: what does not meet theirs is sent again, of the rest a person decides.
  function meanwhile(answer) {
    answer.edits.forEach((each) => past.push(each.number));
    future = [];
    sending = [];
    waiting = answer.free.concat(waiting);
    adopt(answer.now);
    tell("meanwhile", answer);
    flush();
  }

  // Of several letters only the bad ones are lost: each is sent once more by itself.
  function refused(answer) {
    const several = sending.length > 1 && answer.reasons;
    if (several) waiting = sending.map((each) => ({ ...each, alone: true })).concat(waiting);
    const lost = several ? [] : sending;
    sending = [];
    overlay();
    tell(several ? "changed" : "refused", { reasons: answer.reasons || [], lost });
    flush();
  }

  // No connection, an error of the server, or signed out (the answer is a page): keep, try again.
  function failed() {
    waiting = sending.concat(waiting);
    sending = [];
    tell("failed", { count: waiting.length, seconds: retry / 1000 });
    clearTimeout(timer);
    timer = setTimeout(flush, retry);
    retry = Math.min(retry * 2, RETRY_MOST);
  }

  window.addEventListener("online", flush);
  window.addEventListener("beforeunload", (event) => { if (!draft.isSaved()) event.preventDefault(); });
  adopt(state);
  return draft;
};
