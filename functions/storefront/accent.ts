// A merchant may bring its own accent colour; it is used only where people can still read what is written on and in it (WCAG AA).

const hex = /^#[0-9a-f]{6}$/i;
const white: Colour = [255, 255, 255];
/** `--card` of the dark scheme in web/tokens.css. */
const darkCard: Colour = [0x17, 0x1c, 0x23];
/** WCAG AA for text. */
const contrastMin = 4.5;

type Colour = readonly [red: number, green: number, blue: number];

const parse = (text: string): Colour => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Colour;
const format = (colour: Colour): string => `#${colour.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;

const luminance = (colour: Colour): number => {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Colour;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** WCAG contrast ratio of two `#rrggbb` colours, 1 to 21. */
export const contrast = (one: string, other: string): number => ratio(parse(one), parse(other));

const ratio = (one: Colour, other: Colour): number => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

/** Mixes towards white until the colour is readable as text on the dark card. */
const lightened = (colour: Colour): Colour => {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = colour.map((channel) => Math.round(channel + (255 - channel) * share)) as unknown as Colour;
    if (ratio(mixed, darkCard) >= contrastMin) return mixed;
  }
  return white;
};

/**
 * The style rules that put a merchant's accent in place of ours. Empty when the colour is missing, is not `#rrggbb`,
 * or white text could not be read on it.
 */
export const accentRules = (accent: string | undefined): string => {
  if (accent === undefined || !hex.test(accent)) return "";
  const colour = parse(accent);
  if (ratio(colour, white) < contrastMin) return "";
  return `:root{--accent:${format(colour)};--accent-ink:${format(colour)}}@media (prefers-color-scheme:dark){:root{--accent-ink:${format(lightened(colour))}}}`;
};
