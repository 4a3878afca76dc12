// What everybody sees as single pictures for the window, which passes them on to a virtual camera.

import { RATE } from "./devices.js";

const QUALITY = 0.85;
/** A picture of which nothing was heard for so long is taken as lost. */
const PATIENCE_MS = 2000;

export class Outlet {
  #timer = 0;
  #sentAt = 0;
  #isBusy = false;
  #stage;
  #bridge;

  /**
   * @param {import("./stage.js").Stage} stage
   * @param {import("./bridge.js").Bridge} bridge
   */
  constructor(stage, bridge) {
    this.#stage = stage;
    this.#bridge = bridge;
    bridge.onPictureTaken(() => (this.#isBusy = false));
  }

  /** @param {boolean} isOn */
  set(isOn) {
    clearInterval(this.#timer);
    this.#timer = isOn ? setInterval(() => this.#send(), 1000 / RATE) : 0;
    this.#isBusy = false;
  }

  #send() {
    const now = performance.now();
    if (this.#isBusy && now - this.#sentAt < PATIENCE_MS) {
      return; // the newest picture goes when the last one was taken; nothing queues
    }
    this.#isBusy = true;
    this.#sentAt = now;
    const { canvas, look } = this.#stage;
    // At once, and without a file in between: twenty of those in a second outrun the browser's tidying.
    const address = canvas.toDataURL("image/jpeg", QUALITY);
    this.#bridge.picture(look.number, address.slice(address.indexOf(",") + 1));
  }
}
