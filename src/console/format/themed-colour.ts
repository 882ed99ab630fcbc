const named: Readonly<Record<string, string>> = {
  black: '#000000', white: '#ffffff', gray: '#808080', grey: '#808080', silver: '#c0c0c0', gainsboro: '#dcdcdc', whitesmoke: '#f5f5f5', dimgray: '#696969', dimgrey: '#696969', darkgray: '#a9a9a9', darkgrey: '#a9a9a9', lightgray: '#d3d3d3', lightgrey: '#d3d3d3',
};
/** Channels of one grey differ by no more: #2f3136 is a grey to everybody. */
const greyWithin = 12;
/** What white and black become in the dark: the ground that a drawing lies on, and a white that does not dazzle. */
const [darkest, lightest] = [0x1c, 0xe8];

/** A colour of a drawing in the dark theme: greys are mirrored, so that ink stays ink and paper paper; others stay as they are. */
export function inTheDark(colour: string): string {
  const text = colour.trim().toLowerCase();
  const hex = named[text] ?? text;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(hex);
  const full = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(hex);
  const rgb = /^rgb\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*\)$/.exec(hex);
  const channels = short !== null ? short.slice(1).map((digit) => Number.parseInt(digit + digit, 16)) : full !== null ? full.slice(1).map((digits) => Number.parseInt(digits, 16)) : rgb !== null ? rgb.slice(1).map(Number) : [];
  if (channels.length !== 3 || Math.max(...channels) - Math.min(...channels) > greyWithin) return colour;
  const grey = (channels[0] ?? 0) * 0.2126 + (channels[1] ?? 0) * 0.7152 + (channels[2] ?? 0) * 0.0722;
  const mirrored = Math.round(lightest - (grey / 255) * (lightest - darkest)).toString(16).padStart(2, '0');
  return `#${mirrored.repeat(3)}`;
}
