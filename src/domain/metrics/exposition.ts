/** One series of a family. A label without a text is the same to Prometheus as none, and is left out. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Metrics of one name; each of forge's is a gauge: it says what the last run came to, and nothing is counted up. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly samples: readonly Sample[]
}

/** Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats); a family without samples is left out. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, samples }) => [
      `# HELP ${name} ${escaped(help, /[\\\n]/gu)}`,
      `# TYPE ${name} gauge`,
      ...samples.map(({ labels, value }) => `${name}${labelled(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function labelled(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).filter(([, text]) => text !== '')
  return pairs.length === 0
    ? ''
    : `{${pairs.map(([name, text]) => `${name}="${escaped(text, /[\\\n"]/gu)}"`).join(',')}}`
}

function escaped(text: string, which: RegExp): string {
  return text.replaceAll(which, (one) => (one === '\n' ? String.raw`\n` : `\\${one}`))
}
