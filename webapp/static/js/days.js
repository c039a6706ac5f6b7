// A browser writes days in the language of its own menus, which no page can ask for and which may
// not be the page's. So the day is written in the page's over the field (css/app.css, "data-shown"),
// until somebody is in it: what is typed and picked there, and read aloud, stays the browser's own.

const page = document.documentElement.lang;
const empty = JSON.parse(document.getElementById("app-words").textContent).day;
const DAY = { year: "numeric", month: page === "zh" ? "long" : "short", day: "numeric", timeZone: "UTC" };
const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const FIELDS = "input[type=date], input[type=datetime-local]";
const locale = page === "zh" ? "zh-CN" : "en-GB";
const writers = {
  date: new Intl.DateTimeFormat(locale, DAY),
  "datetime-local": new Intl.DateTimeFormat(locale, { ...DAY, ...TIME }),
};

/** Write the days of the fields in `root` anew, after a script has filled them in. */
export function sayDays(root = document) {
  for (const field of root.querySelectorAll(FIELDS)) say(field);
}

function say(field) {
  const when = new Date(field.type === "date" ? field.value : `${field.value}Z`);
  field.dataset.shown = field.value ? writers[field.type].format(when) : empty;
}

document.addEventListener("input", ({ target }) => {
  if (target.matches(FIELDS)) say(target);
});
