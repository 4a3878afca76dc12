// The way of a session: camera and microphone, the channel that is shown, and the one that takes over from it.

import { Channel } from "./channel.js";
import { PumpedCamera, openCamera, openMicrophone } from "./devices.js";
import { Frames } from "./frames.js";
import { LegTrouble, within } from "./troubles.js";

/**
 * @typedef {object} Wish
 * @property {boolean} is_pumped the camera's frames come from the window
 * @property {string} camera name of a device
 * @property {string | null} microphone name of a device, empty for the default one; null for none
 */

/**
 * @typedef {object} Watcher who is told what happens
 * @property {(frame: VideoFrame) => void} swapped
 * @property {() => void} cameraFrame
 * @property {() => void} cameraChanged it was opened, or is gone
 * @property {() => void} pictureGone
 * @property {(track: MediaStreamTrack | null) => void} sound
 * @property {(name: string, values?: object) => void} tell
 */

export class Leg {
  /** @type {Channel | null} */
  #channel = null;
  /** @type {Channel | null} */
  #next = null;
  /** @type {MediaStreamTrack | null} */
  #camera = null;
  /** @type {MediaStreamTrack | null} */
  #microphone = null;
  /** @type {Frames | null} */
  #seen = null;
  /** @type {Wish | null} */
  #wish = null;
  #hasLeft = false;
  #pump = new PumpedCamera();
  #sdk;
  #watcher;

  /**
   * @param {import("./sdk.js").Sdk} sdk
   * @param {Watcher} watcher
   */
  constructor(sdk, watcher) {
    this.#sdk = sdk;
    this.#watcher = watcher;
    navigator.mediaDevices.addEventListener("devicechange", () => void this.#lookForCamera());
  }

  /** The camera's newest frame; null while it gives none. */
  get cameraFrame() {
    return this.#seen?.newest ?? null;
  }

  /** The camera as it is sent; null while it is not open. */
  get camera() {
    return this.#camera;
  }

  /** What is heard: the channel's own sound where it has one, which goes with its picture; else the microphone. */
  get sound() {
    return this.#channel?.sound ?? this.#microphone;
  }

  /** @param {string} jpeg base64 */
  take(jpeg) {
    return this.#pump.take(jpeg);
  }

  /**
   * Open camera and microphone, join, and send them.
   * @param {Wish} wish
   * @param {import("./channel.js").Door} door
   * @param {number} limitMs
   */
  async join(wish, door, limitMs) {
    this.#wish = wish;
    try {
      await this.#openDevices(wish);
      this.#channel = await this.#joined(door, limitMs);
    } catch (error) {
      await this.leave();
      throw error;
    }
    this.#hear();
    this.#watcher.tell("joined");
  }

  /**
   * Join another channel beside the first; the picture changes over when the new one's came.
   * @param {import("./channel.js").Door} door
   * @param {number} limitMs
   */
  async handOver(door, limitMs) {
    const old = this.#channel;
    const until = performance.now() + limitMs;
    const next = await this.#joined(door, limitMs);
    try {
      await within(next.firstPicture, Math.max(1, until - performance.now()), "the new session's picture");
    } catch (error) {
      await next.leave();
      throw error;
    } finally {
      this.#next = null;
    }
    this.#channel = next;
    this.#hear();
    await old?.leave();
  }

  /**
   * Leave the channel and join it again.
   * @param {number} limitMs
   */
  async rejoin(limitMs) {
    const old = this.#channel;
    if (!old) {
      throw new LegTrouble("failed", "nothing was joined");
    }
    await old.leave();
    this.#watcher.pictureGone();
    // Where that fails, the channel that was left stays: its door is known, and it can be tried again.
    this.#channel = await this.#joined(old.door, limitMs);
    this.#hear();
    this.#watcher.tell("back");
  }

  /** Leave, and give camera and microphone back. */
  async leave() {
    this.#hasLeft = true;
    const channels = [this.#channel, this.#next];
    this.#channel = null;
    this.#next = null;
    this.#seen?.close();
    this.#seen = null;
    this.#camera?.stop();
    this.#microphone?.stop();
    this.#camera = null;
    this.#microphone = null;
    await Promise.all(channels.map((channel) => channel?.leave()));
  }

  /** @returns {object | null} figures of the channel that is shown */
  figures() {
    return this.#channel?.figures() ?? null;
  }

  /**
   * @param {import("./channel.js").Door} door
   * @param {number} limitMs
   */
  async #joined(door, limitMs) {
    const camera = this.#camera;
    if (!camera) {
      throw new LegTrouble("no-camera", "the camera is closed");
    }
    const channel = this.#newChannel(door);
    this.#next = channel;
    try {
      await within(channel.join(camera, this.#microphone), limitMs, "joining the channel");
    } catch (error) {
      this.#next = null;
      await channel.leave();
      throw error;
    }
    return channel;
  }

  /** @param {import("./channel.js").Door} door */
  #newChannel(door) {
    const { swapped, pictureGone, tell } = this.#watcher;
    /** @type {Channel} */
    const channel = new Channel(this.#sdk, door, {
      // Of two channels only the one that is shown counts; the new one's first picture makes it that.
      frame: (frame) => this.#isShown(channel) && swapped(frame),
      pictureGone: () => this.#isShown(channel) && pictureGone(),
      sound: () => this.#isShown(channel) && this.#hear(),
      lost: () => this.#isShown(channel) && tell("lost"),
      back: () => this.#isShown(channel) && tell("back"),
      tokenOld: () => this.#isShown(channel) && tell("token-old"),
      ended: (why) => this.#isShown(channel) && tell("ended", { why }),
    });
    return channel;
  }

  /** @param {Channel} channel */
  #isShown(channel) {
    return channel === this.#channel || (this.#channel === null && channel === this.#next);
  }

  #hear() {
    this.#watcher.sound(this.sound);
  }

  /** @param {Wish} wish */
  async #openDevices(wish) {
    this.#hasLeft = false;
    const camera = wish.is_pumped ? this.#pump.track.clone() : await openCamera({ name: wish.camera });
    this.#useCamera(camera);
    if (wish.microphone === null) {
      return;
    }
    try {
      this.#microphone = await openMicrophone({ name: wish.microphone });
    } catch (error) {
      const trouble = LegTrouble.of(error);
      this.#watcher.tell("note", { trouble: trouble.kind, text: trouble.message });
    }
  }

  /** @param {MediaStreamTrack} camera */
  #useCamera(camera) {
    if (this.#hasLeft) {
      camera.stop();
      throw new LegTrouble("failed", "left before the camera was open");
    }
    this.#camera = camera;
    this.#seen?.close();
    this.#seen = new Frames(camera, () => this.#watcher.cameraFrame());
    this.#watcher.cameraChanged();
    camera.addEventListener("ended", () => {
      if (this.#camera === camera) {
        this.#camera = null;
        this.#seen?.close();
        this.#seen = null;
        this.#watcher.cameraChanged();
        this.#watcher.tell("note", { trouble: "camera-unplugged", text: "the camera was unplugged" });
      }
    });
  }

  /** Something was plugged in: perhaps the camera again. */
  async #lookForCamera() {
    const channel = this.#channel;
    if (!channel || this.#camera || !this.#wish || this.#wish.is_pumped) {
      return;
    }
    try {
      const camera = await openCamera({ name: this.#wish.camera });
      this.#useCamera(camera);
      await channel.replaceCamera(camera);
    } catch {
      // Not yet, or not that one.
    }
  }
}
