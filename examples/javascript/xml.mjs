// A small reader for the interface's documents: elements, texts, entities, CDATA. No document types, no namespaces.

const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const DATA = /<!\[CDATA\[([\s\S]*?)\]\]>/;
const REMARK = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>/;
const CLOSING = /<\/([^\s>]+)\s*>/;
const OPENING = /<([^\s\/>!?]+)(?:\s+[^\s=>]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>/;
const WORDS = /([^<]+)/;
const PIECE = new RegExp([DATA, REMARK, CLOSING, OPENING, WORDS].map((each) => each.source).join("|"), "gy");

export class XmlError extends Error {}

/** The root as {name, text, children}; null for an empty body. Prefixes and attributes are left out. */
export function parse(body) {
  const text = body.replace(/^\uFEFF/, "");
  if (text.trim() === "") return null;
  const top = { name: "", text: "", children: [] };
  const open = [top];
  let at = 0;
  while (at < text.length) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(text);
    if (piece === null) throw new XmlError(`the answer is no XML at character ${at}`);
    at = PIECE.lastIndex;
    const [, data, closed, opened, empty, words] = piece;
    const inside = open[open.length - 1];
    if (data !== undefined) inside.text += data;
    else if (words !== undefined) inside.text += words.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, character);
    else if (opened !== undefined) {
      const element = { name: local(opened), text: "", children: [] };
      inside.children.push(element);
      if (empty === "") open.push(element);
    } else if (closed !== undefined) {
      if (open.length < 2 || inside.name !== local(closed)) throw new XmlError(`the answer closes ${closed} too early`);
      open.pop();
    }
  }
  const whole = open.length === 1 && top.children.length === 1 && top.text.trim() === "";
  if (!whole) throw new XmlError("the answer is cut short");
  return top.children[0];
}

/** The children of that name; none when there is no element. */
export function all(element, name) {
  return element === null || element === undefined ? [] : element.children.filter((child) => child.name === name);
}

/** The text of a child, "" when it is missing or empty. */
export function text(element, name) {
  const child = all(element, name)[0];
  return child === undefined ? "" : child.text.trim();
}

const local = (name) => name.slice(name.indexOf(":") + 1);

function character(whole, name) {
  if (!name.startsWith("#")) {
    if (!(name in ENTITIES)) throw new XmlError(`the answer holds the entity ${whole}, which nobody declared`);
    return ENTITIES[name];
  }
  return String.fromCodePoint(name[1] === "x" ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10));
}
