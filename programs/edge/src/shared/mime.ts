const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  htm: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  webmanifest: "application/manifest+json",
  txt: "text/plain; charset=utf-8",
  vtt: "text/vtt; charset=utf-8",
  xml: "application/xml",
  svg: "image/svg+xml",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  ico: "image/x-icon",
  woff: "font/woff",
  woff2: "font/woff2",
  ttf: "font/ttf",
  otf: "font/otf",
  mp4: "video/mp4",
  webm: "video/webm",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
  wav: "audio/wav",
  pdf: "application/pdf",
};

export function extension(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
}

export function typeOf(path: string): string | null {
  return TYPES[extension(path)] ?? null;
}

/** Each alternative is a list of [offset, latin-1 text]; all parts of one alternative must be there. */
type Signature = [number, string][];

const MP4: Signature[] = [[[4, "ftyp"]]];
const SIGNATURES: Record<string, Signature[]> = {
  png: [[[0, "\x89PNG\r\n\x1a\n"]]],
  jpg: [[[0, "\xff\xd8\xff"]]],
  jpeg: [[[0, "\xff\xd8\xff"]]],
  gif: [[[0, "GIF87a"]], [[0, "GIF89a"]]],
  webp: [
    [
      [0, "RIFF"],
      [8, "WEBP"],
    ],
  ],
  avif: [[[4, "ftypavif"]], [[4, "ftypavis"]], [[4, "ftypmif1"]]],
  ico: [[[0, "\x00\x00\x01\x00"]]],
  woff: [[[0, "wOFF"]]],
  woff2: [[[0, "wOF2"]]],
  ttf: [[[0, "\x00\x01\x00\x00"]], [[0, "true"]]],
  otf: [[[0, "OTTO"]]],
  pdf: [[[0, "%PDF-"]]],
  mp4: MP4,
  m4a: MP4,
};

export const SNIFF_BYTES = 16;

export function needsSniffing(path: string): boolean {
  return extension(path) in SIGNATURES;
}

export function looksRight(path: string, first: Uint8Array): boolean {
  const head = Array.from(first, (byte) => String.fromCharCode(byte)).join("");
  const signatures = SIGNATURES[extension(path)];
  return !signatures || signatures.some((parts) => parts.every(([at, part]) => head.startsWith(part, at)));
}
