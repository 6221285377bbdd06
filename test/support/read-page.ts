import { createHash } from 'node:crypto'
import { expect } from '@jest/globals'
import { parse, type DefaultTreeAdapterTypes } from 'parse5'
import { STYLE } from '../../src/screen/web/style.ts'

type Element = DefaultTreeAdapterTypes.Element
type Node = DefaultTreeAdapterTypes.Node

/** As a browser reads it; what is wrong in the text is an error. */
export class Read {
  readonly all: readonly Element[]
  readonly problems: string[] = []

  constructor(text: string) {
    const document = parse(text, { onParseError: ({ code }) => this.problems.push(code) })
    this.all = elementsIn(document)
  }

  named(name: string): Element[] {
    return this.all.filter(({ tagName }) => tagName === name)
  }

  texts(name: string): string[] {
    return this.named(name).map((one) => textOf(one))
  }
}

function elementsIn(node: Node): Element[] {
  const children = 'childNodes' in node ? node.childNodes : []
  return [...('tagName' in node ? [node] : []), ...children.flatMap(elementsIn)]
}

export function textOf(node: Node): string {
  const text = 'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''
  return text.replaceAll(/\s+/gu, ' ')
}

export function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((one) => one.name === name)?.value
}

/** It runs nothing, asks for nothing, and obeys its own style alone. */
export function expectInert(page: Read): void {
  const asking = page.all.filter((element) =>
    element.attrs.some(({ name }) => /^(?:src|srcset|style|on\w+|action|data|poster|xlink:href)$/u.test(name)),
  )
  expect(asking).toEqual([])
  for (const name of ['script', 'link', 'img', 'iframe', 'object', 'form', 'base']) expect(page.named(name)).toEqual([])
  const [policy] = page.named('meta').filter((meta) => attribute(meta, 'http-equiv') === 'Content-Security-Policy')
  const hash = createHash('sha256')
    .update(
      page
        .named('style')
        .map((style) => textOfStyle(style))
        .join(''),
    )
    .digest('base64')
  expect(policy === undefined ? '' : attribute(policy, 'content')).toContain(
    `default-src 'none'; style-src 'sha256-${hash}'`,
  )
  expect(STYLE).not.toMatch(/url\(|@import|https?:/u)
}

/** Rows and columns of its tables are named, and its drawings say nothing of their own. */
export function expectNamed(page: Read): void {
  for (const head of page.named('th')) expect(attribute(head, 'scope')).toMatch(/^(?:row|col)$/u)
  expect(page.named('caption')).toHaveLength(page.named('table').length)
  for (const drawing of page.named('svg')) expect(attribute(drawing, 'aria-hidden')).toBe('true')
}

function textOfStyle({ childNodes: [text] }: Element): string {
  return text !== undefined && 'value' in text ? text.value : ''
}
