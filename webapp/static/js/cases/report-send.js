// Sending: with photos over a slow line the progress is seen, and nothing typed is ever lost.
export function sendReport(form, { words }, photos, { refused, sent }) {
  const button = form.querySelector("[data-send]");
  const progress = form.querySelector("[data-progress]");
  if (button.getAttribute("aria-busy") === "true") return;
  const label = button.querySelector("span");
  const before = label.textContent;
  const body = new FormData(form);
  body.delete("photos");
  for (const photo of photos) body.append("photos", photo, photo.name);

  function busy(on) {
    button.setAttribute("aria-busy", String(on));
    label.textContent = on ? words.sending : before;
    progress.hidden = !on;
  }

  function ended(request) {
    busy(false);
    const answer = request.response;
    if (request.status === 200 && answer?.location) sent(answer.location);
    else if (answer?.errors) refused(answer.errors);
    else refused({ form: [answer?.message ?? words.failed] });
  }

  // fetch() cannot tell how much of a body has gone out.
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = (100 * event.loaded) / event.total;
  });
  request.addEventListener("load", () => ended(request));
  request.addEventListener("error", () => {
    busy(false);
    refused({ form: [words.offline] });
  });
  busy(true);
  request.send(body);
}
