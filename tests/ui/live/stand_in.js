// In the place of the Agora Web SDK: the same few calls over peer connections inside the page. What is "the service"
// here turns the camera's picture and paints a square onto it, so that it can be told from the camera's.
"use strict";

(() => {
  const ALGORITHM = 3;
  const SQUARE = 160;
  const clients = [];
  const state = { square: "#00ff00", sounds: false };

  const pair = async (tracks, onTrack) => {
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
  };

  const changed = (track) => {
    const canvas = new OffscreenCanvas(640, 480);
    const context = canvas.getContext("2d");
    const generator = new MediaStreamTrackGenerator({ kind: "video" });
    const writer = generator.writable.getWriter();
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    void (async () => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) {
          return;
        }
        context.drawImage(value, 0, 0, canvas.width, canvas.height);
        value.close();
        context.fillStyle = state.square;
        context.fillRect((canvas.width - SQUARE) / 2, (canvas.height - SQUARE) / 2, SQUARE, SQUARE);
        if (writer.desiredSize > 0) {
          const timestamp = Math.round(performance.now() * 1000);
          await writer.write(new VideoFrame(canvas, { timestamp })).catch(() => {});
        }
      }
    })();
    return generator;
  };

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
    async replaceTrack(track) {
      this.track.stop();
      this.track = track;
      await this.sender.replaceTrack(track);
    }
  }

  class Client {
    constructor() {
      this.listeners = new Map();
      this.connections = [];
      this.remote = new Map();
      this.figures = {};
      this.connectionState = "DISCONNECTED";
      clients.push(this);
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
    turn(next, reason) {
      const before = this.connectionState;
      this.connectionState = next;
      this.emit("connection-state-change", next, before, reason);
    }
    async join(appId, channel, token, uid) {
      if (!Number.isInteger(uid)) {
        throw Object.assign(new Error("uid"), { code: "INVALID_PARAMS" });
      }
      if (channel.startsWith("never")) {
        await new Promise(() => {});
      }
      if (token === "old") {
        throw Object.assign(new Error("dynamic key expired"), { code: "CAN_NOT_GET_GATEWAY_SERVER" });
      }
      this.channel = channel;
      this.turn("CONNECTED");
    }
    async publish(tracks) {
      this.tracks = tracks;
      if (this.channel.startsWith("crowd")) {
        const canvas = new OffscreenCanvas(64, 64);
        canvas.getContext("2d").fillRect(0, 0, 64, 64);
        const other = new MediaStreamTrackGenerator({ kind: "video" });
        this.remote.set("9 video", Promise.resolve(other));
        this.emit("user-published", { uid: 9 }, "video");
      }
      await this.connect();
    }
    async connect() {
      const sent = this.tracks.map((one) => one.track);
      const up = await pair(sent, (track) => void this.answer(track));
      this.tracks.forEach((one, place) => (one.sender = up[0].getSenders()[place]));
      this.watch(up[0]);
      this.connections.push(...up);
      this.timer = setInterval(() => void this.measure(), 250);
    }
    async answer(track) {
      if (this.channel.startsWith("silent") || (track.kind === "audio" && !state.sounds)) {
        return;
      }
      const back = track.kind === "video" ? changed(track) : track;
      const came = new Promise((resolve) => {
        void pair([back], resolve).then((down) => {
          this.connections.push(...down);
          this[track.kind === "video" ? "down" : "downSound"] = down[1];
        });
      });
      this.remote.set(`${ALGORITHM} ${track.kind}`, came);
      this.emit("user-published", { uid: ALGORITHM }, track.kind);
    }
    watch(connection) {
      this.up = connection;
      connection.onconnectionstatechange = () => {
        if (["disconnected", "failed", "closed"].includes(connection.connectionState)) {
          if (this.connectionState === "CONNECTED") {
            this.turn("RECONNECTING", "NETWORK_ERROR");
          }
        }
      };
    }
    async subscribe(user, kind) {
      const track = await this.remote.get(`${user.uid} ${kind}`);
      return new Track({ mediaStreamTrack: track });
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
      const seconds = (now - (this.measured ?? now - 250)) / 1000;
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

  window.AgoraRTC = {
    checkSystemRequirements: () => true,
    setLogLevel: () => {},
    disableLogUpload: () => {},
    createClient: (options) => Object.assign(new Client(), { options }),
    createCustomVideoTrack: (options) => new Track(options),
    createCustomAudioTrack: (options) => new Track(options),
    // What a test does to "the service".
    stand: {
      state,
      clients,
      get last() {
        return clients[clients.length - 1];
      },
      /** The service's end of the line is gone. */
      cut() {
        for (const connection of this.last.connections) {
          if (connection !== this.last.up) {
            connection.close();
          }
        }
      },
      async mend() {
        this.last.close();
        await this.last.connect();
        this.last.turn("CONNECTED");
      },
      unpublish() {
        this.last.emit("user-unpublished", { uid: ALGORITHM }, "video");
      },
    },
  };
})();
