// Joins the form, the queue and the cards.

import { Card } from "./card.js";
import { classify, problem } from "./client.js";
import { copy } from "./clipboard.js";
import { asCsv, asCurl, asJson, save } from "./export.js";
import { askForFeedback } from "./feedback.js";
import { dropped, pasted, pictures } from "./files.js";
import { Queue } from "./queue.js";

/**
 * @typedef {{
 *   file: File, card: Card, tries: number, removed: boolean,
 *   answer?: import("./client.js").Answer, problem?: import("./client.js").Problem
 * }} Item
 */

const AT_ONCE = 3;
const MOST_TRIES = 6;
const LONGEST_WAIT_SECONDS = 120;

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = byId("upload");
const chooser = /** @type {HTMLInputElement} */ (byId("files"));
const folder = /** @type {HTMLInputElement} */ (byId("folder"));
const keyField = /** @type {HTMLInputElement} */ (byId("key"));
const progress = /** @type {HTMLProgressElement} */ (byId("progress"));
const { classify: url = "", feedback = "", trace: traceUrl = "", maxBytes = "0", words = "{}" } = form.dataset;
/** @type {import("./card.js").Words} */
const plainWords = JSON.parse(words);
const address = new URL(url, location.href).href;

/** @type {Item[]} */
let items = [];
/** What is asked for below an answer is loaded with the first one. */
const load = () => Promise.all([import("./explain.js"), import("./trace.js")]);
/** @type {ReturnType<typeof load> | undefined} */
let later;
const queue = new Queue(work, AT_ONCE);

/** @param {Item} item */
async function work(item) {
  if (item.removed) return 0;
  item.card.wait("Working");
  item.tries += 1;
  const reply = await classify(url, item.file, keyField.value.trim());
  const seconds = reply.retryAfterSeconds;
  if (seconds > 0 && seconds <= LONGEST_WAIT_SECONDS && item.tries < MOST_TRIES && !item.removed) {
    item.card.wait(`The service is busy. Next try in ${seconds} s.`);
    return seconds;
  }
  finish(item, reply);
  return 0;
}

/**
 * @param {Item} item
 * @param {{answer?: import("./client.js").Answer, problem?: import("./client.js").Problem}} reply
 */
function finish(item, { answer, problem: refusal }) {
  if (item.removed) return;
  Object.assign(item, { answer, problem: refusal });
  if (answer) {
    item.card.show(answer);
    later ??= load();
    later.catch(() => (later = undefined));
    if (feedback) askForFeedback(item.card.element, feedback, answer.request_id, keyHeaders);
  } else if (refusal) {
    item.card.fail(refusal);
    if (refusal.error === "unauthorized") byId("key-box").hidden = false;
  }
  tellProgress();
}

/** @returns {Record<string, string>} */
const keyHeaders = () => (keyField.value ? { "X-API-Key": keyField.value.trim() } : {});

function tellProgress() {
  const done = items.filter((item) => item.answer || item.problem).length;
  const failed = items.filter((item) => item.problem).length;
  const refused = failed ? `, ${failed} without an answer` : "";
  byId("results").hidden = items.length === 0;
  progress.max = Math.max(items.length, 1);
  progress.value = done;
  byId("retry-all").hidden = failed === 0;
  byId("status").textContent = items.length ? `${done} of ${items.length} done${refused}` : "";
}

/** @param {Iterable<File>} files */
function add(files) {
  for (const file of files) {
    /** @type {Item} */
    const item = { file, card: new Card(file, plainWords), tries: 0, removed: false };
    items.push(item);
    byId("cards").append(item.card.element);
    item.card.element.addEventListener("click", (event) => act(item, event));
    if (file.size > Number(maxBytes)) {
      finish(item, { problem: problem("image_too_large", `the file has ${file.size} bytes; at most ${maxBytes} are taken`, 413) });
    } else {
      queue.add(item);
    }
  }
  tellProgress();
}

/** @param {Item} item */
function retry(item) {
  item.answer = item.problem = undefined;
  item.tries = 0;
  item.card.wait("Waiting");
  queue.add(item);
  tellProgress();
}

/** @param {Item} item */
function remove(item) {
  item.removed = true;
  queue.drop(item);
  items = items.filter((other) => other !== item);
  const after = item.card.element.nextElementSibling ?? item.card.element.previousElementSibling;
  item.card.remove();
  tellProgress();
  const focus = after?.querySelector("button[data-act=remove]") ?? chooser;
  /** @type {HTMLElement} */ (focus).focus();
}

/**
 * @param {Item} item
 * @param {MouseEvent} event
 */
function act(item, event) {
  const button = /** @type {Element} */ (event.target).closest("button");
  const name = button?.dataset.act;
  if (name === "remove") remove(item);
  if (name === "retry") retry(item);
  if (button && (name === "explain" || name === "trace")) ask(item, button, name);
  if (name === "json") tellCopied(asJson([item]));
  if (name === "curl") tellCopied(asCurl(address, item.file.name, Boolean(keyField.value)));
}

/**
 * @param {Item} item
 * @param {HTMLButtonElement} button
 * @param {"explain" | "trace"} name
 */
async function ask({ file, card }, button, name) {
  const key = keyField.value.trim();
  const found = await (later ?? load()).catch(() => undefined);
  if (!found) {
    byId("status").textContent = plainWords.cures.unreachable;
    return;
  }
  const [{ explain }, { trace }] = found;
  if (name === "trace") trace(card.element, button, traceUrl, file, key);
  else explain(card.element, button, url, file, key);
}

/** @param {string} text */
async function tellCopied(text) {
  byId("status").textContent = (await copy(text)) ? "Copied." : "The browser did not let the page copy.";
}

const finished = () => items.filter((item) => item.answer || item.problem);

/** @param {NodeListOf<HTMLButtonElement>} buttons */
async function trySamples(buttons) {
  const names = [...buttons].map((button) => [button.value, button.dataset.file ?? "sample.png"]);
  try {
    add(await Promise.all(names.map(async ([from, name]) => new File([await (await fetch(from)).blob()], name, { type: "image/png" }))));
  } catch {
    byId("status").textContent = "The samples cannot be reached. Check your connection.";
  }
}

chooser.multiple = true;
for (const input of [chooser, folder]) {
  input.addEventListener("change", () => {
    add(input === folder ? pictures(folder.files ?? []) : (chooser.files ?? []));
    input.value = "";
  });
}
form.addEventListener("submit", (event) => event.preventDefault());
byId("samples").addEventListener("click", () => trySamples(document.querySelectorAll("button.sample")));
for (const button of document.querySelectorAll("button.sample")) {
  button.addEventListener("click", () => {
    trySamples(/** @type {any} */ ([button]));
    byId("status").scrollIntoView({ block: "center" });
  });
}
byId("clear").addEventListener("click", () => {
  [...items].forEach(remove);
  chooser.focus();
});
byId("retry-all").addEventListener("click", () => items.filter((item) => item.problem).forEach(retry));
byId("copy-json").addEventListener("click", () => tellCopied(asJson(finished())));
byId("copy-csv").addEventListener("click", () => tellCopied(asCsv(finished())));
byId("save-csv").addEventListener("click", () => save(asCsv(finished()), "logos.csv", "text/csv"));

document.addEventListener("paste", (event) => {
  if (event.clipboardData) add(pasted(event.clipboardData));
});
// A drop beside the zone would lead the browser away from the page.
let depth = 0;
/** @param {number} to */
const setDepth = (to) => {
  depth = Math.max(0, to);
  document.body.classList.toggle("dragging", depth > 0);
};
addEventListener("dragenter", () => setDepth(depth + 1));
addEventListener("dragleave", () => setDepth(depth - 1));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", async (event) => {
  event.preventDefault();
  setDepth(0);
  if (event.dataTransfer) add(await dropped(event.dataTransfer));
});
