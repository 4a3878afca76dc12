// Put behind the sandbox's channel (resources/live_page/sandbox/channel.js): what can go wrong in one, and what a test
// changes in it.
"use strict";

(() => {
  const clients = [];
  const state = { square: "#00ff00", sounds: false };

  class Faulty extends AgoraRTC.Client {
    constructor(options) {
      super(options);
      clients.push(this);
    }
    get colour() {
      return state.square;
    }
    async join(appId, channel, token, uid) {
      if (channel.startsWith("never")) {
        await new Promise(() => {});
      }
      if (token === "old") {
        throw Object.assign(new Error("dynamic key expired"), { code: "CAN_NOT_GET_GATEWAY_SERVER" });
      }
      await super.join(appId, channel, token, uid);
    }
    async publish(tracks) {
      if (this.channel.startsWith("crowd")) {
        const canvas = new OffscreenCanvas(64, 64);
        canvas.getContext("2d").fillRect(0, 0, 64, 64);
        const other = new MediaStreamTrackGenerator({ kind: "video" });
        this.remote.set("9 video", Promise.resolve(other));
        this.emit("user-published", { uid: 9 }, "video");
      }
      await super.publish(tracks);
    }
    changed(track) {
      if (this.channel.startsWith("silent")) {
        return null;
      }
      return track.kind === "audio" && state.sounds ? track : super.changed(track);
    }
  }

  AgoraRTC.Client = Faulty;
  AgoraRTC.stand = {
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
      this.last.emit("user-unpublished", { uid: 3 }, "video");
    },
  };
})();
