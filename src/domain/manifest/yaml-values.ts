import { CHOMPING_MODE, EVENT_ID, getScalarValue, SCALAR_STYLE, type Event } from 'js-yaml'
import { isMap, setOwn, type PlainMap } from '../config/path.ts'
import { taggedScalar, typedScalar } from './yaml-scalar.ts'
import { Unreadable } from './unreadable.ts'

type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>

interface Anchored {
  readonly value: unknown
  /** How many nodes it is made of. */
  readonly nodes: number
}

/**
 * The value of the first document among a parser's events, made as helm makes it (go.yaml.in/yaml/v2, decode.go): of a
 * key that stands twice the last one wins, `<<` overrides what stands before it, tags that YAML does not know make texts
 * of scalars and mean nothing on maps and lists. Undefined: there is no document. Throws where helm fails.
 */
export function firstValue(source: string, events: readonly Event[]): unknown {
  return new Reader(source, events).document()
}

class Reader {
  private readonly source: string
  private readonly events: readonly Event[]
  private at = 0
  private nodes = 0
  private aliased = 0
  private readonly anchors = new Map<string, Anchored | undefined>()

  constructor(source: string, events: readonly Event[]) {
    this.source = source
    this.events = events
  }

  document(): unknown {
    if (this.events[this.at]?.type !== EVENT_ID.DOCUMENT) return undefined
    this.at += 1
    return this.node()
  }

  private node(): unknown {
    const event = this.events[this.at]
    this.at += 1
    if (event === undefined) throw new Unreadable('the document ends too early')
    this.count(1)
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.anchored(event, () => this.scalar(event))
      case EVENT_ID.SEQUENCE:
        return this.anchored(event, () => this.sequence())
      case EVENT_ID.MAPPING:
        return this.anchored(event, () => this.mapping())
      case EVENT_ID.ALIAS:
        return this.alias(event)
      case EVENT_ID.DOCUMENT:
      case EVENT_ID.POP:
        throw new Unreadable('the document ends too early')
    }
  }

  private anchored(event: Exclude<Event, { type: 1 | 5 | 6 }>, make: () => unknown): unknown {
    const { anchorStart, anchorEnd } = event
    if (anchorStart < 0) return make()
    const name = this.source.slice(anchorStart, anchorEnd)
    const before = this.nodes
    this.anchors.set(name, undefined)
    const value = make()
    this.anchors.set(name, { value, nodes: this.nodes - before + 1 })
    return value
  }

  private alias({ anchorStart, anchorEnd }: Extract<Event, { type: typeof EVENT_ID.ALIAS }>): unknown {
    const name = this.source.slice(anchorStart, anchorEnd)
    if (!this.anchors.has(name)) throw new Unreadable(`unknown anchor ${name}`)
    const found = this.anchors.get(name)
    if (found === undefined) throw new Unreadable(`anchor ${name} contains itself`)
    this.aliased += found.nodes
    this.count(found.nodes)
    return found.value
  }

  /** A few lines can stand for billions of values; the limits are those of decode.go. */
  private count(nodes: number): void {
    this.nodes += nodes
    if (this.aliased <= 100 || this.nodes <= 1000) return
    const over = Math.min(Math.max(this.nodes - 400_000, 0) / 3_600_000, 1)
    if (this.aliased / this.nodes > 0.99 - 0.89 * over) throw new Unreadable('the document contains excessive aliasing')
  }

  private scalar(event: ScalarEvent): unknown {
    const { tagStart, tagEnd, style } = event
    const text = this.textOf(event)
    const tag = tagStart < 0 ? undefined : this.source.slice(tagStart, tagEnd)
    if (tag !== undefined) return taggedScalar(tag, text)
    return style === SCALAR_STYLE.PLAIN ? typedScalar(text) : text
  }

  /** At the end of the text a block scalar has only the line breaks that are there. */
  private textOf(event: ScalarEvent): string {
    const { style, chomping, valueEnd } = event
    const text = getScalarValue(this.source, event)
    const isBlock = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK
    if (!isBlock || chomping === CHOMPING_MODE.STRIP || valueEnd < this.source.length) return text
    return /[\r\n]$/u.test(this.source) ? text : text.replace(/\n$/u, '')
  }

  private sequence(): unknown[] {
    const items: unknown[] = []
    while (!this.closes()) items.push(this.node())
    return items
  }

  private mapping(): PlainMap {
    const map: PlainMap = {}
    while (!this.closes()) {
      const isMerge = this.mergesHere()
      const key = this.node()
      const value = this.node()
      if (isMerge) merge(map, value)
      else setOwn(map, keyText(key), value)
    }
    return map
  }

  private closes(): boolean {
    if (this.events[this.at]?.type !== EVENT_ID.POP) return false
    this.at += 1
    return true
  }

  private mergesHere(): boolean {
    const event = this.events[this.at]
    if (event?.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN) return false
    return getScalarValue(this.source, event) === '<<'
  }
}

/** Of several maps the first has the last word; all of them override what stands before `<<`. */
function merge(target: PlainMap, value: unknown): void {
  const maps = Array.isArray(value) ? (value as unknown[]).toReversed() : [value]
  for (const map of maps) {
    if (!isMap(map)) throw new Unreadable('map merge requires a map or a list of maps as its value')
    for (const [key, inner] of Object.entries(map)) setOwn(target, key, inner)
  }
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key
  if (typeof key === 'number' || typeof key === 'boolean') return String(key)
  throw new Unreadable(key === null ? 'a key is null' : 'a key is a map or a list')
}
