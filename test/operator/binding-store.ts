// Bindings over a restart of the operator: each registration rewrites the rows of its user.

import type { OperatorDatabase, Statement } from './database.js'
import type { Binding } from './registrar.js'

export const readBindings = async (database: OperatorDatabase): Promise<readonly Binding[]> =>
  (await database.all('SELECT * FROM binding ORDER BY expires_ms')).map(row => ({
    user: row['user'] as string,
    contact: row['contact'] as string,
    source: { address: row['source_address'] as string, port: row['source_port'] as number },
    callId: row['call_id'] as string,
    cseq: row['cseq'] as number,
    expires: row['expires_ms'] as number,
  }))

/** A telephone that was not stored registers again by itself, so nobody waits for this. */
export const keepBindings = (
  database: OperatorDatabase,
  user: string,
  bindings: readonly Binding[],
): Promise<void> =>
  database.write(
    ['DELETE FROM binding WHERE user = ?', [user]],
    ...bindings.map(
      ({ contact, source, callId, cseq, expires }): Statement => [
        'INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?, ?)',
        [user, contact, source.address, source.port, callId, cseq, expires],
      ],
    ),
  )
