/** What stands between `{{` and `}}` of a template (https://pkg.go.dev/text/template#hdr-Actions). */
export interface Action {
  /** With blanks for its comments and for what its texts say: a word in them does nothing. */
  readonly code: string
  /** Where it begins in the text. */
  readonly index: number
}

/** As Go's lexer finds them: `}}` within a text ends no action. What a text says may be a template itself (`tpl`). */
export function actionsIn(text: string): Action[] {
  const found: Action[] = []
  const skip = skipper(text)
  for (let start = text.indexOf('{{'); start >= 0;) {
    const index = start + 2
    const parts: string[] = []
    let at = index
    while (at < text.length && !text.startsWith('}}', at)) {
      const end = skip(at)
      if (end !== undefined)
        found.push(...actionsIn(saidBy(text.slice(at, end))).map(({ code }) => ({ code, index: at })))
      parts.push(end === undefined ? text.charAt(at) : ' '.repeat(end - at))
      at = end ?? at + 1
    }
    found.push({ code: parts.join(''), index })
    start = text.indexOf('{{', at)
  }
  return found
}

const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{3})|(.))/giu

/** Of a literal of Go (https://go.dev/ref/spec#String_literals); a comment says nothing. */
function saidBy(literal: string): string {
  if (literal.startsWith('/')) return ''
  const inner = literal.slice(1, -1)
  if (literal.startsWith('`')) return inner
  return inner.replaceAll(ESCAPE, (_, ...[x, u, long, octal, char]: (string | undefined)[]) => {
    const hex = x ?? u ?? long
    const point = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16)
    return char ?? (point <= 0x10ffff ? String.fromCodePoint(point) : '')
  })
}

/**
 * Where a text or a comment that begins at a place ends; undefined: none begins there. After one without an end nothing is
 * skipped any more: Go takes such a template for broken, and looking for each end anew would take for ever.
 */
function skipper(text: string): (at: number) => number | undefined {
  let isBroken = false
  return (at) => {
    const char = text.charAt(at)
    const isComment = char === '/' && text.charAt(at + 1) === '*'
    if (isBroken || !(isComment || '`"\''.includes(char))) return undefined
    const end = char === '"' || char === "'" ? quoteEnd(text, at) : markEnd(text, char === '`' ? '`' : '*/', at)
    isBroken = end === undefined
    return end
  }
}

function markEnd(text: string, mark: '`' | '*/', start: number): number | undefined {
  const end = text.indexOf(mark, start + mark.length)
  return end < 0 ? undefined : end + mark.length
}

/** Such a text ends in its own line. */
function quoteEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length && text.charAt(at) !== '\n'; at += 1) {
    if (text.charAt(at) === '\\') at += 1
    else if (text.charAt(at) === text.charAt(start)) return at + 1
  }
  return undefined
}

/** Asks the cluster (https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function). */
export const LOOKUP = /(?<![.$\p{L}\p{N}_])lookup(?![\p{L}\p{N}_])/u

/** Where a template asks the cluster. */
export function lookupsIn(text: string): number[] {
  return actionsIn(text).flatMap(({ code, index }) => {
    const found = LOOKUP.exec(code)
    return found === null ? [] : [index + found.index]
  })
}
