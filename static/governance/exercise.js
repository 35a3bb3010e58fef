// The story's clock of an exercise: T+12:30, running as fast as the story does.
(function () {
  "use strict";

  function padded(number) { return String(number).padStart(2, "0"); }

  function shown(seconds) {
    var s = Math.max(Math.floor(seconds), 0), h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
    return "T+" + (h ? padded(h) + ":" : "") + padded(m) + ":" + padded(s % 60);
  }

  function say(element, words) {
    if (element.textContent !== words) element.textContent = words;
  }

  function tick() {
    var now = Date.now();
    document.querySelectorAll("[data-story]").forEach(function (clock) {
      var since = clock.dataset.set ? (now - Date.parse(clock.dataset.set)) / 1000 : 0;
      say(clock, shown(Number(clock.dataset.story) + Math.max(since, 0) * Number(clock.dataset.factor || 1)));
    });
    document.querySelectorAll("[data-story-at]").forEach(function (each) {
      say(each, shown(Number(each.dataset.storyAt)));
    });
  }

  document.addEventListener("governance:fresh", tick);
  setInterval(tick, 500);
  tick();
})();
