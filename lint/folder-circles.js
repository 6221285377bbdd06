import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

/** Folders that import each other, directly or by way of others, are one folder with several names. A file of the root is one of its own. */
export const folderCircles = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: { root: { type: 'string' } },
        required: ['root'],
        additionalProperties: false,
      },
    ],
    messages: { circle: '{{from}} and {{to}} import each other ({{way}})' },
  },
  create(context) {
    const [{ root }] = context.options
    const from = folderOf(relative(root, context.filename))
    const imported = (node) => {
      const file = node.source === null ? undefined : relative(root, join(dirname(context.filename), node.source.value))
      if (file === undefined || !node.source.value.startsWith('.') || file.startsWith('..')) return
      const to = folderOf(file)
      const way = from === to ? undefined : wayBack(graphOf(root), to, from)
      if (way !== undefined) context.report({ node, messageId: 'circle', data: { from, to, way: way.join(' → ') } })
    }
    return { ImportDeclaration: imported, ExportNamedDeclaration: imported, ExportAllDeclaration: imported }
  },
}

const folderOf = (file) => file.split(sep)[0]

const graphs = new Map()

/** Which folders each one imports, read once. */
function graphOf(root) {
  if (!graphs.has(root)) graphs.set(root, readGraph(root))
  return graphs.get(root)
}

function readGraph(root) {
  const graph = new Map()
  for (const file of readdirSync(root, { recursive: true }).filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, target] of text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '(\.[^']+)'/gmsu)) {
      const to = relative(root, join(root, dirname(file), target))
      if (!to.startsWith('..')) graph.set(folderOf(file), (graph.get(folderOf(file)) ?? new Set()).add(folderOf(to)))
    }
  }
  return graph
}

/** The folders by way of which `from` imports `to`; undefined: it does not. */
function wayBack(graph, from, to) {
  const open = [[from]]
  const seen = new Set([from])
  for (const way of open) {
    for (const next of graph.get(way.at(-1)) ?? []) {
      if (next === to) return [...way, to]
      if (!seen.has(next)) open.push([...way, next])
      seen.add(next)
    }
  }
  return undefined
}
