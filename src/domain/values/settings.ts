import { SET_FLAGS, type SetTexts } from '../../hint.ts'

/** One `--set` of the command line, or one of its kin. */
export interface Setting {
  readonly flag: `--${(typeof SET_FLAGS)[number]}`
  readonly text: string
}

/** Those that were given, under the names of their flags. */
export function setTexts(flags: { readonly [name in keyof SetTexts]?: readonly string[] | undefined }): SetTexts {
  const given = SET_FLAGS.flatMap((name) => ((flags[name] ?? []).length === 0 ? [] : [[name, flags[name]] as const]))
  return { set: [], ...Object.fromEntries(given) }
}

/** In the order in which helm applies them, whatever the order on the command line (pkg/cli/values, MergeValues). */
export function settingsOf(texts: SetTexts): Setting[] {
  return SET_FLAGS.flatMap((name) => (texts[name] ?? []).map((text) => ({ flag: `--${name}` as const, text })))
}
