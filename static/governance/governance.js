// What the admin theme leaves out for keyboards and screen readers, and clocks that run.
(function () {
  "use strict";

  // The theme opens menus with <div x-on:click>: no tab stop, no role. Give them both.
  function reachable(root) {
    root.querySelectorAll("[x-on\\:click], [\\@click]").forEach(function (element) {
      if (element.matches("a[href], button, input, select, textarea, [tabindex]")) return;
      element.setAttribute("tabindex", "0");
      element.setAttribute("role", "button");
      if (!element.textContent.trim() || element.matches(".material-symbols-outlined")) {
        element.setAttribute("aria-label", element.getAttribute("title") || "Menu");
      }
    });
  }

  document.addEventListener("keydown", function (event) {
    var target = event.target;
    if (event.key !== "Enter" && event.key !== " ") return;
    if (target.getAttribute && target.getAttribute("role") === "button" && target.tagName !== "BUTTON") {
      event.preventDefault();
      target.click();
    }
  });

  function landmarks() {
    var main = document.getElementById("main") || document.getElementById("page");
    if (!main || document.querySelector("main, [role=main]")) return;
    var content = document.getElementById("content") || main;
    content.setAttribute("role", "main");
    content.setAttribute("tabindex", "-1");
    var skip = document.createElement("a");
    skip.href = "#" + content.id;
    skip.className = "skip-link";
    skip.textContent = "Skip to the content";
    document.body.prepend(skip);
  }

  // <time data-since="…"> counts up, <time data-until="…"> counts down and turns to "late".
  function span(seconds) {
    var s = Math.abs(Math.round(seconds)), d = Math.floor(s / 86400), h = Math.floor((s % 86400) / 3600),
      m = Math.floor((s % 3600) / 60);
    if (d) return d + " d " + h + " h";
    if (h) return h + " h " + String(m).padStart(2, "0") + " min";
    return m + " min " + String(s % 60).padStart(2, "0") + " s";
  }

  function tick() {
    var now = Date.now();
    document.querySelectorAll("time[data-since]").forEach(function (element) {
      element.textContent = span((now - Date.parse(element.dataset.since)) / 1000);
    });
    document.querySelectorAll("time[data-until]").forEach(function (element) {
      var left = (Date.parse(element.dataset.until) - now) / 1000;
      element.textContent = left >= 0 ? "in " + span(left) : span(left) + " late";
      element.classList.toggle("is-late", left < 0);
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    landmarks();
    reachable(document);
    if (document.querySelector("time[data-since], time[data-until]")) {
      tick();
      setInterval(tick, 1000);
    }
  });
})();
