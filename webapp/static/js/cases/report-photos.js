// Step three: photos from the camera or the album, each shown small and removable.
import { toast } from "../app.js";

export function choosePhotos(form, { mostPhotos, mostMegabytes, words }) {
  const shots = form.querySelector("[data-shots]");
  const inputs = [form.querySelector("[data-camera]"), form.querySelector("[data-files]")];
  let files = [];

  function add(file) {
    if (files.length >= mostPhotos) {
      toast(words.too_many.replace("{most}", mostPhotos), "warning");
    } else if (file.size > mostMegabytes * 1024 * 1024) {
      toast(words.too_large.replace("{name}", file.name).replace("{most}", mostMegabytes), "warning");
    } else {
      files.push(file);
      shots.append(preview(file));
    }
  }

  function preview(file) {
    const box = document.createElement("div");
    box.className = "report-shot";
    const url = URL.createObjectURL(file);
    const image = document.createElement("img");
    image.alt = file.name;
    image.addEventListener("error", () => image.replaceWith(file.name), { once: true }); // HEIC
    image.src = url;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.setAttribute("aria-label", words.remove);
    const cross = document.createElement("span");
    cross.textContent = "×";
    remove.append(cross);
    remove.addEventListener("click", () => {
      files = files.filter((kept) => kept !== file);
      URL.revokeObjectURL(url);
      box.remove();
    });
    box.append(image, remove);
    return box;
  }

  for (const input of inputs) {
    input.addEventListener("change", () => {
      for (const file of input.files) add(file);
      input.value = "";
    });
  }
  return { files: () => files };
}
