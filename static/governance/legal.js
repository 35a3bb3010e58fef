// The interview by number keys, and the file with everything open when it is printed.
(function () {
  "use strict";

  var question = document.querySelector("[data-question]");

  function answers() { return Array.from(question.querySelectorAll("[data-answer]")); }

  // Each button shows its key: 1 to 9, and 0 for "nobody knows".
  function keyOf(button, index) {
    if ("unknown" in button.dataset) return "0";
    return index < 9 ? String(index + 1) : "";
  }

  function number() {
    answers().forEach(function (button, index) {
      var place = button.querySelector(".key"), key = keyOf(button, index);
      if (place) place.textContent = key;
      if (key) button.setAttribute("aria-keyshortcuts", key);
    });
  }

  // Only while the question itself has the focus: a number typed elsewhere answers nothing.
  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input, select, textarea") || !question.contains(event.target)) return;
    var found = answers().find(function (button, index) { return keyOf(button, index) === event.key; });
    if (!found) return;
    event.preventDefault();
    found.click();
  }

  if (question && answers().length) {
    number();
    document.addEventListener("keydown", press);
  }

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.from(document.querySelectorAll(".law-file details:not([open])"));
    closed.forEach(function (each) { each.open = true; });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (each) { each.open = false; });
  });
})();
