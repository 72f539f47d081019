// Turns answers into text to copy or to save.

/** @typedef {{file: File, answer?: import("./client.js").Answer, problem?: import("./client.js").Problem}} Done */

const TYPES = ["simple", "text", "gradient", "complex"];

/**
 * @param {Done[]} items
 * @returns {string}
 */
export function asJson(items) {
  const rows = items.map(({ file, answer, problem }) => ({ filename: file.name, ...(answer ?? { error: problem }) }));
  return JSON.stringify(rows.length === 1 ? rows[0] : rows, null, 2);
}

/**
 * @param {Done[]} items
 * @returns {string} rows that end as RFC 4180 has it
 */
export function asCsv(items) {
  const head = ["filename", "logo_type", "confidence", ...TYPES, "prediction_set", "method_used", "error", "detail"];
  const rows = items.map(({ file, answer, problem }) => [
    file.name, answer?.logo_type, answer?.confidence, ...TYPES.map((type) => answer?.probabilities[type]),
    answer?.prediction_set.join(" "), answer?.method_used, problem?.error, problem?.detail,
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

/** @param {string | number | undefined} value */
function cell(value = "") {
  // A spreadsheet would run a name that begins like a formula.
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {string} url
 * @param {string} name of the file
 * @param {boolean} withKey
 * @returns {string} a line for a shell; the key itself is not in it
 */
export function asCurl(url, name, withKey) {
  const field = `image=@"${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  const key = withKey ? ' -H "X-API-Key: $LOGO_KEY"' : "";
  return `curl -F '${field.replaceAll("'", "'\\''")}'${key} '${url}'`;
}

/**
 * @param {string} text
 * @param {string} name
 * @param {string} type
 */
export function save(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
