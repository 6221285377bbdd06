import { joined, oneOf, randomFrom, type Random } from './random.ts'

const TYPES = [
  'host',
  'host',
  'host',
  'hostssl',
  'hostnossl',
  'hostgssenc',
  'local',
  '"host"',
  'hots',
  'host,local',
  'HOST',
]
const NAMES = [
  'all',
  'db',
  '"my db"',
  'a,b',
  'a, b',
  'a ,b',
  '"a""b"',
  '+group',
  '"all"',
  '"a,b"',
  '/^x',
  '"#"',
  'a,,b',
]
const ADDRESSES = [
  ...[
    '10.0.0.0/8',
    '172.16.0.0/12',
    '10.1.2.3/32',
    '0.0.0.0/0',
    '10.0.0.0 255.0.0.0',
    '10.0.0.0/255.0.0.0',
    '"10.0.0.0/8"',
  ],
  ...[
    '"10.0.0.0" 255.0.0.0',
    '10.0.0.0 "255.0.0.0"',
    '10.0.0.0/33',
    '10.0.0.0',
    'fd00::/8',
    'fd00:: ffff::',
    '::/0',
    '::/129',
  ],
  ...['all', 'samenet', 'samehost', '.example.test', 'db.example.test', '127.0.0.1/32', '127.0.0.1/0', '::1/128'],
  ...[
    '127.0.0.0 255.0.0.0',
    '127.0.0.1 0.0.0.0',
    '::1/0',
    '10.0.0.0/8,10.1.0.0/16',
    '300.0.0.0/8',
    '10.1/16',
    '010.0.0.0/8',
  ],
  ...[
    '0x0a000001/8',
    '::ffff:10.0.0.1/128',
    'fd00:: 255.0.0.0',
    '10.0.0.0 24',
    '10.0.0.0 255.0.255.0',
    '1::2::3/64',
    ':1/128',
  ],
]
const METHODS = [
  'trust',
  'reject',
  'scram-sha-256',
  'md5',
  '"md5"',
  'password',
  'peer',
  'cert',
  'ident',
  'MD5',
  'scram',
  'md5,trust',
]
const SPACES = [' ', ' ', ' ', '\t', '  ', ' \\\n ', '\\\n', ', ', ' \r']
const ENDS = ['', '', '', ' # 10.0.0.0/8', '#x', '\r', '  ', ' # \\\n host all all all trust', ' map=m', ' nonsense']
const OTHERS = [
  '',
  '# a comment',
  '# \\\nhost all all 10.0.0.0/8 trust',
  '  # x \\',
  ',,',
  'host all all',
  '\\',
  'host all "all',
]
const PIECES = [
  'host',
  'all',
  ' ',
  ' ',
  '10.0.0.0/8',
  'md5',
  '"',
  ',',
  '#',
  '\\\n',
  '\\',
  '\t',
  '\r',
  '/',
  '255.0.0.0',
  '@x',
]

/** Records of pg_hba.conf, of which some are none (no host named all: the view shows it as it shows the word). A line break behind each keeps them apart. */
export function hbaRecords(seed: number, count: number): string[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => `${record(random)}\n\n`)
}

function record(random: Random): string {
  const kind = random()
  if (kind < 0.1) return oneOf(random, OTHERS)
  if (kind < 0.2) return joined(random, PIECES, 10)
  const type = oneOf(random, TYPES)
  const address = type === 'local' ? [] : [oneOf(random, ADDRESSES)]
  const fields = [type, oneOf(random, NAMES), oneOf(random, NAMES), ...address, oneOf(random, METHODS)]
  return `${fields.reduce((text, field) => `${text}${oneOf(random, SPACES)}${field}`)}${oneOf(random, ENDS)}`
}
