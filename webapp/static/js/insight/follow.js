// The form to follow offers, when it is opened, what the page then shows: kind, community, place,
// and whose.

const box = document.getElementById("hot-follow");
const form = box.querySelector("form");

box.addEventListener("toggle", () => {
  if (!box.open) return;
  const shown = new URLSearchParams(location.search);
  for (const name of ["group", "community"]) form.elements[name].value = shown.get(name) ?? "";
  if (form.elements.whose && shown.get("whose")) form.elements.whose.value = shown.get("whose");
  const chosen = document.querySelector(".hot-row.chosen .hot-name");
  form.elements.area.value = shown.get("by") ? "" : chosen?.title ?? "";
  form.elements.next.value = location.pathname + location.search;
});
