// Asks why an answer is what it is, and shows what was found.

import { classify } from "./client.js";

/**
 * @typedef {{name: string, colour: string, meaning: string}} LegendItem
 * @typedef {{summary: string, overlay: {image: string, legend: LegendItem[]}}} Explanation
 */

/**
 * @param {HTMLElement} element of the card
 * @param {HTMLButtonElement} button
 * @param {string} url
 * @param {File} file
 * @param {string} key
 */
export async function explain(element, button, url, file, key) {
  const said = /** @type {HTMLElement} */ (element.querySelector(".found"));
  said.textContent = "Working";
  button.disabled = true;
  const { answer, problem } = await classify(`${url}?include_explanation=true`, file, key);
  button.disabled = false;
  if (!answer) {
    said.textContent = `There is no explanation: ${problem?.detail}.`;
    return;
  }
  const { summary, overlay } = /** @type {{explanation: Explanation}} */ (/** @type {unknown} */ (answer)).explanation;
  said.textContent = summary;
  const drawing = new Image();
  drawing.src = overlay.image;
  drawing.alt = "What was counted in the picture";
  element.querySelector(".overlay")?.replaceChildren(drawing);
  const legend = /** @type {HTMLElement} */ (element.querySelector(".legend"));
  legend.replaceChildren(...overlay.legend.map(({ name, colour, meaning }) => {
    const item = document.createElement("li");
    item.textContent = `${name}: ${meaning}`;
    item.style.borderColor = colour;
    return item;
  }));
  button.hidden = true;
}
