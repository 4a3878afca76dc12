// Recording of what everybody sees, with sound, handed to the window piece by piece.

import { base64 } from "./frames.js";
import { LegTrouble } from "./troubles.js";

const TYPE = "video/webm;codecs=vp8,opus";
const BITS_PER_SECOND = 4_000_000;
const SLICE_MS = 1000;
/** Bytes of a piece; as base64 less than 256 KiB. */
const PIECE = 128 * 1024;
/** So much may wait to be kept; more means that the disk cannot follow. */
const MOST_WAITING = 64 * 1024 * 1024;

/** Sound of a recording: where it comes from may change while it runs. */
class Mix {
  #context = new AudioContext({ sampleRate: 48_000 });
  #target = this.#context.createMediaStreamDestination();
  #loudness = new GainNode(this.#context);
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  // Sound that came over the network flows only while an element plays it, be it silently.
  #player = new Audio();

  constructor() {
    this.#player.muted = true;
    this.#loudness.connect(this.#target);
    // Without sound, or until there is some, silence: the recorder writes nothing while one of its tracks gives nothing.
    const silence = new ConstantSourceNode(this.#context, { offset: 0 });
    silence.connect(this.#target);
    silence.start();
  }

  get track() {
    return this.#target.stream.getAudioTracks()[0];
  }

  /** @param {MediaStreamTrack | null} track */
  hear(track) {
    this.#source?.disconnect();
    this.#source = null;
    this.#player.srcObject = null;
    if (!track) {
      return;
    }
    const stream = new MediaStream([track]);
    this.#player.srcObject = stream;
    void this.#player.play().catch(() => {});
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#loudness);
  }

  /** @param {boolean} isHushed */
  hush(isHushed) {
    this.#loudness.gain.value = isHushed ? 0 : 1;
  }

  close() {
    this.hear(null);
    void this.#context.close();
  }
}

export class Recorder {
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {Mix | null} */
  #mix = null;
  /** @type {(() => void) | null} */
  #release = null;
  /** @type {Promise<void>} */
  #stopped = Promise.resolve();
  /** @type {Promise<void>} */
  #sending = Promise.resolve();
  #waiting = 0;
  #number = 0;
  #bytes = 0;
  #hasFailed = false;
  #isHushed = false;
  #stage;
  #bridge;
  #sound;

  /**
   * @param {import("./stage.js").Stage} stage
   * @param {import("./bridge.js").Bridge} bridge
   * @param {() => MediaStreamTrack | null} sound
   */
  constructor(stage, bridge, sound) {
    this.#stage = stage;
    this.#bridge = bridge;
    this.#sound = sound;
  }

  /** @param {MediaStreamTrack | null} track */
  hear(track) {
    this.#mix?.hear(track);
  }

  /**
   * Who is not seen is not heard either.
   * @param {boolean} isHushed
   */
  hush(isHushed) {
    this.#isHushed = isHushed;
    this.#mix?.hush(isHushed);
  }

  start() {
    if (this.#recorder) {
      throw new LegTrouble("failed", "it records already");
    }
    const picture = new MediaStreamTrackGenerator({ kind: "video" });
    const writer = picture.writable.getWriter();
    this.#mix = new Mix();
    this.#mix.hush(this.#isHushed);
    this.#mix.hear(this.#sound());
    const stream = new MediaStream([picture, this.#mix.track]);
    const recorder = new MediaRecorder(stream, { mimeType: TYPE, videoBitsPerSecond: BITS_PER_SECOND });
    recorder.ondataavailable = (event) => this.#take(event.data);
    // Also where it ends by itself: the last data comes before that, and none of it goes into another recording.
    this.#stopped = new Promise((resolve) => recorder.addEventListener("stop", () => resolve(), { once: true }));
    recorder.onerror = () => this.#fail("the recorder failed");
    this.#number = 0;
    this.#bytes = 0;
    this.#hasFailed = false;
    this.#recorder = recorder;
    this.#stage.fixSize(true);
    this.#stage.addOutlet(writer);
    this.#release = () => {
      this.#stage.removeOutlet(writer);
      this.#stage.fixSize(false);
      picture.stop();
    };
    recorder.start(SLICE_MS);
  }

  /**
   * Stop, and wait until everything is kept.
   * @returns {Promise<{bytes: number, is_whole: boolean}>}
   */
  async stop() {
    const recorder = this.#recorder;
    if (recorder?.state === "recording") {
      recorder.stop();
    }
    await this.#stopped;
    this.#recorder = null;
    this.#release?.();
    this.#release = null;
    this.#mix?.close();
    this.#mix = null;
    await this.#sending;
    return { bytes: this.#bytes, is_whole: !this.#hasFailed };
  }

  /** @param {Blob} data */
  #take(data) {
    this.#waiting += data.size;
    if (this.#waiting > MOST_WAITING) {
      this.#fail("what was recorded is not kept fast enough");
      return;
    }
    this.#sending = this.#sending.then(() => this.#send(data));
  }

  /** @param {Blob} data */
  async #send(data) {
    for (let start = 0; start < data.size && !this.#hasFailed; start += PIECE) {
      const piece = data.slice(start, start + PIECE);
      this.#number += 1;
      if (await this.#bridge.piece(this.#number, await base64(piece))) {
        this.#bytes += piece.size;
      } else {
        this.#fail("what was recorded cannot be kept");
      }
    }
    this.#waiting -= data.size;
  }

  /** @param {string} text */
  #fail(text) {
    if (this.#hasFailed) {
      return;
    }
    this.#hasFailed = true;
    this.#bridge.tell("recording-failed", { text });
    if (this.#recorder?.state === "recording") {
      this.#recorder.stop();
    }
  }
}
