// The portal in a real browser (Debian's Chromium): what a person does there, on a telephone's screen and on a desk, with
// eyes, without eyes and without a mouse. With PORTAL_SHOTS=FOLDER each page is also kept as a picture.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import t from 'tap'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { LinuxNetwork } from '../../../hal/linux/network.js'
import { openPortalWorld, type PortalWorld, password, user } from '../../support/portal-world.js'
import { openHttpServer } from '../http-server.js'
import { initialProfile } from '../profiles.js'

const executablePath = '/usr/bin/chromium'
const now = Date.UTC(2026, 2, 15, 10)
const shots = process.env['PORTAL_SHOTS']
const screens = {
  telephone: { width: 390, height: 844 },
  desk: { width: 1280, height: 900 },
} as const
const skip = existsSync(executablePath) ? false : 'needs the Debian package chromium (scripts/install-peers)'

interface Visit {
  readonly world: PortalWorld
  readonly page: Page
  readonly screen: keyof typeof screens
  keep(name: string): Promise<void>
}

// Browsers are slow on a busy machine.
t.setTimeout(300_000)

// Its own sandbox needs a user that is not root.
const browser: Browser | undefined = skip
  ? undefined
  : await chromium.launch({ executablePath, args: ['--no-sandbox'] })

const onScreen = async (
  title: string,
  names: readonly (keyof typeof screens)[],
  body: (t: import('tap').Test, visit: Visit) => Promise<void>,
) => {
  for (const screen of names)
    await t.test(`${title} (${screen})`, { skip }, async t => {
      const world = await openPortalWorld(now)
      const server = await openHttpServer(
        { address: '127.0.0.1', port: 0 },
        { network: new LinuxNetwork(), clock: new LinuxClock() },
        [world.portal],
      )
      const context = await (browser as Browser).newContext({
        viewport: screens[screen],
        locale: 'fr-FR',
        baseURL: `http://127.0.0.1:${server.local.port}`,
      })
      const page = await context.newPage()
      page.setDefaultTimeout(10_000)
      const keep = async (name: string): Promise<void> => {
        if (shots !== undefined)
          await page.screenshot({ path: join(shots, `${screen}-${name}.png`), fullPage: true })
      }
      try {
        await body(t, { world, page, screen, keep })
      } finally {
        await context.close()
        await server.close()
        await world.database.close()
      }
    })
}

const logIn = async (page: Page): Promise<void> => {
  await page.goto('/')
  await page.getByLabel('Numéro de votre ligne').fill('03 89 00 00 01')
  await page.getByLabel('Mot de passe').fill(password)
  await page.getByRole('button', { name: 'Me connecter' }).click()
  await page.getByRole('heading', { level: 1, name: 'Mes services' }).waitFor()
}

/** One rubric of "Mes services". */
const rubric = (page: Page, name: string) => page.getByRole('region', { name })
const validate = async (page: Page, name: string): Promise<string> => {
  await rubric(page, name).getByRole('button', { name: 'Valider ma modification' }).click()
  return (await page.getByRole('status').or(page.getByRole('alert')).textContent()) ?? ''
}

await onScreen(
  'each rubric of "Mes services" is set and confirmed (guide lines 13, 47, 67, 105-117)',
  ['telephone', 'desk'],
  async (t, { world, page, keep }) => {
    const profile = () => world.profiles.of(user)
    await page.goto('/')
    await keep('connexion')
    await logIn(page)
    await keep('services')
    await page.getByLabel('Adresse e-mail').fill('caroline.alain@hombourgennergies-services.fr')
    await page.getByRole('switch', { name: 'Recevoir mes messages vocaux' }).check()
    t.match(await validate(page, 'Mail de réception'), /adresse de réception est enregistrée/)
    t.match(profile(), { mailAddress: 'caroline.alain@hombourgennergies-services.fr', mailMessages: true })
    await page.getByRole('switch', { name: 'Renvoi permanent sur la messagerie' }).check()
    t.match(await validate(page, 'Renvoi sur votre messagerie vocale'), /enregistré/)
    t.equal(profile().voicemailAlways, true)
    await page
      .getByLabel('Durée avant la messagerie ou le transfert')
      .selectOption({ label: '40 secondes (8 sonneries)' })
    t.match(await validate(page, 'Nombre de sonneries'), /enregistré/)
    t.equal(profile().ringSeconds, 40)
    const unanswered = page.getByRole('group', { name: 'Transfert sur non-réponse' })
    await unanswered.getByRole('switch').check()
    await unanswered.getByLabel('Numéro de téléphone').fill('06 12 34 56 78')
    t.match(await validate(page, "Transfert d'appel"), /transfert d.appel est enregistré/i)
    await keep('enregistre')
    t.match(profile(), { forwardNoReply: '0612345678', voicemailAlways: true })
    t.equal(
      await unanswered.getByLabel('Numéro de téléphone').inputValue(),
      '06\u00a012\u00a034\u00a056\u00a078',
    )
    await unanswered.getByRole('switch').uncheck()
    await unanswered.getByLabel('Numéro de téléphone').fill('')
    await validate(page, "Transfert d'appel")
    t.equal(profile().forwardNoReply, undefined, 'unticked and emptied: off')
  },
)

await onScreen(
  'what is wrong is said at the field, which has the focus; nothing is changed',
  ['telephone'],
  async (t, { world, page, keep }) => {
    await logIn(page)
    const always = page.getByRole('group', { name: 'Transfert permanent' })
    await always.getByRole('switch').check()
    await always.getByLabel('Numéro de téléphone').fill('112')
    t.match(await validate(page, "Transfert d'appel"), /n'est pas enregistrée/)
    await keep('faute')
    const field = always.getByLabel('Numéro de téléphone')
    t.equal(await page.locator(':focus').getAttribute('id'), 'permanent-numero')
    t.equal(await field.inputValue(), '112')
    const note = await field.getAttribute('aria-describedby')
    t.match(await page.locator(`#${note}`).textContent(), /numéro d'urgence/)
    t.same(world.profiles.of(user), initialProfile)
  },
)

await onScreen(
  'the arrow "retour à l\'état initial" restores the defaults (guide lines 163-171)',
  ['telephone'],
  async (t, { world, page }) => {
    await world.profiles.change(
      user,
      { forwardNoReply: '0612345678', ringSeconds: 60, masking: true, voicemailAlways: true },
      'star-code',
    )
    await logIn(page)
    await page.getByRole('button', { name: "Retour à l'état initial des services" }).click()
    t.match(await page.getByRole('status').textContent(), /état initial/)
    t.same(world.profiles.of(user), initialProfile)
    t.equal(await page.getByLabel('Durée avant la messagerie ou le transfert').inputValue(), '20')
    t.equal(await page.getByRole('switch', { name: 'Renvoi permanent' }).isChecked(), false)
  },
)

const someCalls = async (world: PortalWorld): Promise<void> => {
  const day = 86_400_000
  await world.called('0389000002', now - 60_000, 60)
  await world.called('0612345678', now - 3_600_000, 125)
  await world.called('0612345678', now - 7_200_000, undefined)
  await world.called('0033612345678', now - day, 30, user)
  await world.called('112', now - 2 * day, 95)
  for (let i = 0; i < 12; i++) await world.called(`03884411${10 + i}`, now - (20 + i * 3) * day, 30 + i * 77)
}

await onScreen(
  'journal and archives: numbers, durations, prices that bind nobody (guide lines 137-141)',
  ['telephone', 'desk'],
  async (t, { world, page, keep }) => {
    await someCalls(world)
    await logIn(page)
    await page.getByRole('link', { name: "Mon journal d'appels" }).click()
    await keep('journal')
    const rows = page.locator('tbody tr')
    t.equal(await rows.count(), 5)
    t.match(await rows.nth(1).textContent(), /06\s12\s34\s56\s78[\s\S]*mobile/)
    t.match(await rows.nth(1).textContent(), /0,21\s€/)
    t.match(await page.locator('main').textContent(), /non contractuelle/)
    await page.getByRole('navigation').getByRole('link', { name: 'Mes archives' }).click()
    await page.getByLabel('Mois à consulter').selectOption({ label: 'janvier 2026' })
    await page.getByRole('button', { name: 'Consulter' }).click()
    await keep('archives')
    t.match(await page.locator('caption').textContent(), /janvier 2026/)
    t.ok((await rows.count()) > 0)
    t.equal(await page.getByLabel('Mois à consulter').inputValue(), '2026-01')
  },
)

await onScreen(
  'wrong passwords: the page says how long to wait',
  ['telephone'],
  async (t, { page, keep }) => {
    for (let i = 0; i < 4; i++) {
      await page.goto('/connexion')
      await page.getByLabel('Numéro de votre ligne').fill(user)
      await page.getByLabel('Mot de passe').fill('guess')
      await page.getByRole('button', { name: 'Me connecter' }).click()
      await page.getByRole('alert').waitFor()
    }
    t.match(await page.getByRole('alert').textContent(), /Attendez 30 secondes/)
    t.equal(await page.getByLabel('Numéro de votre ligne').inputValue(), user)
    await keep('attente')
  },
)

await onScreen('the whole of it works by keyboard alone', ['desk'], async (t, { world, page }) => {
  await page.goto('/')
  const tabTo = async (id: string): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      if ((await page.locator(':focus').getAttribute('id')) === id) return
    }
    throw new Error(`no way to #${id} by Tab`)
  }
  await tabTo('numero')
  await page.keyboard.type(user)
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/services')
  await tabTo('renvoi')
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('status').waitFor()
  t.equal(world.profiles.of(user).voicemailAlways, true)
})

interface Inspection {
  readonly faint: readonly string[]
  readonly small: readonly string[]
  readonly nameless: readonly string[]
  readonly width: number
}
const inspection = readFileSync(
  new URL('../../../../test/operator/portal/inspect-page.js', import.meta.url),
  'utf8',
)
const inspect = (page: Page): Promise<Inspection> => page.evaluate(inspection)

await onScreen(
  'every page fits the screen and can be read, touched and heard: contrast 4.5, 44 pixels, labels',
  ['telephone', 'desk'],
  async (t, { world, page, screen }) => {
    await someCalls(world)
    await page.goto('/connexion')
    const look = async (name: string) => {
      const found = await inspect(page)
      t.same(found.faint, [], `${name}: contrast`)
      t.same(found.small, [], `${name}: size`)
      t.same(found.nameless, [], `${name}: labels`)
      t.ok(found.width <= screens[screen].width, `${name}: no sideways scrolling`)
      t.equal(await page.locator('html').getAttribute('lang'), 'fr')
      t.equal(await page.getByRole('heading', { level: 1 }).count(), 1)
    }
    await look('login')
    await logIn(page)
    for (const path of ['/services?fait=mail', '/journal', '/archives?mois=2026-01', '/mot-de-passe']) {
      await page.goto(path)
      await look(path)
    }
    // The narrowest telephone still around.
    await page.setViewportSize({ width: 320, height: 640 })
    for (const path of ['/services', '/journal']) {
      await page.goto(path)
      t.ok((await inspect(page)).width <= 320, `${path} on 320 pixels`)
    }
  },
)

await browser?.close()
