// Asks whether an answer was right, where the service wants to know.

/**
 * @param {HTMLElement} element of the card
 * @param {string} url
 * @param {string} requestId
 * @param {() => Record<string, string>} headers
 */
export function askForFeedback(element, url, requestId, headers) {
  const box = /** @type {HTMLElement} */ (element.querySelector(".feedback"));
  const said = /** @type {HTMLElement} */ (box.querySelector(".thanks"));
  box.hidden = false;
  said.textContent = "";
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (box.querySelectorAll("button"))) {
    button.onclick = async () => {
      const body = JSON.stringify({ request_id: requestId, true_label: button.value });
      const sent = await fetch(url, {
        method: "POST", body, headers: { "Content-Type": "application/json", ...headers() },
      }).then((reply) => reply.ok, () => false);
      said.textContent = sent ? `Thank you: noted as ${button.value}.` : "That was not taken. Try again.";
    };
  }
}
