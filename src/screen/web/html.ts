/** HTML that was made here, and so may stand in a page as it is. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Html | readonly Html[] | undefined

/** Not named as prettier lays it out anew: white space counts. Every text in it is escaped, also within attributes, which are always quoted; what is not there leaves nothing. */
export function markup(parts: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(parts.reduce((text, part, at) => text + textOf(values[at - 1]) + part))
}

function textOf(value: Part): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(({ text }) => text).join('')
  return escaped(String(value))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (one) => ENTITIES[one] ?? one)
}

/** What stands in a document once in each of its pages. */
export interface Page {
  readonly title: string
  readonly style: string
  /** Of the style, in base64: nothing else is obeyed, whatever a text says. */
  readonly styleHash: string
  readonly body: Html
}

/** Whether a text begins as `wholePage` does. */
export function isPage(head: string): boolean {
  return /^<!doctype html>\s*<html lang="en">\s*<head>\s*<meta charset="utf-8" \/>\s*<meta name="generator" content="forge" \/>/u.test(
    head,
  )
}

/** A document that needs nothing but itself. */
export function wholePage({ title, style, styleHash, body }: Page): string {
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
${
  markup`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="generator" content="forge" />
      <meta http-equiv="Content-Security-Policy" content="${policy}" />
      <meta name="referrer" content="no-referrer" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <style>${new Html(style)}</style>
    </head>
    <body>
      ${body}
    </body>
  </html>`.text
}
`
}
