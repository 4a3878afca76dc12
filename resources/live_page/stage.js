// What everybody sees: the page's own canvas, by one rule. It is what is recorded, kept as a picture and passed on.

import { HEIGHT, WIDTH, write } from "./devices.js";
import { drawCard } from "./card.js";

/** So long after the last swapped picture the card takes its place: a bare camera is never shown by itself. */
const STALL_MS = 1500;
/** So often what stands still is looked at, and painted again for whoever records. */
const TICK_MS = 100;

/**
 * @typedef {object} Label a picture with transparent places
 * @property {string} png base64
 * @property {number} width pixels of the picture that it was drawn for
 * @property {number} height
 * @property {number} left where it lies in that picture
 * @property {number} top
 */

/**
 * @typedef {object} Look everything that the window sets; sent whole
 * @property {number} number rising
 * @property {"" | "camera" | "black" | "card"} panic
 * @property {boolean} is_frozen
 * @property {boolean} is_mirrored
 * @property {string | null} refused why the card is shown; null where it need not be
 * @property {"swapped" | "side"} layout
 * @property {boolean} is_comparing
 * @property {string} card_title
 * @property {string} card_text
 * @property {string} stalled_text
 * @property {boolean} is_labelled
 * @property {Label | null} label null until one was drawn for this size
 */

/** @typedef {"swapped" | "camera" | "black" | "card" | "refused" | "stalled"} Shown */

export class Stage {
  /** The swapped picture as it came, without label: what is looked at for sensitive content. */
  #swapped = new OffscreenCanvas(WIDTH, HEIGHT);
  /** The one that stands while it is frozen. */
  #held = new OffscreenCanvas(WIDTH, HEIGHT);
  #hasPicture = false;
  #hasHeld = false;
  #lastPicture = 0;
  #lastPaint = 0;
  #isStalled = true;
  #isSizeFixed = false;
  /** @type {ImageBitmap | null} */
  #label = null;
  #labelKey = "";
  /** @type {Set<WritableStreamDefaultWriter<VideoFrame>>} */
  #outlets = new Set();
  #canvas;
  #context;
  #cameraFrame;
  #tell;

  /** @type {Look} */
  #look = {
    number: 0,
    panic: "",
    is_frozen: false,
    is_mirrored: false,
    refused: null,
    layout: "swapped",
    is_comparing: false,
    card_title: "",
    card_text: "",
    stalled_text: "",
    // Until it is said how the label looks, nothing swapped is shown.
    is_labelled: true,
    label: null,
  };

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => VideoFrame | null} cameraFrame
   * @param {(name: string, values?: object) => void} tell
   */
  constructor(canvas, cameraFrame, tell) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.#cameraFrame = cameraFrame;
    this.#tell = tell;
    this.paint();
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** What the window set last. */
  get look() {
    return this.#look;
  }

  get canvas() {
    return this.#canvas;
  }

  /** The swapped picture without anything on it; null while there is none. */
  get swapped() {
    return this.#hasPicture && !this.#isStalled ? this.#swapped : null;
  }

  /**
   * @param {Look} look
   */
  async set(look) {
    if (look.is_frozen && !this.#look.is_frozen) {
      this.#hold();
    }
    this.#look = look;
    this.paint();
    await this.#readLabel(look.label);
    this.paint();
  }

  /** @param {VideoFrame} frame */
  take(frame) {
    const [width, height] = [frame.displayWidth, frame.displayHeight];
    if (this.#swapped.width !== width || this.#swapped.height !== height) {
      this.#swapped.width = width;
      this.#swapped.height = height;
    }
    contextOf(this.#swapped).drawImage(frame, 0, 0, width, height);
    this.#lastPicture = performance.now();
    this.#hasPicture = true;
    if (this.#isStalled) {
      this.#isStalled = false;
      this.#tell("picture", { width, height });
    }
    this.#fit(width, height);
    this.paint();
  }

  /** A frame of the camera came: painted only while it is what is shown. */
  cameraCame() {
    if (this.#shown() === "camera") {
      this.paint();
    }
  }

  /** Nothing swapped comes any more, and that is known. */
  pictureGone() {
    if (!this.#isStalled) {
      this.#isStalled = true;
      this.#tell("picture-lost");
      this.paint();
    }
  }

  /** @param {boolean} isFixed while it is recorded, the picture keeps its size */
  fixSize(isFixed) {
    this.#isSizeFixed = isFixed;
  }

  /**
   * Send every picture there too.
   * @param {WritableStreamDefaultWriter<VideoFrame>} writer
   */
  addOutlet(writer) {
    this.#outlets.add(writer);
    void write(writer, this.#canvas);
  }

  /** @param {WritableStreamDefaultWriter<VideoFrame>} writer */
  removeOutlet(writer) {
    this.#outlets.delete(writer);
  }

  paint() {
    this.#lastPaint = performance.now();
    const { width, height } = this.#canvas;
    const look = this.#look;
    switch (this.#shown()) {
      case "black":
        this.#fill();
        break;
      case "refused":
        drawCard(this.#context, width, height, look.card_title, look.refused ?? "");
        break;
      case "card":
        drawCard(this.#context, width, height, look.card_title, look.card_text);
        break;
      case "stalled":
        drawCard(this.#context, width, height, look.card_title, look.stalled_text);
        break;
      case "camera":
        this.#put(this.#cameraFrame());
        break;
      case "swapped":
        this.#put(look.is_frozen ? this.#held : this.#swapped);
        this.#drawLabel();
    }
    for (const outlet of this.#outlets) {
      void write(outlet, this.#canvas);
    }
  }

  /** @returns {Shown} the rule: services and workers have the same for the way on this computer */
  #shown() {
    const look = this.#look;
    if (look.panic === "black") {
      return "black";
    }
    if (look.refused !== null) {
      return "refused";
    }
    if (look.panic === "card") {
      return "card";
    }
    if (look.panic === "camera") {
      return this.#cameraFrame() ? "camera" : "card";
    }
    if (look.is_labelled && this.#label === null) {
      return "stalled";
    }
    if (look.is_frozen) {
      return this.#hasHeld ? "swapped" : "stalled";
    }
    return this.#isStalled ? "stalled" : "swapped";
  }

  #tick() {
    const now = performance.now();
    if (now - this.#lastPicture > STALL_MS) {
      this.pictureGone();
    }
    if (this.#outlets.size && now - this.#lastPaint > TICK_MS) {
      this.paint();
    }
  }

  #hold() {
    this.#hasHeld = this.#hasPicture && !this.#isStalled;
    this.#held.width = this.#swapped.width;
    this.#held.height = this.#swapped.height;
    contextOf(this.#held).drawImage(this.#swapped, 0, 0);
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  #fit(width, height) {
    const { width: wide, height: high } = this.#canvas;
    // A sender with little bandwidth sends smaller pictures for a while: they are shown as large as before.
    const isOther = Math.abs(width / height - wide / high) > 0.01 || width > wide;
    if (isOther && !this.#isSizeFixed) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#tell("size", { width, height });
    }
  }

  #fill() {
    this.#context.fillStyle = "#000";
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** @param {VideoFrame | OffscreenCanvas | null} picture */
  #put(picture) {
    if (!picture) {
      return;
    }
    const { width, height } = this.#canvas;
    const [itsWidth, itsHeight] =
      picture instanceof VideoFrame ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
    const scale = Math.min(width / itsWidth, height / itsHeight);
    const [wide, high] = [itsWidth * scale, itsHeight * scale];
    this.#fill();
    this.#context.save();
    if (this.#look.is_mirrored) {
      this.#context.translate(width, 0);
      this.#context.scale(-1, 1);
    }
    this.#context.drawImage(picture, (width - wide) / 2, (height - high) / 2, wide, high);
    this.#context.restore();
  }

  #drawLabel() {
    const { is_labelled, label } = this.#look;
    if (!is_labelled || !label || !this.#label) {
      return;
    }
    const across = this.#canvas.width / label.width;
    const down = this.#canvas.height / label.height;
    const { width, height } = this.#label;
    this.#context.drawImage(this.#label, label.left * across, label.top * down, width * across, height * down);
  }

  /** @param {Label | null} label */
  async #readLabel(label) {
    if ((label?.png ?? "") === this.#labelKey) {
      return;
    }
    this.#labelKey = label?.png ?? "";
    if (!label) {
      this.#label = null;
      return;
    }
    const bytes = Uint8Array.from(atob(label.png), (letter) => letter.charCodeAt(0));
    this.#label = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  }
}

/** @param {OffscreenCanvas} canvas */
function contextOf(canvas) {
  return /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
}
