// Shows one picture and what is known of it.

/**
 * @typedef {import("./client.js").Answer} Answer
 * @typedef {import("./client.js").Problem} Problem
 * @typedef {{
 *   types: Record<string, {what: string, why: string, tracing: string, settings: string}>,
 *   methods: Record<string, string>, tiers: Record<string, string>, cures: Record<string, string>
 * }} Words
 */

/** @param {number} share */
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** @param {string} text */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

export class Card {
  /**
   * @param {File} file
   * @param {Words} words
   */
  constructor(file, words) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("card"));
    this.words = words;
    this.element = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
    this.address = URL.createObjectURL(file);
    const image = /** @type {HTMLImageElement} */ (this.part("img"));
    image.addEventListener("error", () => this.part(".picture").classList.add("unseen"));
    image.src = this.address;
    this.tell(".name", file.name);
    for (const control of this.element.querySelectorAll("button, a, input")) {
      const name = control.textContent || control.parentElement?.textContent;
      control.setAttribute("aria-label", `${name?.trim()}: ${file.name}`);
    }
    this.wait("Waiting");
  }

  /** @param {string} selector */
  part(selector) {
    return /** @type {HTMLElement} */ (this.element.querySelector(selector));
  }

  /**
   * @param {string} selector
   * @param {string} text an empty one hides the part
   */
  tell(selector, text) {
    const part = this.part(selector);
    part.textContent = text;
    part.hidden = text === "";
  }

  /** @param {string} text */
  wait(text) {
    this.element.dataset.state = "waiting";
    this.tell(".state", text);
  }

  /** @param {Answer} answer */
  show(answer) {
    const { types, methods, tiers } = this.words;
    const type = types[answer.logo_type];
    this.element.dataset.state = "done";
    this.element.dataset.type = answer.logo_type;
    this.tell(".state", "");
    this.tell(".badge", answer.logo_type);
    this.tell(".confidence", `${percent(answer.confidence)} sure`);
    this.tell(".why", `${type.why} ${tiers[answer.routing_decision.tier] ?? ""}`);
    const others = answer.prediction_set.filter((other) => other !== answer.logo_type);
    this.tell(".unsure", others.length ? `Not certain: it could also be ${others.join(" or ")}.` : "");
    this.tell(".tracing", type.tracing);
    this.tell(".settings", type.settings);
    for (const [name, share] of Object.entries(answer.probabilities)) this.measure(name, share);
    for (const [name, share] of Object.entries(answer.traits)) this.tell(`.trait-${name}`, percent(share));
    this.tell(".method", methods[answer.method_used]);
    this.tell(".time", `${(1000 * answer.processing_time).toFixed(0)} ms${answer.cached ? ", remembered" : ""}`);
    const { format, width, height } = answer.image;
    this.tell(".format", `${format}, ${width} × ${height} px`);
    this.tell(".reasoning", answer.reasoning);
  }

  /**
   * @param {string} name
   * @param {number} share
   */
  measure(name, share) {
    const row = this.element.querySelector(`.bars [data-name="${name}"]`);
    if (!row) return;
    /** @type {HTMLMeterElement} */ (row.querySelector("meter")).value = share;
    /** @type {HTMLElement} */ (row.querySelector(".share")).textContent = percent(share);
  }

  /** @param {Problem} problem */
  fail(problem) {
    const { cures } = this.words;
    const broken = !problem.status || problem.status >= 500;
    this.element.dataset.state = "failed";
    this.tell(".state", "");
    this.tell(".detail", sentence(problem.detail));
    this.tell(".cure", cures[problem.error] ?? (broken ? cures.other : ""));
    this.tell(".request", broken && problem.request_id ? `Request ${problem.request_id}` : "");
  }

  remove() {
    for (const link of this.element.querySelectorAll("a")) URL.revokeObjectURL(link.href);
    URL.revokeObjectURL(this.address);
    this.element.remove();
  }
}
