// The report's own script: reads the data block beside it, shows it, sends nothing. Text goes in as text, never as markup.
// The files of this folder are joined in the order page.js, curve.js, needs.js, rest.js into one module.
const data = JSON.parse(document.getElementById('data').textContent);
const { run, summary, themes, needs } = data;
const TIERS = ['confirmed', 'watch', 'whisper'];
const CUES = ['desire', 'absence', 'workaround', 'effort', 'resignation', 'comparison', 'worry', 'delight'];
const byId = (id) => document.getElementById(id);

function fill(element, props, children) {
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
const svg = (tag, props, ...children) => fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);

const whole = new Intl.NumberFormat('en');
const count = (n) => whole.format(n);
const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`;
const fixed = (x, digits) => (x === null || x === undefined ? '–' : x.toFixed(digits).replace('-', '−'));
const percent = (x, digits = 0) => (x === null || x === undefined ? '–' : `${fixed(100 * x, digits)} %`);
const signed = (x, digits) => (x > 0 ? '+' : '') + fixed(x, digits);
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
function day(date) {
  const [y, m, d] = date.split('-').map(Number);
  return `${d} ${MONTHS[m - 1]} ${y}`;
}
const clip = (text, n) => (text.length > n ? text.slice(0, n - 1).trimEnd() + '…' : text);
const join = (list) => (list.length < 2 ? list.join('') : `${list.slice(0, -1).join(', ')} and ${list[list.length - 1]}`);
const bdi = (text) => h('bdi', null, text);

// One floating hint for the whole page: any element with data-tip, by pointer or by focus.
const tip = byId('tip');
let tipped = null;
function hideTip() {
  tip.hidden = true;
}
function showTip(element) {
  tipped = element;
  tip.textContent = element.getAttribute('data-tip');
  tip.hidden = false;
  const box = element.getBoundingClientRect(),
    own = tip.getBoundingClientRect();
  const left = Math.max(8, Math.min(innerWidth - own.width - 8, box.left + box.width / 2 - own.width / 2));
  const above = box.top - own.height - 8;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 4 ? above : box.bottom + 8}px`;
}
for (const [on, off] of [
  ['pointerover', 'pointerout'],
  ['focusin', 'focusout'],
]) {
  document.addEventListener(on, (event) => {
    const element = event.target.closest?.('[data-tip]');
    if (element) showTip(element);
  });
  document.addEventListener(off, hideTip);
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') hideTip();
});
document.addEventListener(
  'scroll',
  () => {
    // what has the focus has often just been scrolled to
    if (!tip.hidden && tipped === document.activeElement) showTip(tipped);
    else hideTip();
  },
  { passive: true },
);

// Light, dark, or as the system has it.
const schemes = ['auto', 'light', 'dark'];
let scheme = 0;
function setScheme(next) {
  scheme = next % 3;
  document.documentElement.style.colorScheme = scheme ? schemes[scheme] : 'light dark';
  byId('scheme').textContent = `Colours: ${schemes[scheme]}`;
}
byId('scheme').addEventListener('click', () => setScheme(scheme + 1));
setScheme(0);

function table(caption, heads, rows, style) {
  const cell = (tag, content, i, props) =>
    h(tag, { class: heads[i].number ? 'number' : heads[i].whole ? 'whole' : null, ...props }, content);
  return h(
    'table',
    { class: style },
    caption && h('caption', null, caption),
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        heads.map((head, i) => cell('th', head.text, i, { scope: 'col' })),
      ),
    ),
    h(
      'tbody',
      null,
      rows.map((row) =>
        h(
          'tr',
          null,
          row.map((content, i) => cell('td', content, i)),
        ),
      ),
    ),
  );
}

// ---- the outcome
function showOutcome() {
  const { confirmed, watch, whisper } = run.needs,
    total = confirmed + watch + whisper;
  const headline = byId('headline');
  document.title = `edgewise: ${plural(confirmed, 'need')} confirmed`;
  byId('source').append('Report on ', bdi(join(run.inputs) || 'a corpus'));
  if (confirmed) {
    headline.append(
      h('em', null, plural(confirmed, 'need')),
      ` ${confirmed === 1 ? 'is' : 'are'} confirmed`,
      watch ? `, ${count(watch)} to watch` : '',
      whisper ? `, ${plural(whisper, 'whisper')}` : '',
      '.',
    );
  } else {
    headline.append(
      'No need is confirmed',
      watch ? `; ${count(watch)} to watch` : '',
      whisper ? `, ${plural(whisper, 'whisper')}` : '',
      '.',
    );
  }
  const lead = [];
  if (confirmed) lead.push('Confirmed holds at a false discovery rate of 10 %, measured on decoys made from this corpus.');
  else if (!run.decoys) lead.push('No decoys were made in this run, so nothing could be confirmed.');
  else if (total) lead.push('What was found does not stand out enough against decoys made from this corpus.');
  else lead.push('No small group at the edge of this corpus held together.');
  if (summary.in_confirmed) {
    const part = summary.in_confirmed / summary.comments;
    lead.push(
      `${plural(summary.in_confirmed, 'comment speaks', 'comments speak')} of ${confirmed === 1 ? 'it' : 'them'}: ` +
        `${percent(part, part < 0.1 ? 1 : 0)} of all.`,
    );
  }
  byId('lead').textContent = lead.join(' ');
  const facts = [['comments read', count(run.counts.read)]];
  if (summary.customers) facts.push(['customers', count(summary.customers)]);
  if (summary.first)
    facts.push([
      'period',
      summary.first === summary.last ? day(summary.first) : `${day(summary.first)} – ${day(summary.last)}`,
    ]);
  if (summary.sources.length) {
    const names = summary.sources.slice(0, 4).map(([name]) => clip(name, 24));
    if (summary.n_sources > names.length) names.push(`${count(summary.n_sources - names.length)} more`);
    facts.push([summary.n_sources === 1 ? 'source' : 'sources', join(names)]);
  }
  if (summary.products) facts.push([summary.products === 1 ? 'product' : 'products', count(summary.products)]);
  byId('facts').append(...facts.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, bdi(value)))));
}
