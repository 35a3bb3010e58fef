// The small forms of the grid editor: an activity, a role, a case that differs. Each ends in one change.
window.matrixDialogs = function (draft, choose, done) {
  "use strict";

  const state = draft.state;
  const find = (id) => document.getElementById("ask-" + id);
  const nameOf = (role) => state.roles[role] || role;

  function fill(select, options, chosen) {
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === chosen)));
  }

  // Opens a form with these values; `act(how, values)` is called with the button pressed, never for "".
  function ask(id, values, act, error) {
    const dialog = find(id), form = dialog.querySelector("form"), said = dialog.querySelector("[data-error]");
    Object.entries(values).forEach(([name, value]) => { form.elements[name].value = value ?? ""; });
    said.hidden = !error;
    said.textContent = error || "";
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue) act(dialog.returnValue, Object.fromEntries(new FormData(form)));
      done();
    };
    dialog.showModal();
  }

  const minutes = (text) => (text.trim() === "" ? null : Number(text));
  const phases = () => Object.entries(state.phases);
  const options = (object) => Object.entries(object);

  function row(key, words, error) {
    const is = draft.rows.find((each) => each.key === key);
    if (!is) return;
    const form = find("row").querySelector("form"), proposal = state.proposals[key];
    fill(form.elements.phase, phases());
    fill(form.elements.act, [["", "nothing in particular"], ...options(state.acts)]);
    const hint = form.querySelector(".proposal");
    hint.hidden = !proposal;
    if (proposal) hint.querySelector("span").textContent = state.acts[proposal];
    hint.querySelector("button").onclick = () => { form.elements.act.value = proposal; hint.hidden = true; };
    const was = { name: is.name, description: is.description || "", phase: is.phase, act: is.act || "",
      within: is.within ?? null, proceed_after: is.proceed_after ?? null };
    ask("row", { ...was, ...words }, (how, now) => {
      if (how === "up" || how === "down") return draft.act({ do: "move_activity", activity: key, by: how === "up" ? -1 : 1 });
      if (how === "remove") return draft.act({ do: "remove_activity", activity: key });
      now.within = minutes(now.within);
      now.proceed_after = minutes(now.proceed_after);
      const changed = Object.fromEntries(options(now).filter(([name, value]) => value !== was[name]));
      if (Object.keys(changed).length) draft.act({ do: "change_activity", activity: key, words: changed });
    }, error);
  }

  function newRow(phase, after, name, error) {
    fill(find("new-row").querySelector("form").elements.phase, phases());
    ask("new-row", { phase, name: name || "" }, (how, now) => {
      choose({ name: now.name.trim().replace(/\s+/g, " "), phase: now.phase });
      draft.act({ do: "add_activity", ...now, after: now.phase === phase && after ? after : "" });
    }, error);
  }

  function role(slug, description, error) {
    const is = draft.roles.find((each) => each.role === slug);
    if (!is) return;
    find("role").querySelector("h2").textContent = nameOf(slug);
    ask("role", { description: description ?? is.description ?? "" }, (how, now) => {
      if (how === "left" || how === "right") return draft.act({ do: "move_role", role: slug, by: how === "left" ? -1 : 1 });
      if (how === "remove") return draft.act({ do: "remove_role", role: slug });
      if (now.description.trim() !== (is.description || "")) draft.act({ do: "describe_role", role: slug, ...now });
    }, error);
  }

  function newRole(error) {
    const free = state.usable.filter((slug) => !draft.roles.some((each) => each.role === slug));
    fill(find("new-role").querySelector("form").elements.role, free.map((slug) => [slug, nameOf(slug)]));
    ask("new-role", {}, (how, now) => { if (now.role) draft.act({ do: "add_role", role: now.role }); },
      error || (free.length ? "" : "Every role in use has its column: a new role is made among the roles."));
  }

  function layer(label, note, error) {
    const is = draft.layers.find((each) => each.label === label);
    if (!is) return;
    find("layer").querySelector("h2").textContent = state.cases[label] || label;
    ask("layer", { note: note ?? is.note }, (how, now) => {
      if (how === "remove") return draft.act({ do: "remove_variation", variation: label });
      if (now.note.trim() !== is.note) draft.act({ do: "describe_variation", variation: label, ...now });
    }, error);
  }

  function newLayer(note, error) {
    const free = options(state.cases).filter(([label]) => !draft.layers.some((each) => each.label === label));
    fill(find("new-layer").querySelector("form").elements.variation, free);
    ask("new-layer", { note: note || "" }, (how, now) => {
      if (!now.variation) return;
      choose({ layer: now.variation });
      draft.act({ do: "add_variation", ...now });
    }, error);
  }

  // What was refused comes back as it was typed, with the reason: nothing is typed twice.
  function again(change, error) {
    switch (change.do) {
      case "change_activity": row(change.activity, change.words, error); break;
      case "add_activity": newRow(change.phase, change.after, change.name, error); break;
      case "describe_role": role(change.role, change.description, error); break;
      case "describe_variation": layer(change.variation, change.note, error); break;
      case "add_variation": newLayer(change.note, error); break;
      case "add_role": newRole(error); break;
      default: return false;
    }
    return true;
  }

  return { row, newRow, role, newRole, layer, newLayer, again };
};
