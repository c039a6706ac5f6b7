// The form of filters, and the lamps above it that filter too.

import { sayDays } from "../../days.js";

export class Filters {
  constructor(form, lamps, onChange) {
    this.form = form;
    this.lamps = [...lamps.querySelectorAll("[data-lamp]")];
    this.reset = form.querySelector("[type=reset]");
    form.addEventListener("change", onChange);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      this.show({});
      onChange();
    });
    for (const button of form.querySelectorAll("[data-days]")) {
      button.addEventListener("click", () => {
        this.lastDays(Number(button.dataset.days));
        onChange();
      });
    }
    for (const lamp of this.lamps) {
      lamp.addEventListener("click", () => {
        lamp.setAttribute("aria-pressed", String(lamp.getAttribute("aria-pressed") !== "true"));
        onChange();
      });
    }
  }

  /** Set the form to these filters. */
  show(filters) {
    for (const field of this.form.elements) {
      if (field.name) choose(field, filters[field.name] ?? (field.name === "state" ? "open" : ""));
    }
    const lit = (filters.lamp ?? "").split(",");
    for (const lamp of this.lamps) {
      lamp.setAttribute("aria-pressed", String(lit.includes(lamp.dataset.lamp)));
    }
    this.reset.hidden = Object.keys(this.read()).length === 0;
    sayDays(this.form);
  }

  /** The filters that restrict; "open" and what is empty do not. */
  read() {
    const filters = {};
    for (const field of this.form.elements) {
      if (field.name && field.value) filters[field.name] = field.value;
    }
    if (filters.state === "open") delete filters.state;
    const lit = this.lamps.filter((lamp) => lamp.getAttribute("aria-pressed") === "true");
    if (lit.length) filters.lamp = lit.map((lamp) => lamp.dataset.lamp).join(",");
    this.reset.hidden = Object.keys(filters).length === 0;
    return filters;
  }

  lastDays(days) {
    const day = (back) => {
      const then = new Date(Date.now() - back * 86_400_000);
      return new Date(then - then.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
    };
    this.form.elements.since.value = day(days - 1);
    this.form.elements.until.value = "";
    sayDays(this.form);
  }
}

/** An address may ask for what no longer exists: show it, and let the server say so. */
function choose(field, value) {
  field.value = value;
  if (field.matches("select") && field.value !== value) {
    field.add(new Option(value, value));
    field.value = value;
  }
}
