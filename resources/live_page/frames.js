// Frames of a track one after the other, without a video element: those stand still while the page is hidden.

/** Reads a video track and keeps its newest frame. */
export class Frames {
  /** @type {VideoFrame | null} */
  #newest = null;
  #isOver = false;
  #reader;
  #onFrame;
  #track;

  /**
   * @param {MediaStreamTrack} track read as a copy; the original stays its owner's
   * @param {(frame: VideoFrame) => void} [onFrame] called with each; it is closed here
   */
  constructor(track, onFrame = () => {}) {
    this.#track = track.clone();
    this.#onFrame = onFrame;
    const video = /** @type {MediaStreamVideoTrack} */ (this.#track);
    this.#reader = new MediaStreamTrackProcessor({ track: video }).readable.getReader();
    void this.#read();
  }

  /** The newest frame, to be drawn at once; null while there is none. */
  get newest() {
    return this.#newest;
  }

  close() {
    this.#isOver = true;
    this.#track.stop();
    void this.#reader.cancel().catch(() => {});
    this.#newest?.close();
    this.#newest = null;
  }

  async #read() {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done || this.#isOver) {
          value?.close();
          return;
        }
        this.#newest?.close();
        this.#newest = value;
        this.#onFrame(value);
      }
    } catch {
      // The track ended while it was read.
    }
  }
}

/**
 * @param {ArrayBuffer | Blob} data
 * @returns {Promise<string>}
 */
export async function base64(data) {
  const blob = data instanceof Blob ? data : new Blob([data]);
  const reader = new FileReader();
  const read = new Promise((resolve, reject) => {
    reader.onload = resolve;
    reader.onerror = () => reject(reader.error);
  });
  reader.readAsDataURL(blob);
  await read;
  const address = /** @type {string} */ (reader.result);
  return address.slice(address.indexOf(",") + 1);
}

/**
 * @param {CanvasImageSource} picture
 * @param {number} width
 * @param {number} height
 * @param {number} quality
 * @returns {Promise<string>} JPEG, base64
 */
export async function jpeg(picture, width, height, quality = 0.92) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0, width, height);
  return await base64(await canvas.convertToBlob({ type: "image/jpeg", quality }));
}
