/** Values shorter than this mask too much ordinary text to be of use (`a`, `1`, `on`). */
export const SHORTEST = 4

/** Shorter values stand in ordinary configuration by chance: `appuser` is a user's name there. */
const REVEALING = 12

/** No secret, whatever Secret they stand in: masked, every second line of output would have holes. */
const ORDINARY = new Set(
  (
    'true false null none nil enabled disabled enable disable default public private guest root admin administrator user ' +
    'users username owner client server service localhost postgres postgresql mysql mariadb mongo mongodb redis rabbitmq ' +
    'temporal kafka minio keycloak google microsoft github gitlab database data main test testing prod production stage ' +
    'staging develop development sandbox local info debug error warning password secret token require prefer allow verify-ca ' +
    'verify-full http https namespace cluster kubernetes docker'
  ).split(' '),
)

export function isOrdinary(text: string): boolean {
  return ORDINARY.has(text.toLowerCase()) || /^\d{1,5}$/u.test(text)
}

/** False for what looks like a name (`db.example.com`, `app-user@acme`): a Secret often holds a host beside its password. */
export function isRevealing(text: string): boolean {
  if (text.length < REVEALING) return false
  const parts = text.split(/[-_./@:]/u)
  const isName = parts.every((part) => /^[a-z]*\d{0,4}$/u.test(part))
  return !isName
}
