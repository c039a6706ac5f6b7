// Before a step on many: how many go where, and which stay, with the reason.

const MOST_NAMED = 8;

/** Show what would be done; resolves to true when it shall be. */
export function askPreview(dialog, action, { groups, left, going, all, most }, words, fill) {
  const part = (name) => dialog.querySelector(`[data-${name}]`);
  const n = going.length;
  part("title").textContent = n ? fill(words[`title_${action}`], { n }) : words.nothing;
  part("groups").replaceChildren(
    ...groups.filter(({ name }) => name).map(({ name, count }) => line(fill(words.to, { n: count, name }))),
    ...(all > most ? [line(fill(words.capped, { most, n: all }))] : []),
  );
  part("left").hidden = left.length === 0;
  part("left").querySelector("h3").textContent = fill(words.left, { n: left.length });
  part("left").querySelector("ul").replaceChildren(
    ...left.slice(0, MOST_NAMED).map(({ number, why }) => line(`${number}: ${why}`)),
    ...(left.length > MOST_NAMED ? [line(fill(words.stays, { n: left.length - MOST_NAMED }))] : []),
  );
  part("yes").hidden = n === 0;
  part("yes").textContent = fill(words[`yes_${action}`], { n });
  dialog.returnValue = "";
  dialog.showModal();
  if (n) part("yes").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(n > 0 && dialog.returnValue === "yes"), { once: true });
  });
}

function line(words) {
  const item = document.createElement("li");
  item.textContent = words;
  return item;
}
