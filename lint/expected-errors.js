/** Whoever gets the error from a handler decides about bugs, too: it passes them on, tells them as bugs, or ends with them. */
const DECIDE = new Set([
  'expected',
  'isExpected',
  'refusal',
  'bugOf',
  'abort',
  'reject',
  'whyUnreadable',
  'fail',
  'noteOutage',
])
/** Programs of the platform that say by an exception that a text is not of their kind; nothing of forge's own runs in them. */
const PARSERS = new Set([
  'JSON',
  'URL',
  'RegExp',
  'atob',
  'btoa',
  'decodeURIComponent',
  'TextDecoder',
  'Uint8Array',
  'String',
])
/** Of the Clock: it fails when its signal aborts, and only then. Of a connection of the platform that is given up. */
const TIMERS = new Set(['after', 'close'])

/** A `catch` must not take a bug for an answer of the world: only what is expected may end in a verdict, a finding, or "unknown". */
export const expectedErrors = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      swallowed:
        'a bug would end here unseen: let only what is expected through (src/expected.ts), or throw what is not',
    },
  },
  create(context) {
    const { visitorKeys } = context.sourceCode
    const all = (node, isOne) => isOne(node) || childrenOf(node, visitorKeys).some((child) => all(child, isOne))
    const report = (node) => context.report({ node, messageId: 'swallowed' })
    return {
      CatchClause(node) {
        if (!decides(node.body, node.param, all) && !onlyParses(node.parent.block, all)) report(node)
      },
      CallExpression(node) {
        const handler = handlerOf(node)
        if (handler === undefined || !isFunction(handler) || isHeld(node)) return
        if (TIMERS.has(nameOf(node.callee.object.callee))) return
        if (!decides(handler.body, handler.params[0], all)) report(handler)
      },
    }
  },
}

/** Of `.catch(handler)` and `.then(next, handler)`. */
function handlerOf({ callee, arguments: given }) {
  if (callee.type !== 'MemberExpression') return undefined
  const name = callee.property.name
  return name === 'catch' ? given[0] : name === 'then' ? given[1] : undefined
}

/** A promise that somebody keeps, and awaits elsewhere: here it is only said that it will be heard. */
function isHeld({ callee: { object }, parent }) {
  const kept = ['Identifier', 'MemberExpression'].includes(object.type)
  return kept && ['ExpressionStatement', 'ChainExpression', 'AssignmentExpression'].includes(parent.type)
}

function decides(body, param, all) {
  const error = param?.type === 'Identifier' ? param.name : undefined
  const isCall = (node) =>
    node.type === 'CallExpression' &&
    DECIDE.has(nameOf(node.callee)) &&
    node.arguments.some(({ type, name }) => type === 'Identifier' && name === error)
  return all(body, (node) => node.type === 'ThrowStatement' || isCall(node))
}

/** One statement in which nothing but the platform's parsers runs. */
function onlyParses({ body }, all) {
  if (body.length !== 1) return false
  const [statement] = body
  const calls = (node) => node.type === 'CallExpression' || node.type === 'NewExpression'
  return (
    all(statement, (node) => calls(node) && PARSERS.has(rootOf(node.callee))) &&
    !all(statement, (node) => (calls(node) && !PARSERS.has(rootOf(node.callee))) || node.type === 'AwaitExpression')
  )
}

const isFunction = ({ type }) => type === 'ArrowFunctionExpression' || type === 'FunctionExpression'

/** The last name of what is called: `abort` of `this.#lost.abort`. */
function nameOf(callee) {
  if (callee?.type === 'MemberExpression') return callee.property.name
  return callee?.type === 'Identifier' ? callee.name : undefined
}

/** The first: `JSON` of `JSON.parse`. */
function rootOf(callee) {
  if (callee.type === 'MemberExpression') return rootOf(callee.object)
  if (callee.type === 'CallExpression' || callee.type === 'NewExpression') return rootOf(callee.callee)
  return callee.type === 'Identifier' ? callee.name : undefined
}

function childrenOf(node, visitorKeys) {
  const keys = visitorKeys[node.type] ?? []
  return keys.flatMap((key) => node[key]).filter((child) => typeof child?.type === 'string')
}
