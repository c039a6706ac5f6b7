// Step two: what is wrong. The select of the plain form keeps the choice.
const RECENT_KEY = "wangge.report.recent";
const MOST_RECENT = 4;

export function chooseWhat(form, facts, chosen) {
  const picker = form.querySelector("[data-picker]");
  const select = form.elements.condition;
  const groups = [...picker.querySelectorAll("[data-groups] [data-group]")];
  const classes = [...picker.querySelectorAll("[data-classes] > [data-group]")];
  const conditions = [...picker.querySelectorAll("[data-condition]")];
  const search = picker.querySelector("[data-search]");
  const quick = picker.querySelector("[data-quick]");
  const line = form.querySelector("[data-chosen]");

  function nameOf(button) {
    const [own, of] = [button.querySelector("span").textContent, button.dataset.class];
    return own === of ? own : `${of}: ${own}`;
  }

  function mark() {
    const code = select.value;
    for (const button of conditions) button.setAttribute("aria-pressed", String(button.dataset.condition === code));
    const button = conditions.find((b) => b.dataset.condition === code);
    line.hidden = !button;
    line.textContent = button ? nameOf(button) : "";
  }

  function open(code) {
    for (const group of groups) group.setAttribute("aria-expanded", String(group.dataset.group === code));
    for (const block of classes) block.hidden = block.dataset.group !== code;
  }

  function find() {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const searching = wanted.length > 0;
    quick.hidden = searching;
    picker.querySelector("[data-groups]").hidden = searching;
    if (!searching) open("");
    else for (const block of classes) block.hidden = !wanted.every((word) => block.dataset.words.includes(word));
    const exact = (block) => block.querySelector("[data-condition]").dataset.class.toLowerCase() === wanted.join(" ");
    picker.querySelector("[data-classes]").append(...[...classes].sort((a, b) => exact(b) - exact(a)));
    picker.querySelector("[data-nothing]").hidden = !searching || classes.some((block) => !block.hidden);
  }

  function chips(title, codes) {
    const buttons = codes.map((code) => conditions.find((b) => b.dataset.condition === code)).filter(Boolean);
    if (!buttons.length) return;
    const head = document.createElement("h2");
    head.textContent = title;
    quick.append(head);
    for (const button of buttons) {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "report-chip";
      chip.dataset.condition = button.dataset.condition;
      chip.textContent = nameOf(button);
      quick.append(chip);
    }
  }

  picker.addEventListener("click", (event) => {
    const button = event.target.closest("[data-condition], [data-group]");
    if (!button) return;
    if (button.dataset.condition) {
      select.value = button.dataset.condition;
      mark();
      chosen(true);
    } else if (groups.includes(button)) {
      open(button.getAttribute("aria-expanded") === "true" ? "" : button.dataset.group);
      classes.find((block) => !block.hidden)?.scrollIntoView({ block: "nearest" });
    }
  });
  search.addEventListener("input", find);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // looking for a word does not send the form
    picker.querySelector("[data-classes] > :not([hidden]) [data-condition]")?.focus();
  });

  return {
    show() {
      const mine = recent();
      chips(facts.words.recent, mine);
      chips(facts.words.frequent, facts.frequent.filter((code) => !mine.includes(code)));
      mark();
    },
    remember() {
      const codes = [select.value, ...recent().filter((code) => code !== select.value)];
      localStorage.setItem(RECENT_KEY, JSON.stringify(codes.slice(0, MOST_RECENT)));
    },
  };
}

function recent() {
  try {
    const codes = JSON.parse(localStorage.getItem(RECENT_KEY) ?? "[]");
    return Array.isArray(codes) ? codes : [];
  } catch {
    return []; // not ours
  }
}
