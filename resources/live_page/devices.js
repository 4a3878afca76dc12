// Camera and microphone of this computer, or a file in the camera's place.

import { LegTrouble } from "./troubles.js";

export const WIDTH = 640;
export const HEIGHT = 480;
/** Frames per second that AKOOL asks for. */
export const RATE = 20;

/**
 * @typedef {object} Choice
 * @property {string} name as the system calls the device; empty for the default one
 */

/**
 * Open a camera by its name: its ids differ between the system and this engine.
 * @param {Choice} choice
 * @returns {Promise<MediaStreamTrack>}
 * @throws {LegTrouble}
 */
export async function openCamera(choice) {
  /** @type {MediaTrackConstraints} */
  const wish = { width: WIDTH, height: HEIGHT, frameRate: { min: RATE, max: RATE } };
  try {
    const deviceId = await idOf("videoinput", choice.name, { video: true });
    const which = deviceId ? { deviceId: { exact: deviceId } } : {};
    return await opened({ video: { ...wish, ...which } }).catch((error) => {
      // Not every camera gives just so many frames.
      if (error?.name !== "OverconstrainedError") {
        throw error;
      }
      return opened({ video: { ...wish, frameRate: RATE, ...which } });
    });
  } catch (error) {
    throw LegTrouble.ofCamera(error);
  }
}

/**
 * @param {Choice} choice
 * @returns {Promise<MediaStreamTrack>}
 * @throws {LegTrouble} always of kind no-microphone: one goes on without sound
 */
export async function openMicrophone(choice) {
  try {
    const deviceId = await idOf("audioinput", choice.name, { audio: true });
    const which = deviceId ? { deviceId: { exact: deviceId } } : {};
    return await opened({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...which } });
  } catch (error) {
    const { name, message } = LegTrouble.ofCamera(error);
    throw new LegTrouble("no-microphone", `${name}: ${message}`);
  }
}

/**
 * @param {MediaStreamConstraints} wish
 * @returns {Promise<MediaStreamTrack>}
 */
async function opened(wish) {
  const stream = await navigator.mediaDevices.getUserMedia(wish);
  return stream.getTracks()[0];
}

/**
 * @param {"videoinput" | "audioinput"} kind
 * @param {string} name
 * @param {MediaStreamConstraints} any opens any device of that kind: names are told only after that
 * @returns {Promise<string>} the id of a device; empty for the default one
 */
async function idOf(kind, name, any) {
  if (!name) {
    return "";
  }
  const first = await opened(any);
  first.stop();
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === kind);
  // Chromium adds numbers of maker and product to the system's name.
  const found =
    devices.find((device) => device.label === name) ??
    devices.find((device) => device.label.startsWith(name) || name.startsWith(device.label));
  if (!found) {
    throw new LegTrouble(kind === "videoinput" ? "no-camera" : "no-microphone", `there is no ${name}`);
  }
  return found.deviceId;
}

/** A camera whose frames come from the window. */
export class PumpedCamera {
  #canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  #context = /** @type {OffscreenCanvasRenderingContext2D} */ (this.#canvas.getContext("2d", { alpha: false }));
  #generator = new MediaStreamTrackGenerator({ kind: "video" });
  #writer = this.#generator.writable.getWriter();

  /** @returns {MediaStreamTrack} */
  get track() {
    return this.#generator;
  }

  /** @param {string} jpeg base64 */
  async take(jpeg) {
    const bytes = Uint8Array.from(atob(jpeg), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    const scale = Math.min(WIDTH / picture.width, HEIGHT / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    this.#context.fillRect(0, 0, WIDTH, HEIGHT);
    this.#context.drawImage(picture, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
    picture.close();
    await write(this.#writer, this.#canvas);
  }
}

/**
 * Send what is on a canvas; where the receiver is slow it is left out.
 * @param {WritableStreamDefaultWriter<VideoFrame>} writer
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 */
export async function write(writer, canvas) {
  if ((writer.desiredSize ?? 0) <= 0) {
    return;
  }
  const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
  await writer.write(frame).catch(() => frame.close());
}
