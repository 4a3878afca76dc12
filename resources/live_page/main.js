// The page of a session at a service: what the window asks for is done here, what happens is told.

import { Bridge } from "./bridge.js";
import { jpeg } from "./frames.js";
import { Leg } from "./leg.js";
import { Outlet } from "./outlet.js";
import { Recorder } from "./recorder.js";
import { sdk } from "./sdk.js";
import { Stage } from "./stage.js";

const FIGURES_MS = 1000;

const view = /** @type {HTMLElement} */ (document.getElementById("view"));
const everyone = /** @type {HTMLCanvasElement} */ (document.getElementById("everyone"));
const camera = /** @type {HTMLVideoElement} */ (document.getElementById("camera"));

const bridge = await Bridge.open();
const tell = bridge.tell.bind(bridge);

/** @type {Leg} */
const leg = new Leg(sdk(), {
  swapped: (frame) => stage.take(frame),
  cameraFrame: () => stage.cameraCame(),
  cameraChanged: () => arrange(),
  pictureGone: () => stage.pictureGone(),
  sound: (track) => recorder.hear(track),
  tell,
});
const stage = new Stage(everyone, () => leg.cameraFrame, tell);
const recorder = new Recorder(stage, bridge, () => leg.sound);
const outlet = new Outlet(stage, bridge);
let figuresAt = performance.now();

/** Show what the user of this window wants to see beside what everybody sees. */
function arrange() {
  const look = stage.look;
  const classes = [look.is_comparing ? "comparing" : look.layout];
  if (look.is_mirrored) {
    classes.push("mirrored");
  }
  view.className = classes.join(" ");
  const isSeen = look.is_comparing || look.layout === "side";
  const track = isSeen ? leg.camera : null;
  const shown = /** @type {MediaStream | null} */ (camera.srcObject)?.getVideoTracks()[0] ?? null;
  if (track !== shown) {
    camera.srcObject = track ? new MediaStream([track]) : null;
  }
}

bridge.onCameraFrame((picture) => leg.take(picture));
bridge.on("join", ({ wish, door, limit_ms }) => leg.join(wish, door, limit_ms));
bridge.on("hand-over", ({ door, limit_ms }) => leg.handOver(door, limit_ms));
bridge.on("rejoin", ({ limit_ms }) => leg.rejoin(limit_ms));
bridge.on("leave", async () => {
  outlet.set(false);
  camera.srcObject = null;
  await leg.leave();
});
bridge.on("look", async (look) => {
  const isSet = stage.set(look);
  recorder.hush(look.panic === "black" || look.panic === "card" || look.refused !== null);
  arrange();
  await isSet;
});
bridge.on("picture", () => {
  const picture = stage.swapped;
  return picture ? jpeg(picture, picture.width, picture.height) : "";
});
bridge.on("camera-picture", () => {
  const frame = leg.cameraFrame;
  return frame ? jpeg(frame, frame.displayWidth, frame.displayHeight) : "";
});
bridge.on("snapshot", () => jpeg(everyone, everyone.width, everyone.height, 0.95));
bridge.on("record", () => recorder.start());
bridge.on("stop-recording", () => recorder.stop());
bridge.on("pictures", ({ is_on }) => outlet.set(is_on));

setInterval(() => {
  const seconds = (performance.now() - figuresAt) / 1000;
  figuresAt = performance.now();
  const figures = /** @type {{shown: number} | null} */ (leg.figures());
  if (figures) {
    tell("figures", { ...figures, shown_per_second: figures.shown / seconds });
  }
}, FIGURES_MS);

await document.fonts.load('16px "Card"').catch(() => []);
stage.paint();
tell("ready");
