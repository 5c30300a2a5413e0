// Evaluated inside a page by portal-browser.test.ts: text whose contrast to its ground is below 4.5 (WCAG 2.1 §1.4.3),
// controls lower than 44 pixels (§2.5.5), fields without a label, and how wide the page is.
;(() => {
  const channels = colour => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = colour => {
    const [r, g, b] = channels(colour).map(value => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ground = element => {
    if (element === null) return 'rgb(255, 255, 255)'
    const colour = getComputedStyle(element).backgroundColor
    return channels(colour)[3] === 0 ? ground(element.parentElement) : colour
  }
  const contrast = element => {
    const [a, b] = [getComputedStyle(element).color, ground(element)].map(luminance)
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
  }
  const faint = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const element = text.parentElement
    if (text.textContent.trim() === '' || element.closest('option') !== null) continue
    if (contrast(element) < 4.5) faint.push(`${text.textContent} ${contrast(element).toFixed(1)}`)
  }
  const controls = [...document.querySelectorAll('button, input, select, nav a')].filter(
    element => element.type !== 'hidden' && !element.hidden,
  )
  const short = elements => elements.map(element => element.outerHTML.slice(0, 80))
  return {
    faint,
    small: short(
      controls
        .map(element => element.closest('label') ?? element)
        .filter(element => element.getBoundingClientRect().height < 44),
    ),
    nameless: short(
      controls.filter(
        element => 'labels' in element && element.tagName !== 'BUTTON' && element.labels.length === 0,
      ),
    ),
    width: document.documentElement.scrollWidth,
  }
})()
