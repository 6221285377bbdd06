import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { forge, helm, kubectl, program, type Hint } from '../../src/hint.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** One place of the sources that makes a hint; what only a run knows stands as `X`. */
export interface HintCall {
  readonly at: string
  readonly maker: 'kubectl' | 'helm' | 'forge' | 'again' | 'againWithout' | 'program'
  readonly args: readonly string[]
  /** kubectl and helm: was a namespace given? */
  readonly namespaced: boolean
}

const MAKERS = new Set(['kubectl', 'helm', 'forge', 'again', 'againWithout', 'program'])

/** Every call of a maker of src/hint.ts, read from the sources: what a new message suggests is held against the same rules. */
export async function hintCalls(): Promise<HintCall[]> {
  const calls: HintCall[] = []
  for (const folder of ['src', 'commands']) {
    for (const name of await readdir(join(ROOT, folder), { recursive: true })) {
      const file = join(folder, name)
      if (!file.endsWith('.ts') || file === join('src', 'hint.ts')) continue
      const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true)
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node)) calls.push(...callOf(node, source))
        ts.forEachChild(node, visit)
      }
      visit(source)
    }
  }
  return calls
}

function callOf(call: ts.CallExpression, source: ts.SourceFile): HintCall[] {
  const { expression } = call
  const isOfScene = ts.isPropertyAccessExpression(expression) && expression.name.text === 'kubectl'
  const name = isOfScene ? 'kubectl' : ts.isIdentifier(expression) ? expression.text : ''
  if (!MAKERS.has(name)) return []
  const maker = name as HintCall['maker']
  const [first, second] = call.arguments
  const isList = maker === 'kubectl' || maker === 'helm' || maker === 'againWithout'
  const words = isList ? (first === undefined ? [] : wordsOf(first)) : call.arguments.flatMap(wordsOf)
  const fromScene = source.fileName.includes(join('domain', 'readiness'))
  const { line } = source.getLineAndCharacterOfPosition(call.getStart(source))
  return [{ at: `${source.fileName}:${line + 1}`, maker, args: words, namespaced: second !== undefined || fromScene }]
}

/** The literal words of an expression. A condition is read by its longer branch, what is spread is left out. */
function wordsOf(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join('')]
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(wordsOf)
  if (ts.isParenthesizedExpression(node)) return wordsOf(node.expression)
  if (ts.isSpreadElement(node)) return ts.isIdentifier(node.expression) ? [] : wordsOf(node.expression)
  if (ts.isConditionalExpression(node)) {
    const [yes, no] = [wordsOf(node.whenTrue), wordsOf(node.whenFalse)]
    return yes.length >= no.length ? yes : no
  }
  return ts.isCallExpression(node) ? [] : ['X']
}

/** A hint as the call would make it. */
export function sampleOf({ maker, args, namespaced }: HintCall): Hint | undefined {
  const namespace = namespaced ? 'shop' : undefined
  if (maker === 'kubectl') return kubectl(args, namespace)
  if (maker === 'helm') return helm(args, namespace)
  if (maker === 'forge') return forge(...args)
  return maker === 'program' ? program(...args) : undefined
}
