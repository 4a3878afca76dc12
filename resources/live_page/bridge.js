// The way between this page and the window: questions from there, answers and news from here.

import { LegTrouble } from "./troubles.js";

/**
 * @typedef {object} Remote what QWebChannel makes of the window's side
 * @property {{connect(fn: (id: number, name: string, json: string) => void): void}} asked
 * @property {{connect(fn: (number: number, jpeg: string) => void): void}} camera_frame
 * @property {{connect(fn: (number: number, isKept: boolean) => void): void}} piece_taken
 * @property {{connect(fn: () => void): void}} picture_taken
 * @property {(id: number, json: string) => void} answered
 * @property {(id: number, trouble: string, text: string) => void} failed
 * @property {(name: string, json: string) => void} told
 * @property {(number: number, base64: string) => void} piece
 * @property {(look: number, jpeg: string) => void} picture
 * @property {(number: number) => void} camera_taken
 */

/** @typedef {(values: any) => unknown} Answerer */

export class Bridge {
  /** @type {Map<string, Answerer>} */
  #answerers = new Map();
  /** @type {Map<number, (isKept: boolean) => void>} */
  #pieces = new Map();
  #remote;

  /** @param {Remote} remote */
  constructor(remote) {
    this.#remote = remote;
    remote.asked.connect((id, name, json) => void this.#answer(id, name, json));
    remote.piece_taken.connect((number, isKept) => {
      this.#pieces.get(number)?.(isKept);
      this.#pieces.delete(number);
    });
  }

  /** @returns {Promise<Bridge>} */
  static open() {
    const globals = /** @type {any} */ (window);
    return new Promise((found) => {
      new globals.QWebChannel(globals.qt.webChannelTransport, (/** @type {any} */ channel) =>
        found(new Bridge(channel.objects.bridge)),
      );
    });
  }

  /**
   * Say what is to be done when the window asks for something.
   * @param {string} name
   * @param {Answerer} answerer
   */
  on(name, answerer) {
    this.#answerers.set(name, answerer);
  }

  /**
   * @param {string} name
   * @param {object} values
   */
  tell(name, values = {}) {
    this.#remote.told(name, JSON.stringify(values));
  }

  /**
   * Frames of a file that takes the camera's place; the next one comes when this one was taken.
   * @param {(jpeg: string) => Promise<void>} take
   */
  onCameraFrame(take) {
    this.#remote.camera_frame.connect((number, jpeg) => {
      void take(jpeg).finally(() => this.#remote.camera_taken(number));
    });
  }

  /**
   * Hand over a piece of the recording; true once the window has kept it.
   * @param {number} number
   * @param {string} base64
   * @returns {Promise<boolean>}
   */
  piece(number, base64) {
    return new Promise((taken) => {
      this.#pieces.set(number, taken);
      this.#remote.piece(number, base64);
    });
  }

  /**
   * @param {number} look the number of the look that it was made by
   * @param {string} jpeg base64
   */
  picture(look, jpeg) {
    this.#remote.picture(look, jpeg);
  }

  /** @param {() => void} taken */
  onPictureTaken(taken) {
    this.#remote.picture_taken.connect(taken);
  }

  /**
   * @param {number} id
   * @param {string} name
   * @param {string} json
   */
  async #answer(id, name, json) {
    try {
      const answerer = this.#answerers.get(name);
      if (!answerer) {
        throw new Error(`nothing answers ${name}`);
      }
      const answer = await answerer(JSON.parse(json));
      this.#remote.answered(id, JSON.stringify(answer ?? null));
    } catch (error) {
      const trouble = LegTrouble.of(error);
      this.#remote.failed(id, trouble.kind, trouble.message);
    }
  }
}
