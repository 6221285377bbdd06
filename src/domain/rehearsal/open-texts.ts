import { utf8Of } from '../decoded.ts'
import { isMap, type PlainMap } from '../config/path.ts'
import type { KubeObject } from '../kube.ts'
import type { JsonMap } from '../values/model.ts'

/** What tonight's project has itself, and so is on its user's machine already. */
export interface Open {
  /** As charts render them. */
  readonly objects?: readonly KubeObject[]
  /** As charts are given them. */
  readonly values?: readonly JsonMap[]
  /** The text of what is rendered, for its comments. */
  readonly manifests?: readonly string[]
}

/** Texts that are no secret of the environment, each as a whole and line by line. */
export class OpenTexts {
  readonly #texts = new Set<string>()

  constructor({ objects = [], values = [], manifests = [] }: Open) {
    for (const one of [...objects, ...values, ...manifests]) this.#add(one)
    for (const { kind, binaryData } of objects)
      if (kind === 'ConfigMap' && isMap(binaryData)) this.#addDecoded(binaryData)
  }

  has(text: string): boolean {
    return this.#texts.has(text.trim())
  }

  #add(value: unknown): void {
    if (typeof value === 'number') this.#texts.add(String(value))
    else if (typeof value === 'string') this.#addText(value)
    else if (Array.isArray(value)) for (const one of value) this.#add(one)
    else if (isMap(value)) for (const one of Object.values(value)) this.#add(one)
  }

  #addText(text: string): void {
    this.#texts.add(text.trim())
    if (text.includes('\n')) for (const line of text.split('\n')) this.#texts.add(line.trim())
  }

  #addDecoded(binaryData: PlainMap): void {
    for (const one of Object.values(binaryData)) {
      const text = typeof one === 'string' ? utf8Of(Buffer.from(one, 'base64')) : undefined
      if (text !== undefined) this.#addText(text)
    }
  }
}
