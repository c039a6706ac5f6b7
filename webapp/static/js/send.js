// Sending a form by script: over a slow line its progress is seen, and nothing typed or chosen is
// ever lost. The form has a button [data-send] and a <progress data-progress>; `words` says
// "sending", "offline" and "failed"; `refused` is given what is wrong by field, each a list.
export function sendForm(form, body, words, { refused, sent }) {
  const button = form.querySelector("[data-send]");
  const progress = form.querySelector("[data-progress]");
  if (button.getAttribute("aria-busy") === "true") return;
  const label = button.querySelector("span");
  const before = label.textContent;

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
