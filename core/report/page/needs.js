// ---- the needs: cards, filters, search
const STEP = 20;
const shownTiers = new Set(TIERS),
  shownKinds = new Set(['latent', 'expressed', 'mixed']);
let words = [],
  onlyEmerging = false,
  limit = STEP,
  visible = needs;

// What each figure means, in plain words: hints on the cards, and the list under "Why it is here".
const FIGURES = [
  ['size', 'comments', (n) => count(n.size), 'How many comments say it.'],
  ['customers', 'customers', (n) => (n.customers ? count(n.customers) : null), 'How many different customers say it.'],
  [
    'families',
    'independent',
    (n) => count(n.families),
    'Comments left when near copies count once: the number of independent pieces of evidence.',
  ],
  [
    'fringe',
    'fringe',
    (n) => fixed(n.fringe, 2),
    'How far from the middle of the corpus it lies: 0 is the middle, 1 the outermost comment.',
  ],
  [
    'stability',
    'stability',
    (n) => percent(n.stability),
    'How much of the group comes back when the analysis is done in other ways.',
  ],
  [
    'q',
    'q',
    (n) => fixed(n.q, n.q !== null && n.q < 0.1 ? 3 : 2),
    'The share of false needs to expect among all that look at least this strong. Lower is surer.',
  ],
  [
    'impact',
    'rating points',
    (n) => (n.impact ? `${signed(n.impact.rating, 1)} (${signed(n.impact.low, 1)} to ${signed(n.impact.high, 1)})` : null),
    'How these customers rate against comparable comments, with a 95 % interval.',
  ],
];
const factors = (n) =>
  Object.entries(n.score_parts)
    .map(([term, part]) => `${term} ${fixed(part.factor, 2)}`)
    .join(' × ');
const REASONS = [
  [
    'significance',
    'significance',
    (n) => fixed(n.why.significance, 1),
    'How far it stands above what decoys without structure reach; 0 is their edge.',
  ],
  ['inside', 'likeness inside', (n) => fixed(n.why.inside, 2), 'Mean similarity of its comments to each other.'],
  [
    'outside',
    'likeness outside',
    (n) => fixed(n.why.outside, 2),
    'Mean similarity to the ten nearest comments that are not in it. The gap to the line above sets it apart.',
  ],
  [
    'expressed_share',
    'asked for',
    (n) => percent(n.why.expressed_share),
    'The share of its comments that ask for something outright. The rest live with it.',
  ],
  ['top_customer', 'largest customer', (n) => percent(n.why.top_customer), 'The largest share that comes from one customer.'],
  ['top_day', 'largest day', (n) => percent(n.why.top_day), 'The largest share that comes from one day.'],
  ['top_source', 'largest source', (n) => percent(n.why.top_source), 'The largest share that comes from one source.'],
  [
    'quiet_share',
    'told unasked',
    (n) => percent(n.why.quiet_share),
    'The share of its comments that tell of a workaround, effort, resignation or worry.',
  ],
  [
    'score',
    'score',
    (n) => fixed(n.score, 3),
    (n) => `What the needs are ranked by: P / (1 + P), where P = ${factors(n)}.`,
  ],
];

// Pieces of a comment, cues marked. Only the exemplar sentence where asked for.
function pieces(verbatim, onlyExemplar) {
  const all = verbatim.text,
    some = onlyExemplar ? all.filter((piece) => (piece[1] || 0) & 1) : all;
  const shown = some.length ? some : all,
    out = [];
  for (const [text, flags = 0] of shown) {
    const cue = (flags >> 1) - 1,
      clean = text.replaceAll('\u0000', '\ufffd');
    out.push(cue >= 0 ? h('mark', { class: `c${cue}`, title: CUES[cue] }, clean) : clean);
  }
  if (verbatim.bytes && !some.length) out.push('…');
  return out;
}

function quote(verbatim, onlyExemplar) {
  const from = [
    verbatim.customer,
    verbatim.segment,
    verbatim.product,
    verbatim.source,
    verbatim.date && day(verbatim.date),
    verbatim.rating !== undefined && `rated ${verbatim.rating}`,
    verbatim.id,
  ].filter(Boolean);
  const said = from.flatMap((part, i) => [i ? '\u00a0· ' : '', bdi(clip(String(part), 60))]);
  return h(
    'li',
    { class: 'quote' },
    h('blockquote', null, h('span', { dir: 'auto' }, pieces(verbatim, onlyExemplar)), h('span', { class: 'said' }, said)),
  );
}

// When it was said: one tick a comment over the period of the corpus.
function rug(need) {
  if (!summary.first || summary.first === summary.last || !need.days.length) return null;
  const span = Math.max(1, (Date.parse(summary.last) - Date.parse(summary.first)) / 864e5),
    at = (d) => (d / span) * 268;
  const ticks = need.days.map((d) => svg('line', { x1: at(d), x2: at(d), y1: 6, y2: 18 }));
  return svg(
    'svg',
    {
      class: 'rug',
      viewBox: '0 0 270 36',
      role: 'img',
      'aria-label': `When its comments were written, ${day(summary.first)} to ${day(summary.last)}`,
    },
    svg('line', { class: 'base', x1: 0, x2: 270, y1: 18.5, y2: 18.5 }),
    ticks,
    svg('text', { x: 0, y: 33 }, day(summary.first)),
    svg('text', { x: 270, y: 33, 'text-anchor': 'end' }, day(summary.last)),
  );
}

function context(need) {
  const lines = [],
    theme = themes.find((one) => one.id === need.theme),
    alike = needs.find((one) => one.id === need.alike),
    bold = (text) => h('b', null, bdi(text));
  const list = (head, names) =>
    names.length && lines.push([head, names.slice(0, 6).flatMap((name, i) => [i ? ', ' : '', bold(clip(name, 40))])]);
  if (need.segments.length)
    lines.push([
      'Said most by ',
      need.segments
        .slice(0, 3)
        .flatMap((s, i) => [i ? ', ' : '', bold(clip(s.segment, 40)), ` (${fixed(s.ratio, 1)} times its share)`]),
    ]);
  const lifts = Object.entries(need.cue_lift);
  if (lifts.length)
    lines.push([
      'Unlike the rest of its theme: ',
      lifts.flatMap(([kind, one], i) => [
        i ? ', ' : '',
        bold(kind),
        ` in ${percent(one.share)} of its comments (there ${percent(one.rest)})`,
      ]),
    ]);
  list('Next to ', need.products);
  list('Compared with ', need.competitors);
  if (alike) lines.push([`Close to ${alike.rank}, `, [h('a', { href: `#${alike.id}` }, bdi(alike.name))]]);
  if (theme) lines.push(['In or beside the theme ', [h('a', { href: '#themes' }, bdi(theme.name))]]);
  return lines.map((line) => h('p', { class: 'context' }, line[0], line[1]));
}

function reasons(need) {
  const rows = [...FIGURES, ...REASONS]
    .map(([, name, show, meaning]) => [name, show(need), typeof meaning === 'function' ? meaning(need) : meaning])
    .filter((row) => row[1] !== null && row[1] !== '–');
  return h(
    'details',
    null,
    h('summary', null, 'Why it is here'),
    h(
      'p',
      { class: 'context' },
      need.why.condition
        ? ['Kept from the next tier by: ', h('b', null, need.why.condition), '.']
        : need.tier === 'confirmed'
          ? 'Every condition of confirmed is met.'
          : '',
    ),
    h(
      'dl',
      { class: 'why' },
      rows.flatMap(([name, value, meaning]) => [
        h('dt', null, name),
        h('dd', { class: 'value' }, value),
        h('dd', null, meaning),
      ]),
    ),
  );
}

function card(need) {
  const quotes = need.verbatims.filter((v) => v.text.some((piece) => (piece[1] || 0) & 1)).slice(0, 3);
  const first = quotes.length ? quotes : need.verbatims.slice(0, 3);
  const all = h(
    'details',
    null,
    h(
      'summary',
      null,
      need.verbatims.length < need.size
        ? `Read ${count(need.verbatims.length)} of ${count(need.size)} comments`
        : need.size === 1
          ? 'Read the whole comment'
          : `Read all ${count(need.size)} comments`,
    ),
  );
  all.addEventListener('toggle', () => {
    if (all.open && all.children.length === 1)
      all.append(
        h(
          'ol',
          { class: 'cards' },
          need.verbatims.map((v) => quote(v, false)),
        ),
      );
  });
  const since = need.onset ? `since ${day(need.onset)}` : null;
  return h(
    'li',
    { class: `card ${need.tier}`, id: need.id, tabindex: -1 },
    h('div', { class: 'rank', 'aria-label': `rank ${need.rank}` }, String(need.rank)),
    h(
      'div',
      null,
      h('h3', { dir: 'auto' }, need.name),
      h(
        'p',
        { class: 'badges' },
        h('span', { class: `badge ${need.tier}` }, need.tier),
        h('span', { class: `badge ${need.kind}` }, need.kind),
        need.emerging && h('span', { class: 'badge emerging' }, '↗ emerging'),
        since && h('span', null, since),
      ),
      h(
        'ul',
        { class: 'cards' },
        first.map((v) => quote(v, true)),
      ),
      all,
      reasons(need),
    ),
    h(
      'div',
      { class: 'side' },
      h(
        'dl',
        { class: 'figures' },
        FIGURES.map(([, name, show, meaning]) => [name, show(need), meaning])
          .filter((row) => row[1] !== null)
          .map(([name, value, meaning]) => h('div', { 'data-tip': meaning }, h('dt', null, name), h('dd', null, value))),
      ),
      rug(need),
      context(need),
    ),
  );
}

const haystacks = new Map();
function haystack(need) {
  if (!haystacks.has(need)) {
    const text = need.verbatims.map((v) => `${v.id} ${v.customer || ''} ${v.text.map((piece) => piece[0]).join('')}`);
    haystacks.set(
      need,
      [
        need.id,
        need.name,
        ...need.words,
        ...need.products,
        ...need.competitors,
        ...need.segments.map((s) => s.segment),
        ...text,
      ]
        .join('\n')
        .toLowerCase(),
    );
  }
  return haystacks.get(need);
}

function render() {
  visible = needs.filter(
    (need) =>
      shownTiers.has(need.tier) &&
      shownKinds.has(need.kind) &&
      (!onlyEmerging || need.emerging) &&
      words.every((word) => haystack(need).includes(word)),
  );
  byId('cards').replaceChildren(...visible.slice(0, limit).map(card));
  byId('status').textContent = needs.length
    ? `${visible.length === needs.length ? 'All' : `${count(visible.length)} of`} ` +
      `${plural(needs.length, 'need')}${visible.length === needs.length ? '' : ' match'}.`
    : 'No need was found in this corpus.';
  const more = byId('more');
  more.hidden = visible.length <= limit;
  more.textContent = `Show ${count(Math.min(STEP, visible.length - limit))} more`;
}

function grow() {
  const list = byId('cards');
  list.append(...visible.slice(limit, limit + STEP).map(card));
  const next = list.children[limit];
  limit += STEP;
  byId('more').hidden = visible.length <= limit;
  byId('more').textContent = `Show ${count(Math.min(STEP, visible.length - limit))} more`;
  next?.focus({ preventScroll: true });
}

// A link to a need leads there even if it is filtered out or not drawn yet.
function goToHash() {
  const id = decodeURIComponent(location.hash.slice(1)),
    need = needs.find((one) => one.id === id);
  if (!need) return;
  if (!visible.includes(need)) resetFilters();
  const at = visible.indexOf(need);
  if (at >= limit) {
    limit = Math.ceil((at + 1) / STEP) * STEP;
    render();
  }
  for (const old of document.querySelectorAll('.card.here')) old.classList.remove('here');
  const element = byId(id);
  element.classList.add('here');
  element.scrollIntoView({ block: 'start' });
  element.focus({ preventScroll: true });
}

const chips = [];
function chip(text, set, value) {
  const button = h('button', { type: 'button', class: 'chip', 'aria-pressed': 'true' }, text);
  button.addEventListener('click', () => {
    if (!set.delete(value)) set.add(value);
    button.setAttribute('aria-pressed', set.has(value));
    limit = STEP;
    render();
  });
  chips.push([button, set, value]);
  return button;
}

function resetFilters() {
  for (const [button, set, value] of chips) {
    set.add(value);
    button.setAttribute('aria-pressed', 'true');
  }
  for (const button of document.querySelectorAll('.chip.only')) button.setAttribute('aria-pressed', 'false');
  onlyEmerging = false;
  words = [];
  byId('search').value = '';
  render();
}

function showNeeds() {
  const tally = (key, value) => needs.filter((need) => need[key] === value).length;
  const box = byId('filters'),
    search = h('input', {
      type: 'search',
      id: 'search',
      placeholder: 'Search words',
      'aria-label': 'Search names and comments',
      autocomplete: 'off',
    });
  const group = (name, key, values, set) => {
    const there = values.filter((value) => tally(key, value));
    return (
      there.length > 1 &&
      h(
        'fieldset',
        { 'aria-label': name },
        there.map((value) => chip(`${value} ${count(tally(key, value))}`, set, value)),
      )
    );
  };
  const emerging = needs.filter((need) => need.emerging).length;
  const only =
    emerging > 0 &&
    h('button', { type: 'button', class: 'chip only', 'aria-pressed': 'false' }, `only emerging ${count(emerging)}`);
  if (only)
    only.addEventListener('click', () => {
      onlyEmerging = !onlyEmerging;
      only.setAttribute('aria-pressed', onlyEmerging);
      limit = STEP;
      render();
    });
  search.addEventListener('input', () => {
    words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    limit = STEP;
    render();
  });
  box.addEventListener('submit', (event) => event.preventDefault());
  fill(box, null, [
    group('Tiers', 'tier', TIERS, shownTiers),
    group('Kinds', 'kind', ['latent', 'expressed', 'mixed'], shownKinds),
    only,
    search,
  ]);
  box.hidden = !needs.length;
  byId('more').addEventListener('click', grow);
  const used = new Set(
    needs.flatMap((need) => need.verbatims.flatMap((v) => v.text.map((piece) => ((piece[1] || 0) >> 1) - 1))),
  );
  byId('cue-legend').append(
    ...CUES.map((name, i) => used.has(i) && h('li', null, h('mark', { class: `c${i}` }, name))).filter(Boolean),
  );
  render();
  addEventListener('hashchange', goToHash);
  goToHash();
}
