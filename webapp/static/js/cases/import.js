// Watch an import: how far it is, and its result when it has ended.
const EVERY_MS = 1000;
const panel = document.querySelector("[data-watch]");
const bar = panel.querySelector("progress");

async function look() {
  const answer = await fetch(panel.dataset.watch).catch(() => null);
  const job = answer?.ok ? await answer.json() : null;
  if (job && job.state !== "waiting" && job.state !== "running") {
    window.location.reload();
    return;
  }
  if (job?.total) {
    bar.max = job.total;
    bar.value = job.done;
    panel.querySelector("[data-done]").textContent = job.done.toLocaleString();
    panel.querySelector("[data-total]").textContent = job.total.toLocaleString();
  }
  setTimeout(look, EVERY_MS);
}

look();
