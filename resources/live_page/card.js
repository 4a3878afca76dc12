// The card that stands in the picture's place.

const BACK = "#202226";
const TITLE = "#ffffff";
const TEXT = "#c6cad1";
const FAMILY = '"Card", "Inter", sans-serif';
const LINE = 1.4;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {string} title
 * @param {string} text
 */
export function drawCard(context, width, height, title, text) {
  context.fillStyle = BACK;
  context.fillRect(0, 0, width, height);
  const large = Math.max(12, Math.round(height * 0.06));
  const small = Math.max(10, Math.round(height * 0.038));
  const room = width * 0.84;
  const rows = [
    ...lines(context, title, font(large), room).map((words) => ({ words, size: large, colour: TITLE })),
    ...lines(context, text, font(small), room).map((words) => ({ words, size: small, colour: TEXT })),
  ];
  const total = rows.reduce((sum, row) => sum + row.size * LINE, 0);
  context.textAlign = "center";
  context.textBaseline = "middle";
  let top = (height - total) / 2;
  for (const row of rows) {
    context.font = font(row.size);
    context.fillStyle = row.colour;
    context.fillText(row.words, width / 2, top + (row.size * LINE) / 2, room);
    top += row.size * LINE;
  }
}

/** @param {number} size */
function font(size) {
  return `${size}px ${FAMILY}`;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {string} inFont
 * @param {number} room
 * @returns {string[]}
 */
function lines(context, text, inFont, room) {
  context.font = inFont;
  const found = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && context.measureText(longer).width > room) {
      found.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line ? [...found, line] : found;
}
