// A click on a day of the calendar puts it into the form, the other way round than it is now.
const form = document.querySelector("#own-day form");

document.querySelector(".year").addEventListener("click", ({ target }) => {
  const day = target.closest("[data-day]");
  if (!day) return;
  form.elements.day.value = day.dataset.day;
  form.elements.working.value = day.dataset.working === "1" ? "0" : "1";
  for (const other of document.querySelectorAll("[data-day][aria-pressed]")) other.removeAttribute("aria-pressed");
  day.setAttribute("aria-pressed", "true");
  form.scrollIntoView({ block: "nearest", behavior: "smooth" });
  form.elements.note.focus({ preventScroll: true });
});
