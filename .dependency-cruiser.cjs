// Which folder may import what. The compiler (project references) refuses wrong imports between projects;
// these rules refuse wrong imports inside one project and npm packages in the wrong place (design: one package, one folder).
const only = (pkg, folder) => ({
  name: `${pkg}-only-in-its-folder`,
  severity: 'error',
  from: { path: '^(hal|firmware|board|scripts)/', pathNot: folder },
  to: { path: `node_modules/${pkg}/` },
})
const siblings = ['phone', 'line', 'media', 'sip', 'settings', 'xcap']
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'contracts-import-nothing',
      severity: 'error',
      from: { path: '^hal/[^/]+\\.ts$' },
      to: { pathNot: '^hal/[^/]+\\.ts$' },
    },
    {
      name: 'firmware-sees-contracts-only',
      severity: 'error',
      from: { path: '^firmware/' },
      to: { path: '^(hal/(sim|linux|chips|conformance)|board|test|scripts)/' },
    },
    {
      name: 'hal-is-below',
      severity: 'error',
      from: { path: '^hal/' },
      to: { path: '^(firmware|board|test|scripts)/' },
    },
    {
      name: 'sim-and-linux-apart',
      severity: 'error',
      from: { path: '^hal/sim/' },
      to: { path: '^hal/(linux|chips)/' },
    },
    {
      name: 'phone-is-pure',
      severity: 'error',
      from: { path: '^firmware/phone/' },
      to: { pathNot: '^firmware/phone/' },
    },
    {
      name: 'line-is-pure',
      severity: 'error',
      from: { path: '^firmware/line/' },
      to: { pathNot: '^(firmware/line|hal)/' },
    },
    ...siblings.map(name => ({
      name: `${name}-does-not-know-its-siblings`,
      severity: 'error',
      from: { path: `^firmware/${name}/` },
      to: { path: `^firmware/(${siblings.filter(s => s !== name).join('|')}|run|trace|console|status)/` },
    })),
    {
      name: 'trace-knows-phone-types',
      severity: 'error',
      from: { path: '^firmware/trace/' },
      to: { path: '^firmware/(line|media|sip|settings|run)/' },
    },
    {
      name: 'console-sees-queries-only',
      severity: 'error',
      // What it asks of the box stands in console-box.ts: plain types of its own, and the diagnosis of run.
      from: { path: '^firmware/console/' },
      to: {
        path: '^firmware/',
        pathNot: '^firmware/(console/|run/(diagnosis|facts|verdicts|line-tests)|errors\\.ts|log\\.ts)',
      },
    },
    {
      name: 'nobody-leans-on-the-console',
      severity: 'error',
      from: { path: '^firmware/', pathNot: '^firmware/(console|status)/' },
      to: { path: '^firmware/console/' },
    },
    {
      name: 'wire-stands-alone',
      severity: 'error',
      from: { path: '^firmware/sip/wire/' },
      to: { path: '^firmware/', pathNot: '^firmware/sip/wire/' },
    },
    {
      name: 'bench-ends-share-no-code',
      severity: 'error',
      // Its tests put it on the simulated network.
      from: { path: '^test/operator/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(firmware|board|hal/sim)/', pathNot: '^firmware/sip/wire/' },
    },
    {
      name: 'tests-share-below-scripts',
      severity: 'error',
      // What tests have in common stands in test/support, and scripts use it from there; a test may still be of a script.
      from: { path: '^test/', pathNot: '\\.test\\.ts$' },
      to: { path: '^scripts/' },
    },
    {
      name: 'handset-shares-no-code',
      severity: 'error',
      from: { path: '^hal/sim/' },
      to: { path: '^firmware/' },
    },
    only('sip\\.js', '^firmware/sip/engine/'),
    only('sdp-transform', '^firmware/sip/'),
    only('sqlite3', '^firmware/settings/'),
    only('zod', '^firmware/settings/'),
    only('fast-xml-parser', '^firmware/xcap/'),
    only('toml-eslint-parser', '^firmware/settings/'),
    only('pino', '^board/'),
    only('serialport', '^hal/linux/'),
    only('koffi', '^hal/linux/'),
    only('onoff', '^hal/linux/gpio-onoff'),
    only('esbuild', '^scripts/'),
    {
      name: 'npm-not-in-pure-code',
      severity: 'error',
      from: { path: '^(hal/[^/]+\\.ts|hal/sim/|firmware/(phone|line|media|trace|run|console)/)' },
      to: { path: 'node_modules/', pathNot: 'node_modules/@types/node' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'test/tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
}
