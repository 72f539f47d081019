// Sends one picture to the service and reads what comes back.

/**
 * @typedef {{
 *   logo_type: string, confidence: number, probabilities: Record<string, number>,
 *   traits: Record<string, number>, prediction_set: string[], method_used: string,
 *   reasoning: string, routing_decision: {tier: string, method: string, reason: string},
 *   cached: boolean, processing_time: number, model: {name: ?string, version: ?string},
 *   image: {format: string, width: number, height: number, bytes: number, sha256: string},
 *   request_id: string
 * }} Answer
 * @typedef {{error: string, detail: string, status: number, request_id?: string}} Problem
 * @typedef {{answer?: Answer, problem?: Problem, retryAfterSeconds: number}} Reply
 */

const KEY = /^[\x21-\x7e]*$/;

/**
 * @param {string} error
 * @param {string} detail
 * @param {number} status
 * @returns {Problem}
 */
export const problem = (error, detail, status = 0) => ({ error, detail, status });

/**
 * Send a file; never rejects.
 * @param {string} url
 * @param {File} file
 * @param {string} key
 * @returns {Promise<Reply>}
 */
export async function classify(url, file, key) {
  const body = new FormData();
  body.append("image", file, file.name);
  if (!KEY.test(key)) {
    return { problem: problem("unauthorized", "a key has no such characters", 401), retryAfterSeconds: 0 };
  }
  /** @type {HeadersInit} */
  const headers = { Accept: "application/json", ...(key ? { "X-API-Key": key } : {}) };
  let reply;
  try {
    reply = await fetch(url, { method: "POST", body, headers, cache: "no-store" });
  } catch {
    return { problem: problem("unreachable", "the service cannot be reached"), retryAfterSeconds: 0 };
  }
  const mayRetry = reply.status === 429 || reply.status === 503;
  const retryAfterSeconds = mayRetry ? Number(reply.headers.get("Retry-After")) || 0 : 0;
  try {
    const members = await reply.json();
    return reply.ok ? { answer: members, retryAfterSeconds: 0 } : { problem: members, retryAfterSeconds };
  } catch {
    const detail = `the reply has status ${reply.status} and is not from the classifier`;
    return { problem: problem("other", detail, reply.status), retryAfterSeconds };
  }
}
