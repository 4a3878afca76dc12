// The few calls of the Agora Web SDK that this page uses, and how the SDK is told to keep to itself.

/**
 * @typedef {object} LocalTrack
 * @property {() => void} close
 * @property {(track: MediaStreamTrack, stopOld: boolean) => Promise<void>} replaceTrack
 */

/**
 * @typedef {object} RemoteTrack
 * @property {() => MediaStreamTrack} getMediaStreamTrack
 */

/**
 * @typedef {object} RemoteUser
 * @property {number | string} uid
 * @property {RemoteTrack} [videoTrack]
 * @property {RemoteTrack} [audioTrack]
 */

/**
 * @typedef {object} Client
 * @property {(appId: string, channel: string, token: string, uid: number) => Promise<unknown>} join
 * @property {() => Promise<void>} leave
 * @property {(tracks: LocalTrack[]) => Promise<void>} publish
 * @property {(user: RemoteUser, kind: "video" | "audio") => Promise<RemoteTrack>} subscribe
 * @property {(event: string, listener: (...values: any[]) => void) => void} on
 * @property {() => void} removeAllListeners
 * @property {() => {RTT?: number}} getRTCStats
 * @property {() => {sendFrameRate?: number, sendBitrate?: number}} getLocalVideoStats
 * @property {() => Record<string, {receiveBitrate?: number, packetLossRate?: number,
 *   currentPacketLossRate?: number}>} getRemoteVideoStats
 */

/**
 * @typedef {object} Sdk
 * @property {(options: {mode: "rtc", codec: "vp8"}) => Client} createClient
 * @property {(options: {mediaStreamTrack: MediaStreamTrack, width?: number, height?: number,
 *   frameRate?: {min: number, max: number}, bitrateMax?: number}) => LocalTrack} createCustomVideoTrack
 * @property {(options: {mediaStreamTrack: MediaStreamTrack, encoderConfig?: string}) => LocalTrack} createCustomAudioTrack
 * @property {() => void} disableLogUpload
 * @property {(level: number) => void} setLogLevel
 * @property {(name: string, value: unknown) => void} [setParameter]
 * @property {() => boolean} checkSystemRequirements
 */

const ERRORS_ONLY = 3;

/**
 * What would be sent besides camera and sound: off. The SDK measures its calls to its servers even so while a channel
 * is joined (its signalling carries them); hosts that do nothing but collect are blocked by the window as well.
 */
const PARAMETERS = {
  ENABLE_EVENT_REPORT: false,
  UPLOAD_LOG: false,
  REPORT_STATS: false,
  // Else it connects to servers as soon as a client is made, before anybody joins.
  ENABLE_CREATE_CLIENT_PRECONNECT: false,
  ENABLE_PRELOAD: false,
};

/** @returns {Sdk} */
export function sdk() {
  const found = /** @type {{AgoraRTC?: Sdk}} */ (/** @type {unknown} */ (window)).AgoraRTC;
  if (!found || !found.checkSystemRequirements()) {
    throw new Error("the Agora SDK does not work here");
  }
  found.setLogLevel(ERRORS_ONLY);
  found.disableLogUpload();
  for (const [name, value] of Object.entries(PARAMETERS)) {
    found.setParameter?.(name, value);
  }
  return found;
}
