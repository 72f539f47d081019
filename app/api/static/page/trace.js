// Traces a picture to SVG, and shows both over each other with a slider between them.

import { classify } from "./client.js";

/**
 * @param {HTMLElement} element of the card
 * @param {HTMLButtonElement} button
 * @param {string} url
 * @param {File} file
 * @param {string} key
 */
export async function trace(element, button, url, file, key) {
  /** @param {string} selector */
  const part = (selector) => /** @type {HTMLElement} */ (element.querySelector(selector));
  const said = part(".traced [role=status]");
  said.textContent = "Tracing";
  button.disabled = true;
  const { answer, problem } = await classify(url, file, key);
  button.disabled = false;
  if (!answer) {
    said.textContent = `There is no trace: ${problem?.detail}.`;
    return;
  }
  const { svg } = /** @type {{svg: string}} */ (/** @type {unknown} */ (answer));
  const drawing = new Blob([svg], { type: "image/svg+xml" });
  const address = URL.createObjectURL(drawing);
  said.textContent = `Traced: ${(drawing.size / 1024).toFixed(1)} KiB, ${svg.split("<path").length - 1} paths.`;
  /** @type {HTMLImageElement} */ (part(".before")).src = /** @type {HTMLImageElement} */ (part(".picture img")).src;
  /** @type {HTMLImageElement} */ (part(".after")).src = address;
  const link = /** @type {HTMLAnchorElement} */ (part(".traced a"));
  link.href = address;
  link.download = `${file.name.replace(/\.[^.]*$/, "")}.svg`;
  const slider = /** @type {HTMLInputElement} */ (part(".traced input"));
  slider.addEventListener("input", () => place(slider, part(".comparison")));
  place(slider, part(".comparison"));
  part(".compared").hidden = false;
  button.hidden = true;
  if (document.activeElement === document.body) slider.focus();
}

/**
 * @param {HTMLInputElement} slider
 * @param {HTMLElement} comparison
 */
function place(slider, comparison) {
  comparison.style.setProperty("--at", `${slider.value}%`);
  slider.setAttribute("aria-valuetext", `${slider.value} % picture, ${100 - Number(slider.value)} % trace`);
}
