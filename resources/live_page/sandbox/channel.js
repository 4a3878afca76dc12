// In the place of the Agora Web SDK in sessions of the sandbox, and in no others: the same few calls, and nobody is
// called. The service's end of the channel is in this page: it gets the camera over one peer connection, paints over its
// pictures and sends them back over another. Nothing leaves this computer.
"use strict";

(() => {
  /** As sandbox/akool_live.py names the user that sends the swapped picture. */
  const ALGORITHM = 3;
  const WIDTH = 640;
  const HEIGHT = 480;
  const PLATE = { width: 220, height: 132, radius: 16 };
  const MEASURE_MS = 250;
  const BROKEN = ["disconnected", "failed", "closed"];

  /**
   * Send tracks from one end of this page to the other.
   * @param {MediaStreamTrack[]} tracks
   * @param {(track: MediaStreamTrack) => void} onTrack
   * @returns {Promise<[RTCPeerConnection, RTCPeerConnection]>}
   */
  async function pair(tracks, onTrack) {
    const from = new RTCPeerConnection();
    const to = new RTCPeerConnection();
    from.onicecandidate = ({ candidate }) => candidate && to.addIceCandidate(candidate).catch(() => {});
    to.onicecandidate = ({ candidate }) => candidate && from.addIceCandidate(candidate).catch(() => {});
    to.ontrack = ({ track }) => onTrack(track);
    for (const track of tracks) {
      from.addTrack(track, new MediaStream([track]));
    }
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription);
    return [from, to];
  }

  class Track {
    constructor(options) {
      this.options = options;
      this.track = options.mediaStreamTrack;
    }

    close() {
      this.track.stop();
    }

    getMediaStreamTrack() {
      return this.track;
    }

    async replaceTrack(track, stopOld) {
      if (stopOld) {
        this.track.stop();
      }
      this.track = track;
      await this.sender.replaceTrack(track);
    }
  }

  class Client {
    constructor(options) {
      this.options = options;
      this.listeners = new Map();
      this.connections = [];
      this.remote = new Map();
      this.figures = {};
      this.connectionState = "DISCONNECTED";
    }

    on(event, listener) {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    }

    removeAllListeners() {
      this.listeners.clear();
    }

    emit(event, ...values) {
      for (const listener of this.listeners.get(event) ?? []) {
        listener(...values);
      }
    }

    /** Change over to another state of the connection. */
    turn(next, reason) {
      const before = this.connectionState;
      this.connectionState = next;
      this.emit("connection-state-change", next, before, reason);
    }

    async join(_appId, channel, _token, uid) {
      if (!Number.isInteger(uid)) {
        throw Object.assign(new Error("uid"), { code: "INVALID_PARAMS" });
      }
      this.channel = channel;
      this.turn("CONNECTED");
    }

    async publish(tracks) {
      this.tracks = tracks;
      await this.connect();
    }

    async connect() {
      const sent = this.tracks.map((one) => one.track);
      const up = await pair(sent, (track) => this.answer(track));
      this.connections.push(...up);
      this.tracks.forEach((one, place) => (one.sender = up[0].getSenders()[place]));
      this.watch(up[0]);
      this.timer = setInterval(() => void this.measure(), MEASURE_MS);
    }

    /** What the service makes of a track that it is sent. */
    answer(track) {
      const back = this.changed(track);
      if (!back) {
        return;
      }
      const came = new Promise((resolve) => {
        void pair([back], resolve).then((down) => {
          this.connections.push(...down);
          if (track.kind === "video") {
            this.down = down[1];
          }
        });
      });
      this.remote.set(`${ALGORITHM} ${track.kind}`, came);
      this.emit("user-published", { uid: ALGORITHM }, track.kind);
    }

    /** @returns {MediaStreamTrack | null} null where nothing is sent back, as for sound */
    changed(track) {
      if (track.kind !== "video") {
        return null;
      }
      const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
      const context = canvas.getContext("2d", { alpha: false });
      const generator = new MediaStreamTrackGenerator({ kind: "video" });
      const writer = generator.writable.getWriter();
      const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
      void (async () => {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) {
            generator.stop();
            return;
          }
          context.drawImage(value, 0, 0, WIDTH, HEIGHT);
          value.close();
          this.paint(context);
          if (writer.desiredSize > 0) {
            const timestamp = Math.round(performance.now() * 1000);
            await writer.write(new VideoFrame(canvas, { timestamp })).catch(() => {});
          }
        }
      })();
      return generator;
    }

    get colour() {
      return "#12c46b";
    }

    /** Paint what shows that this is no swapped face. */
    paint(context) {
      const { width, height, radius } = PLATE;
      context.fillStyle = this.colour;
      context.beginPath();
      context.roundRect((WIDTH - width) / 2, (HEIGHT - height) / 2, width, height, radius);
      context.fill();
      context.fillStyle = "#06281a";
      context.font = '36px "Card", sans-serif';
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText("Sandbox", WIDTH / 2, HEIGHT / 2 + height / 4, width);
    }

    watch(connection) {
      this.up = connection;
      connection.onconnectionstatechange = () => {
        if (BROKEN.includes(connection.connectionState) && this.connectionState === "CONNECTED") {
          this.turn("RECONNECTING", "NETWORK_ERROR");
        }
      };
    }

    async subscribe(user, kind) {
      return new Track({ mediaStreamTrack: await this.remote.get(`${user.uid} ${kind}`) });
    }

    close() {
      clearInterval(this.timer);
      for (const connection of this.connections) {
        connection.onconnectionstatechange = null;
        connection.close();
      }
      this.connections = [];
    }

    async leave() {
      this.close();
      this.turn("DISCONNECTED", "LEAVE");
    }

    async measure() {
      const now = performance.now();
      const seconds = (now - (this.measured ?? now - MEASURE_MS)) / 1000;
      this.measured = now;
      const read = async (connection, type) =>
        [...((await connection?.getStats())?.values() ?? [])].find((one) => one.type === type && one.kind !== "audio");
      const out = await read(this.up, "outbound-rtp");
      const into = await read(this.down, "inbound-rtp");
      const route = await read(this.up, "candidate-pair");
      const bits = (value, name) => {
        const before = this[name] ?? value;
        this[name] = value;
        return (8 * (value - before)) / seconds;
      };
      this.figures = {
        sendFrameRate: out?.framesPerSecond,
        sendBitrate: bits(out?.bytesSent ?? 0, "sentBytes"),
        receiveBitrate: bits(into?.bytesReceived ?? 0, "receivedBytes"),
        packetLossRate: 0,
        RTT: (route?.currentRoundTripTime ?? 0) * 1000 || 1,
      };
    }

    getRTCStats() {
      return { RTT: this.figures.RTT };
    }

    getLocalVideoStats() {
      return this.figures;
    }

    getRemoteVideoStats() {
      return { [ALGORITHM]: this.figures };
    }
  }

  const sdk = {
    Client,
    checkSystemRequirements: () => true,
    setLogLevel: () => {},
    disableLogUpload: () => {},
    createClient: (options) => new sdk.Client(options),
    createCustomVideoTrack: (options) => new Track(options),
    createCustomAudioTrack: (options) => new Track(options),
  };
  window.AgoraRTC = sdk;
})();
