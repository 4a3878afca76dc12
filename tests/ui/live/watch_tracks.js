// Put before an SDK in tests: says how many tracks of camera and microphone are open.
"use strict";

(() => {
  const open = new Set();
  window.opened = [];
  const told = () => console.log(`open tracks: ${open.size}`);
  const { getUserMedia } = MediaDevices.prototype;
  const { clone, stop } = MediaStreamTrack.prototype;
  MediaDevices.prototype.getUserMedia = async function (wish) {
    const stream = await getUserMedia.call(this, wish);
    for (const track of stream.getTracks()) {
      open.add(track);
      window.opened.push(track);
    }
    told();
    return stream;
  };
  MediaStreamTrack.prototype.clone = function () {
    const copy = clone.call(this);
    if (open.has(this)) {
      open.add(copy);
    }
    return copy;
  };
  MediaStreamTrack.prototype.stop = function () {
    stop.call(this);
    if (open.delete(this)) {
      told();
    }
  };
})();
