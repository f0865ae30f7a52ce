// Items are looked at many times and never changed in place: each is written out once.

const texts = new WeakMap<object, string>();

/** JSON of a stored item. */
export const textOf = (item: object): string => {
  const text = texts.get(item) ?? JSON.stringify(item);
  texts.set(item, text);
  return text;
};

const settledTexts = new WeakMap<object, string>();

/** As `textOf`, without the next look, if there is to be one. */
export const settledTextOf = (item: Readonly<Record<string, unknown>>): string => {
  const known = settledTexts.get(item);
  if (known !== undefined) return known;
  const { due_at: _at, due_shard: _shard, ...rest } = item;
  const text = JSON.stringify(rest);
  settledTexts.set(item, text);
  return text;
};
