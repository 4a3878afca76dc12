// One channel of the service: joined, camera and sound sent, the swapped picture received.

import { HEIGHT, RATE, WIDTH } from "./devices.js";
import { Frames } from "./frames.js";

const MOST_KBITS = 5000;
/** So long leaving may take; then the page lets go of it as it is. */
const LEAVE_MS = 2000;

/**
 * @typedef {object} Door
 * @property {string} app_id
 * @property {string} channel
 * @property {string} token
 * @property {number} user_id
 * @property {number | null} algorithm_user_id
 */

/**
 * @typedef {object} Listener what a channel tells
 * @property {(frame: VideoFrame) => void} frame
 * @property {() => void} pictureGone
 * @property {() => void} sound another sound came, or it is gone
 * @property {() => void} lost
 * @property {() => void} back
 * @property {() => void} tokenOld
 * @property {(why: string) => void} ended
 */

export class Channel {
  /** @type {Frames | null} */
  #frames = null;
  /** @type {import("./sdk.js").LocalTrack[]} */
  #tracks = [];
  /** What is sent: copies, stopped here whatever the SDK does with its tracks. @type {MediaStreamTrack[]} */
  #copies = [];
  /** @type {MediaStreamTrack | null} */
  #sound = null;
  /** @type {string | null} */
  #shownUser = null;
  #isLeft = false;
  #isLost = false;
  #shown = 0;
  #sdk;
  #client;
  #listener;

  /** @type {Door} */
  door;
  /** Resolves with the first frame of the swapped picture. @type {Promise<void>} */
  firstPicture;
  /** @type {() => void} */
  #pictureCame = () => {};

  /**
   * @param {import("./sdk.js").Sdk} sdk
   * @param {Door} door
   * @param {Listener} listener
   */
  constructor(sdk, door, listener) {
    this.#sdk = sdk;
    this.door = door;
    this.#listener = listener;
    this.firstPicture = new Promise((resolve) => (this.#pictureCame = resolve));
    this.#client = sdk.createClient({ mode: "rtc", codec: "vp8" });
    this.#listen();
  }

  /**
   * Join, and send what the camera and the microphone give.
   * @param {MediaStreamTrack} camera copied; the original stays its owner's
   * @param {MediaStreamTrack | null} microphone likewise
   */
  async join(camera, microphone) {
    const { app_id, channel, token, user_id } = this.door;
    await this.#client.join(app_id, channel, token, user_id);
    if (this.#isLeft) {
      throw new Error("left before it was joined");
    }
    this.#tracks = [
      this.#sdk.createCustomVideoTrack({
        mediaStreamTrack: this.#copy(camera),
        width: WIDTH,
        height: HEIGHT,
        frameRate: { min: RATE, max: RATE },
        bitrateMax: MOST_KBITS,
      }),
    ];
    if (microphone) {
      const options = { mediaStreamTrack: this.#copy(microphone), encoderConfig: "music_standard" };
      this.#tracks.push(this.#sdk.createCustomAudioTrack(options));
    }
    await this.#client.publish(this.#tracks);
  }

  /**
   * Send another camera from now on: the old one was unplugged.
   * @param {MediaStreamTrack} camera
   */
  async replaceCamera(camera) {
    await this.#tracks[0]?.replaceTrack(this.#copy(camera), true);
  }

  /** The newest frame of the swapped picture; null while there is none. */
  get newest() {
    return this.#frames?.newest ?? null;
  }

  /** The other side's sound, which goes with its picture; null while there is none. */
  get sound() {
    return this.#sound;
  }

  async leave() {
    if (this.#isLeft) {
      return;
    }
    this.#isLeft = true;
    this.#client.removeAllListeners();
    this.#dropPicture();
    for (const track of this.#tracks) {
      track.close();
    }
    for (const copy of this.#copies) {
      copy.stop();
    }
    const limit = new Promise((resolve) => setTimeout(resolve, LEAVE_MS));
    await Promise.race([this.#client.leave().catch(() => {}), limit]);
  }

  /** Figures since the last call, as ``LegFigures`` in domain/live_cloud.py has them. */
  figures() {
    const sent = this.#client.getLocalVideoStats();
    const received = this.#shownUser === null ? {} : (this.#client.getRemoteVideoStats()[this.#shownUser] ?? {});
    const shown = this.#shown;
    this.#shown = 0;
    return {
      sent_per_second: sent.sendFrameRate ?? 0,
      shown,
      sent_kbits: (sent.sendBitrate ?? 0) / 1000,
      received_kbits: (received.receiveBitrate ?? 0) / 1000,
      round_trip_ms: this.#client.getRTCStats().RTT || null,
      lost_share: received.currentPacketLossRate ?? received.packetLossRate ?? 0,
    };
  }

  /** @param {MediaStreamTrack} track */
  #copy(track) {
    const copy = track.clone();
    this.#copies.push(copy);
    return copy;
  }

  #listen() {
    const { lost, back, tokenOld, ended } = this.#listener;
    this.#client.on("user-published", (user, kind) => void this.#receive(user, kind).catch(() => {}));
    this.#client.on("user-unpublished", (user, kind) => this.#unpublished(user, kind));
    this.#client.on("user-left", (user) => this.#unpublished(user, "video"));
    this.#client.on("token-privilege-will-expire", () => tokenOld());
    this.#client.on("token-privilege-did-expire", () => ended("TOKEN_EXPIRE"));
    this.#client.on("connection-state-change", (state, _before, reason) => {
      if (state === "RECONNECTING" && !this.#isLost) {
        this.#isLost = true;
        lost();
      } else if (state === "CONNECTED" && this.#isLost) {
        this.#isLost = false;
        back();
      } else if (state === "DISCONNECTED" && reason !== "LEAVE") {
        ended(String(reason ?? ""));
      }
    });
  }

  /**
   * @param {import("./sdk.js").RemoteUser} user
   * @param {"video" | "audio"} kind
   */
  async #receive(user, kind) {
    const wanted = this.door.algorithm_user_id;
    const id = String(user.uid);
    const isWanted = wanted === null ? this.#shownUser === null || this.#shownUser === id : id === String(wanted);
    if (!isWanted || id === String(this.door.user_id)) {
      return;
    }
    if (wanted === null) {
      this.#shownUser = id;
    }
    const track = (await this.#client.subscribe(user, kind)).getMediaStreamTrack();
    if (this.#isLeft) {
      return;
    }
    this.#shownUser = id;
    if (kind === "audio") {
      this.#sound = track;
      this.#listener.sound();
      return;
    }
    this.#frames?.close();
    this.#frames = new Frames(track, (frame) => {
      this.#shown += 1;
      this.#pictureCame();
      this.#listener.frame(frame);
    });
  }

  /**
   * @param {import("./sdk.js").RemoteUser} user
   * @param {string} kind
   */
  #unpublished(user, kind) {
    if (String(user.uid) !== this.#shownUser) {
      return;
    }
    if (kind === "audio") {
      this.#sound = null;
      this.#listener.sound();
      return;
    }
    this.#dropPicture();
    this.#listener.pictureGone();
  }

  #dropPicture() {
    this.#frames?.close();
    this.#frames = null;
  }
}
