// The matrix is one stop for the Tab key; arrows move inside it, Enter follows the cell's link.
const table = document.querySelector(".matrix");

function rows() {
  return [...table.querySelectorAll("tbody tr:not([hidden])")];
}

function focus(link) {
  if (!link) return;
  for (const other of table.querySelectorAll('a[tabindex="0"]')) other.tabIndex = -1;
  link.tabIndex = 0;
  link.focus();
}

function move(event) {
  const cell = event.target.closest("td");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = rows();
  const row = all.indexOf(cell.parentElement);
  const column = cell.cellIndex;
  const last = cell.parentElement.cells.length - 1;
  const [down, across] = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
    ArrowLeft: [row, Math.max(column - 1, 1)], ArrowRight: [row, Math.min(column + 1, last)],
    Home: [row, 1], End: [row, last],
  }[event.key] ?? [];
  if (down === undefined) return;
  event.preventDefault();
  focus(all[down]?.cells[across]?.querySelector("a"));
}

function fold(button, open) {
  button.setAttribute("aria-expanded", String(open));
  for (const row of button.closest("tbody").querySelectorAll(".matrix-row")) row.hidden = !open;
}

if (table) {
  const folds = [...table.querySelectorAll(".fold")];
  const closed = new Set(JSON.parse(sessionStorage.getItem("matrix-closed") ?? "[]"));
  const keep = () => {
    const shut = folds.filter((b) => b.getAttribute("aria-expanded") === "false");
    sessionStorage.setItem("matrix-closed", JSON.stringify(shut.map((b) => b.textContent.trim())));
  };
  for (const button of folds) {
    if (closed.has(button.textContent.trim())) fold(button, false);
    button.addEventListener("click", () => {
      fold(button, button.getAttribute("aria-expanded") === "false");
      keep();
    });
  }
  const all = table.querySelector(".fold-all");
  all.addEventListener("click", () => {
    const open = all.getAttribute("aria-expanded") === "false";
    all.setAttribute("aria-expanded", String(open));
    for (const button of folds) fold(button, open);
    keep();
  });
  table.addEventListener("keydown", move);
  table.querySelector("td a").tabIndex = 0;
}
