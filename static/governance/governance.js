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
        element.setAttribute("aria-label", nameOf(element));
      }
    });
  }

  // An icon is a word in a font of icons: beside other words nobody should hear it.
  function muteIcons() {
    document.querySelectorAll(".material-symbols-outlined").forEach(function (icon) {
      var beside = icon.closest("a, button, [role=button], li, h1, th, td") || icon.parentElement;
      if (!icon.matches("[role=button]") && beside.textContent.trim() !== icon.textContent.trim()) {
        icon.setAttribute("aria-hidden", "true");
      }
    });
  }

  function nameOf(element) {
    var act = element.getAttribute("x-on:click") || element.getAttribute("@click") || "";
    if (/^sidebar/.test(act)) return "Sidebar";
    if (/= false$/.test(act)) return "Close";
    return element.getAttribute("title") || "Menu";
  }

  document.addEventListener("keydown", function (event) {
    var target = event.target;
    if (event.key !== "Enter" && event.key !== " ") return;
    if (target.getAttribute && target.getAttribute("role") === "button" && target.tagName !== "BUTTON") {
      event.preventDefault();
      target.click();
      setTimeout(function () { enterMenu(target); }, 50);  // the theme shows it in its next tick
    }
  });

  // The theme writes a menu before its button: the next Tab would leave both.
  function enterMenu(button) {
    var menu = button.parentElement && button.parentElement.querySelector(":scope > nav[x-show]");
    var first = menu && menu.checkVisibility() && menu.querySelector("[tabindex], a[href], button");
    if (first) first.focus();
  }

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

  // Cards on a phone repeat the column's name, which the theme sets in small letters.
  function cardLabels() {
    document.querySelectorAll("td[data-label], th[data-label]").forEach(function (cell) {
      cell.dataset.label = cell.dataset.label.charAt(0).toUpperCase() + cell.dataset.label.slice(1);
    });
  }

  // A list that nobody narrowed says how many rows it has at its foot; "Show all" would show the same.
  function quietHeader() {
    var found = document.querySelector("#header-inner h1 > .text-subtle");
    if (found && !location.search) found.remove();
  }

  // Words on a canvas know no stylesheet: they take the colour of the page's text, light or dark.
  function chartsReadable() {
    if (window.Chart) window.Chart.defaults.color = function () { return getComputedStyle(document.body).color; };
  }

  // <time data-since="…"> counts up, <time data-until="…"> counts down and turns to "late".
  // Whoever asked for less motion reads minutes, without seconds that run.
  var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function padded(number) { return String(number).padStart(2, "0"); }

  function span(seconds) {
    var s = Math.abs(Math.round(seconds)), d = Math.floor(s / 86400), h = Math.floor((s % 86400) / 3600),
      m = Math.floor((s % 3600) / 60);
    if (d) return d + " d " + h + " h";
    if (h) return h + " h " + padded(m) + " min";
    if (calm) return m + " min";
    return m + " min " + padded(s % 60) + " s";
  }

  function say(element, words) {
    if (element.textContent !== words) element.textContent = words;
  }

  // A clock with a target is green to half of it, amber to all of it, then red; the words say it, too.
  function standing(element, seconds, target) {
    var verdict = element.parentElement.querySelector("[data-verdict]"), minutes = Math.floor(target / 60) + " min";
    var is = seconds > target ? "red" : seconds < target / 2 ? "green" : "amber";
    ["green", "amber", "red"].forEach(function (each) { element.classList.toggle("tag-" + each, each === is); });
    if (verdict) say(verdict, "target " + minutes + (is === "red" ? " missed" : ""));
  }

  function tick() {
    var now = Date.now();
    document.querySelectorAll("time[data-since]").forEach(function (element) {
      say(element, span((now - Date.parse(element.dataset.since)) / 1000));
    });
    document.querySelectorAll("time[data-target]").forEach(function (element) {
      standing(element, (now - Date.parse(element.dataset.since)) / 1000, Number(element.dataset.target));
    });
    document.querySelectorAll("time[data-until]").forEach(function (element) {
      var left = (Date.parse(element.dataset.until) - now) / 1000;
      say(element, left >= 0 ? "in " + span(left) : span(left) + " late");
      // What must not be late is red some time before it is.
      element.classList.toggle("is-late", left < Number(element.dataset.redBefore || 0));
    });
  }

  // The theme hides the page until it is dressed: by then the browser may have given up on autofocus.
  // A frame later, since it complains where somebody is before it.
  window.addEventListener("load", function () {
    requestAnimationFrame(function () {
      var first = document.querySelector("[autofocus]");
      if (first && document.activeElement === document.body) first.focus();
    });
  });

  // What came in since (live.js) has clocks as well.
  document.addEventListener("governance:fresh", tick);

  // A refused form begins anew at the top: what is wrong is heard and reached at once.
  function toTheFault() {
    var fault = document.querySelector("#verb_form [aria-invalid=true]");
    if (fault && !document.querySelector(".verb-page > [role=alert]")) fault.focus();
  }

  document.addEventListener("DOMContentLoaded", function () {
    toTheFault();
    chartsReadable();
    quietHeader();
    cardLabels();
    landmarks();
    reachable(document);
    muteIcons();
    tick();
    setInterval(tick, calm ? 30000 : 1000);
  });
})();
