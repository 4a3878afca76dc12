// Why something cannot be done, in the words that the window knows (LegTrouble in domain/live_cloud.py).

/** @typedef {"timeout" | "no-camera" | "camera-in-use" | "camera-denied" | "camera-unplugged" | "no-microphone" | "token" | "network" | "failed"} Kind */

/** Names of DOMExceptions of getUserMedia and what they mean of a camera. @type {Record<string, Kind>} */
const OF_CAMERA = {
  NotFoundError: "no-camera",
  OverconstrainedError: "no-camera",
  NotReadableError: "camera-in-use",
  AbortError: "camera-in-use",
  NotAllowedError: "camera-denied",
  SecurityError: "camera-denied",
};

/** What Agora's servers say of tokens: no error of the SDK has a code for it. */
const TOKEN_WORDS = /token|dynamic (?:use static )?key|vendor key|expired|app ?id/i;

/** Codes of the SDK. @type {Record<string, Kind>} */
const OF_SDK = {
  NETWORK_TIMEOUT: "network",
  NETWORK_RESPONSE_ERROR: "network",
  NETWORK_ERROR: "network",
  WS_ABORT: "network",
  WS_DISCONNECT: "network",
  WS_ERR: "network",
  CAN_NOT_CONNECT_SERVER: "network",
  EXTERNAL_SIGNAL_ABORT: "network",
  TIMEOUT: "timeout",
  INVALID_PARAMS: "token",
  TOKEN_EXPIRE: "token",
};

export class LegTrouble extends Error {
  /**
   * @param {Kind} kind
   * @param {string} text
   */
  constructor(kind, text = "") {
    super(text);
    this.kind = kind;
  }

  /**
   * @param {unknown} error
   * @returns {LegTrouble}
   */
  static of(error) {
    if (error instanceof LegTrouble) {
      return error;
    }
    const { code, message, name } = /** @type {{code?: unknown, message?: string, name?: string}} */ (error ?? {});
    const text = `${typeof code === "string" ? code : (name ?? "")}: ${message ?? String(error)}`;
    const kind = typeof code === "string" ? OF_SDK[code] : undefined;
    if (kind) {
      return new LegTrouble(kind, text);
    }
    return new LegTrouble(TOKEN_WORDS.test(message ?? "") ? "token" : "failed", text);
  }

  /**
   * @param {unknown} error what getUserMedia threw
   * @returns {LegTrouble}
   */
  static ofCamera(error) {
    if (error instanceof LegTrouble) {
      return error;
    }
    const { name = "", message = "" } = /** @type {DOMException} */ (error ?? {});
    // What QtWebEngine says where the window denied it.
    const isDenied = name === "AbortError" && /invalid state/i.test(message);
    const kind = isDenied ? "camera-denied" : (OF_CAMERA[name] ?? "failed");
    return new LegTrouble(kind, `${name}: ${message}`);
  }
}

/**
 * Wait for something, but not for ever.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} limitMs
 * @param {string} what
 * @returns {Promise<T>}
 */
export function within(promise, limitMs, what) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new LegTrouble("timeout", `${what} took too long`)), limitMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
