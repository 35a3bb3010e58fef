// Words to be said, taken with one press; and a list of them, narrowed while somebody types.
// Without this script each stands in a field of its own, to be selected by hand.
(function () {
  "use strict";

  var SHOWN = 2500; // milliseconds for which a button says what it did

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  // The browser's clipboard needs https; the older way works without.
  function put(text, field) {
    if (navigator.clipboard && window.isSecureContext) {
      return navigator.clipboard.writeText(text).catch(function () { return byHand(field); });
    }
    return byHand(field);
  }

  function byHand(field) {
    var before = document.activeElement;
    field.hidden = false;
    field.select();
    if (!document.execCommand("copy")) return Promise.reject(new Error("not copied"));
    field.hidden = true;
    if (before) before.focus();
    return Promise.resolve();
  }

  // A count that fails takes nothing from whoever copied.
  function count(words) {
    var root = words.closest("[data-counts]");
    if (!root || !words.dataset.statement) return;
    var token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    var said = new URLSearchParams({ statement: words.dataset.statement, incident: words.dataset.incident });
    fetch(root.dataset.counts, {
      method: "POST",
      body: said,
      keepalive: true,
      headers: { "X-CSRFToken": token ? token[1] : "" },
    }).catch(function () {});
  }

  function announce(text) {
    var place = document.querySelector("[data-copied-says]");
    if (!place) return;
    place.textContent = "";
    requestAnimationFrame(function () { place.textContent = text; });
  }

  function copy(button) {
    var words = button.closest("[data-words]");
    var field = words.querySelector("[data-copy-text]");
    var label = button.querySelector("[data-copy-label]");
    put(field.value, field).then(function () {
      label.textContent = "Copied";
      announce(words.dataset.missing ? "Copied. Still to be filled in: " + words.dataset.missing : "Copied");
      count(words);
      setTimeout(function () { label.textContent = "Copy"; }, SHOWN);
    }, function () {
      announce("Not copied: the words are selected, copy them with your keyboard.");
    });
  }

  function narrow(input) {
    var asked = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    var found = 0;
    all("[data-group]").forEach(function (group) {
      var name = group.querySelector("h2, h3").textContent.toLowerCase();
      var shown = 0, isNamed = asked.every(function (word) { return name.indexOf(word) >= 0; });
      all("[data-words]", group).forEach(function (words) {
        var text = name + " " + words.textContent.toLowerCase();
        var fits = asked.every(function (word) { return text.indexOf(word) >= 0; });
        words.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      group.hidden = !shown && !isNamed;
      all("details", group).forEach(function (more) { if (asked.length && shown) more.open = true; });
      found += shown;
    });
    var status = document.querySelector("[data-found]");
    if (status) status.textContent = asked.length ? found + " found" : "";
  }

  document.addEventListener("DOMContentLoaded", function () {
    all("[data-copy-text]").forEach(function (field) { field.hidden = true; });
    all("[data-copy]").forEach(function (button) { button.hidden = false; });
    document.addEventListener("click", function (event) {
      var button = event.target.closest("[data-copy]");
      if (button) copy(button);
    });
    var input = document.querySelector("[data-find]");
    // What the server narrowed it widens again: only all of the words are narrowed here.
    if (!input || input.form.dataset.searched) return;
    input.addEventListener("input", function () { narrow(input); });
    if (input.value) narrow(input); // typed before going away and back
  });
})();
