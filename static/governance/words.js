// The draft form: what the wording checks say while somebody writes, and only the fields that apply.
(function () {
  "use strict";

  var PAUSE = 700;  // after the last key
  var form = null, remarks = null, text = null, timer = 0, asked = 0;

  function row(name) {
    var field = form.elements[name];
    return field && field.closest ? field.closest(".group") : null;
  }

  function said() {
    var body = new URLSearchParams();
    ["csrfmiddlewaretoken", "text", "audience", "statement", "corrects"].forEach(function (name) {
      if (form.elements[name]) body.set(name, form.elements[name].value);
    });
    return body;
  }

  function check() {
    var number = ++asked;
    fetch(remarks.dataset.remarks, { method: "POST", body: said(), credentials: "same-origin" })
      .then(function (answer) {
        if (!answer.ok) throw new Error("answered " + answer.status);
        return answer.text();
      })
      .then(function (html) {
        if (number !== asked) return;  // a later question is on its way
        remarks.innerHTML = html;
        remarks.classList.toggle("nothing", !remarks.textContent.trim());
      })
      .catch(function () { /* the words are checked again when they are approved */ });
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  }

  function fitting() {
    var customer = row("customer");
    if (customer) customer.hidden = form.elements.audience.value !== "customers";
  }

  document.addEventListener("DOMContentLoaded", function () {
    form = document.getElementById("verb_form");
    remarks = document.getElementById("remarks");
    if (!form || !remarks) return;
    text = form.elements.text;
    // Beneath the words it is about.
    text.insertAdjacentElement("afterend", remarks);
    text.setAttribute("aria-describedby", ((text.getAttribute("aria-describedby") || "") + " remarks").trim());
    text.addEventListener("input", soon);
    ["audience", "statement", "corrects"].forEach(function (name) {
      if (form.elements[name]) form.elements[name].addEventListener("change", function () { fitting(); soon(); });
    });
    fitting();
    if (text.value.trim()) check();
  });
})();
