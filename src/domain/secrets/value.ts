const LONGEST_PLACEHOLDER = 80
const PLACEHOLDERS: readonly RegExp[] = [
  /^change[-_ ]?(?:me|this|it)\b/iu,
  /^your[-_ ]/iu,
  /^(?:please[-_ ])?(?:replace|insert|enter|fill)[-_ ]/iu,
  /^(?:replace|fill)me$/iu,
  /^(?:todo|tbd|fixme|placeholder|dummy|xxx+|\*{3,}|\.{3,})$/iu,
  /^<[^<>]*>$/u,
  /^\$\{[^{}]*\}$/u,
  /^\{\{[^{}]*\}\}$/u,
]

/** The text of an example file that nobody replaced. */
export function isPlaceholder(text: string): boolean {
  const value = text.trim()
  return value.length <= LONGEST_PLACEHOLDER && PLACEHOLDERS.some((form) => form.test(value))
}
