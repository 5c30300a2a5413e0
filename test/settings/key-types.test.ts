// What the schemas cost a box that has read its configuration: nothing.
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { boardSchema } from '../../firmware/settings/board-schema.js'
import { profileSchema } from '../../firmware/settings/profile-schema.js'
import { configSchema } from '../../firmware/settings/schema.js'
import { collectGarbage } from '../../hal/linux/memory.js'

for (const [name, schema] of Object.entries({ configSchema, profileSchema, boardSchema }))
  t.test(`${name} is one as long as it is used, then garbage, then made anew`, async t => {
    const used = new WeakRef(schema())
    t.ok(schema() === used.deref(), 'one')
    // Whoever was given it may keep it to the end of his turn.
    await setImmediate()
    collectGarbage()
    t.equal(used.deref(), undefined, 'garbage')
    t.match(schema().safeParse({ frob: 1 }), { success: false }, 'made anew')
  })
