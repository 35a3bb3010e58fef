// Keeps an open page up to date. It asks every few seconds whether anything is new, swaps only the
// panels that differ, and moves nothing under the finger. Without it the page is complete all the same.
(function () {
  "use strict";

  var EVERY = 5000, HIDDEN = 30000, SLOWEST = 60000, PATIENCE = 10000;
  var FINGER = 1500;  // a finger just lifted is about to come down again
  var STILL = 60000;  // nobody has touched anything for so long: a mouse that only lies there is no finger

  var root = document.querySelector("[data-live]");
  if (!root) return;
  var said = document.getElementById("live-said"), lost = document.getElementById("live-lost");
  var seen = root.dataset.seen, isOver = "over" in root.dataset, isStopped = false;
  var lastAnswer = new Date(), failures = 0, timer = 0, lastInput = 0;
  var over = null, touched = null;  // the panels under the mouse and under a finger
  var shown = {}, waiting = {};  // by panel: what it says, and what it would say

  // --- what a panel says, whatever clocks, tokens and its reader did to it meanwhile

  function words(panel) {
    var copy = panel.cloneNode(true);
    copy.querySelectorAll(".live-new").forEach(function (each) { each.remove(); });
    copy.querySelectorAll("time[data-since], time[data-until], time[data-story]").forEach(function (clock) {
      clock.textContent = "";
      clock.removeAttribute("class");
    });
    copy.querySelectorAll("time[data-target] ~ [data-verdict]").forEach(function (verdict) {
      verdict.textContent = "";
    });
    copy.querySelectorAll("details").forEach(function (each) { each.removeAttribute("open"); });
    copy.querySelectorAll("input[name=csrfmiddlewaretoken], input[name=form_key], input[name=shown_at]").forEach(function (token) {
      token.setAttribute("value", "");
    });
    copy.removeAttribute("style");
    return copy.outerHTML.replace(/\s+/g, " ");
  }

  function panels(within) { return Array.from(within.querySelectorAll("[data-panel]")); }

  function panelOf(node) { return node && node.closest ? node.closest("[data-panel]") : null; }

  function titleOf(panel) {
    var heading = panel.querySelector("h2");
    return heading ? heading.textContent.trim() : "";
  }

  // --- is somebody at it?

  function isSelected(panel) {
    var selection = window.getSelection();
    return Boolean(selection && !selection.isCollapsed && selection.containsNode(panel, true));
  }

  function isActive() { return Date.now() - lastInput < STILL; }

  function isInView(element) {
    var box = element.getBoundingClientRect();
    return box.bottom > 0 && box.top < window.innerHeight;
  }

  function focused() {
    var panel = panelOf(document.activeElement);
    return panel && document.activeElement !== panel ? panel : null;
  }

  function finger() { return touched || (isActive() ? over : null) || focused(); }

  function isHeld(panel) {
    if (panel === focused() || panel === touched || isSelected(panel)) return true;
    if (panel.querySelector("details[open]")) return true;
    if (!isActive()) return false;
    // What is being read is not pushed down by what is newer.
    return panel === over || (Boolean(panel.querySelector("[data-entry]")) && isInView(panel));
  }

  // --- swapping

  function anchor() {
    var at = finger();
    if (at && isInView(at)) return at;
    return Array.from(root.querySelectorAll("[data-entry], [data-panel]")).find(function (each) {
      var top = each.getBoundingClientRect().top;
      return top >= 0 && top < window.innerHeight;
    });
  }

  // Whatever is done above it, what is being read stays where it is.
  function keepingPlace(act) {
    var fixed = anchor(), top = fixed && fixed.getBoundingClientRect().top;
    act();
    fixed = fixed && document.getElementById(fixed.id);
    if (!fixed) return;
    var moved = fixed.getBoundingClientRect().top - top;
    if (moved) window.scrollBy({ top: moved, behavior: "instant" });
  }

  function swap(panel, fresh) {
    var isNew = document.importNode(fresh, true), height = panel.offsetHeight;
    shown[panel.id] = words(fresh);
    delete waiting[panel.id];
    panel.replaceWith(isNew);
    isNew.classList.add("is-fresh");
    // Nothing slides up under a finger either.
    if (finger() && isNew.offsetHeight < height) isNew.style.minHeight = height + "px";
    if (over === panel) over = isNew;
    document.dispatchEvent(new CustomEvent("governance:fresh"));
    return isNew;
  }

  function newEntries(panel, fresh) {
    return Array.from(fresh.querySelectorAll("[data-entry]")).filter(function (entry) {
      return !panel.querySelector("#" + entry.id);
    }).length;
  }

  function offerOf(panel, fresh) {
    var count = newEntries(panel, fresh);
    return count ? count + (count === 1 ? " new entry" : " new entries") : "New";
  }

  // In a place of no height: the button that says there is something new moves nothing.
  function offer(panel, fresh) {
    var place = panel.querySelector(":scope > .live-new") || document.createElement("div");
    if (!place.firstChild) {
      place.className = "live-new";
      place.appendChild(document.createElement("button")).type = "button";
      place.firstChild.addEventListener("click", function () { show(panel); });
      panel.prepend(place);
    }
    var label = offerOf(panel, fresh) + ": show";
    if (place.firstChild.textContent !== label) place.firstChild.textContent = label;
  }

  function show(panel) {
    var open = Array.from(panel.querySelectorAll("details")).map(function (each) { return each.open; });
    var isNew = swap(panel, waiting[panel.id]);
    isNew.querySelectorAll("details").forEach(function (each, n) { each.open = Boolean(open[n]); });
    var heading = isNew.querySelector("h1, h2") || isNew;
    heading.setAttribute("tabindex", "-1");
    heading.focus({ preventScroll: true });
  }

  function settle() {
    if (!finger()) panels(root).forEach(function (panel) { panel.style.minHeight = ""; });
    var ids = Object.keys(waiting);
    if (!ids.length) return;
    keepingPlace(function () {
      ids.forEach(function (id) {
        var panel = document.getElementById(id), fresh = waiting[id];
        if (isHeld(panel)) offer(panel, fresh);
        else swap(panel, fresh);
      });
    });
  }

  function take(html) {
    var answer = new DOMParser().parseFromString(html, "text/html").querySelector("[data-live-answer]");
    if (!answer) throw new Error("no panels in the answer");
    var titles = [];
    panels(answer).forEach(function (fresh) {
      var panel = document.getElementById(fresh.id);
      if (!panel) return;
      if (words(fresh) === shown[fresh.id]) {
        delete waiting[fresh.id];
        return;
      }
      var count = newEntries(panel, fresh), title = titleOf(fresh);
      if (count) titles.unshift(count === 1 ? "1 new entry" : count + " new entries");
      else if (title) titles.push(title);
      waiting[fresh.id] = fresh;
    });
    seen = answer.dataset.seen;
    isOver = "over" in answer.dataset;
    settle();
    if (titles.length) said.textContent = "New: " + titles.slice(0, 4).join(", ");
  }

  // --- asking

  function answered() {
    failures = 0;
    lastAnswer = new Date();
    lost.hidden = true;
  }

  function missed() {
    failures += 1;
    if (failures < 2) return;  // one lost answer is made good five seconds later
    var since = lastAnswer.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    tell("Not live since " + since + ". Trying again.");
  }

  function tell(text) {
    if (lost.textContent !== text) lost.textContent = text;
    lost.hidden = false;
  }

  function stop(why) {
    isStopped = true;
    tell(why + " ");
    var again = lost.appendChild(document.createElement("a"));
    again.href = location.href;
    again.textContent = "Load the page again";
  }

  function ask() {
    clearTimeout(timer);
    if (isStopped) return;
    var patience = new AbortController();
    var limit = setTimeout(function () { patience.abort(); }, PATIENCE);
    var address = root.dataset.live + "?seen=" + encodeURIComponent(seen);
    fetch(address, { credentials: "same-origin", redirect: "manual", signal: patience.signal })
      .then(function (answer) {
        if (answer.type === "opaqueredirect") return stop("You were signed out.");
        if (answer.status === 403 || answer.status === 404) return stop("This is no longer shown to you.");
        if (answer.status === 204) { answered(); return settle(); }
        if (!answer.ok) throw new Error("answered " + answer.status);
        return answer.text().then(function (html) { take(html); answered(); });
      })
      .catch(missed)
      .then(function () { clearTimeout(limit); next(); });
  }

  function next() {
    clearTimeout(timer);
    if (isStopped || (isOver && !Object.keys(waiting).length)) return;
    var pause = document.hidden ? HIDDEN : EVERY;
    pause = Math.min(SLOWEST, pause * Math.pow(2, failures));
    // Twenty pages that lost the server together do not come back together.
    timer = setTimeout(ask, pause * (0.8 + 0.4 * Math.random()));
  }

  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  window.addEventListener("online", ask);

  ["pointermove", "pointerdown", "keydown", "wheel", "touchmove"].forEach(function (kind) {
    document.addEventListener(kind, function () { lastInput = Date.now(); }, { passive: true });
  });
  document.addEventListener("pointerover", function (event) {
    if (event.pointerType === "mouse") over = panelOf(event.target);
  });
  document.documentElement.addEventListener("pointerleave", function () { over = null; });
  document.addEventListener("pointerdown", function (event) {
    if (event.pointerType !== "mouse") touched = panelOf(event.target);
  });
  ["pointerup", "pointercancel"].forEach(function (kind) {
    document.addEventListener(kind, function () {
      var lifted = touched;
      setTimeout(function () { if (touched === lifted) touched = null; }, FINGER);
    });
  });

  panels(root).forEach(function (panel) { shown[panel.id] = words(panel); });
  next();
})();
